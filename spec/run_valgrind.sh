#!/bin/sh
# usage: run_valgrind.sh [CALLS [UNWELL]]
#
# CALLS calls (10,000 if not said) under memcheck on Lua 5.4, and then UNWELL
# ones (3,000) to a service that is unwell: no error, nothing definitely lost.
# The module must have been built under $BUILD.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
unset LUA_INIT LUA_INIT_5_4 LUA_PATH_5_4 LUA_CPATH_5_4
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;$PWD/?.lua;;"
export LUA_CPATH="$build/lua5.4/?.so;;"

# Runs a script under the sandbox and under memcheck, whose words go to the
# log that is named first; of what it has to say only the sums are shown.
# Lua unloads modules at its end; without their symbols no trace can be read.
check() {
  log=$build/$1
  shift
  status=0
  sandbox/sandbox -- valgrind --log-file="$log" --error-exitcode=1 \
    --leak-check=full --errors-for-leak-kinds=definite \
    --show-leak-kinds=definite --keep-debuginfo=yes \
    lua5.4 "$@" </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    cat "$log" >&2
    exit "$status"
  fi
  sed -n 's/^==[0-9]*== *\(definitely lost.*\|ERROR SUMMARY.*\)/\1/p' "$log"
  # Without a leak there is no such summary but this line.
  if grep -q 'no leaks are possible' "$log"; then
    echo 'definitely lost: 0 bytes'
  fi
}

check valgrind.log spec/support/many_calls.lua "${1:-10000}"
check valgrind-soak.log spec/soak/soak.lua "${2:-3000}" unmeasured
