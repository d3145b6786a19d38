# shellcheck shell=sh
# What the commands have in common once everything is installed.

cores() {
  getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

make_here() {
  make -s --no-print-directory -C "$root" -j"$(cores)" "$@"
}

# make_for TARGET RUNTIME…: makes TARGET-RUNTIME for each.
make_for() {
  target=$1
  shift
  for runtime in "$@"; do set -- "$@" "$target-$runtime"; shift; done
  make_here "$@"
}

# Lets the runtime $1 find the module as it is in this checkout.
set_paths() {
  # These would have precedence.
  unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4
  unset LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4
  LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;;"
  LUA_CPATH="$root/build/$1/?.so;;"
  export LUA_PATH LUA_CPATH
}

# 'text', with what is special in it, for a shell.
quote() {
  printf "'"
  printf '%s' "$1" | sed "s/'/'\\\\''/g"
  printf "'"
}
