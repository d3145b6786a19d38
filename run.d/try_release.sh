# shellcheck shell=sh
# What build/release has, tried in systems that have nothing else: each trial of
# packaging/try.sh in one of its own, against the sandbox; and the zip under
# wine, beside a Lua that has nothing else.

trial_names='lua5.1 lua5.4 luajit cli rockspec src-rock c c++'

need_trials() {
  need_systems
  need_sandbox
  need_windows_build
  need_tools wine unzip
}

# try_release [SYSTEM…]
try_release() {
  case ${1-} in
    --here)
      shift
      try_release_here "$@"
      return ;;
  esac
  chosen=${*:-$release_system}
  for system in $chosen; do
    [ -n "$(system_field "$system" 1)" ] ||
      fail "there is no system '$system', try: $(all_systems)" 2
  done
  [ -f "$root/build/release/SHA256SUMS" ] ||
    fail 'there is nothing in build/release: ./run release VERSION makes it'
  need_root_on_linux
  ensure need_trials
  # shellcheck disable=SC2086  # it is a list
  exec "$root/sandbox/sandbox" -- "$root/run" release --try --here $chosen
}

# In the environment that the sandbox makes.
try_release_here() {
  release=$root/build/release
  (cd "$release" && sha256sum --quiet -c SHA256SUMS)
  failed=0 trials=0
  for system in "$@"; do
    for trial in $trial_names; do try_artefact "$trial" "$system"; done
  done
  make_windows_libraries
  trap stop_wine EXIT
  start_wine
  for runtime in lua5.4 luajit; do try_zip "$runtime"; done
  echo "$((trials - failed)) passed, $failed failed"
  [ "$failed" -eq 0 ]
}

# Copies system $1, to be changed; sets $copy.
copy_system() {
  make_system "$1"
  copy=$systems/$1/release
  mkdir -p "$systems/$1/archives" # what was downloaded once stays
  rm -rf "$copy"
  cp -a "$systems/$1/base" "$copy"
  cp /etc/resolv.conf "$copy/etc/resolv.conf"
}

# The first block of README in language $1.
block_of_readme() {
  awk -v fence="\`\`\`$1" '$0 == "```" && on { exit }
    on { print }
    $0 == fence { on = 1 }' "$root/README.md"
}

# Sets where trial $1 in system $2 leaves what it prints.
begin_trial() {
  log=$root/build/release-trial/$2-$1
  mkdir -p "${log%/*}"
  trials=$((trials + 1)) result=ok
}

# Prints how trial $1 in system $2 has ended, and what it printed last.
end_trial() {
  printf '%-9s  %-8s  %-6s  %s\n' "$2" "$1" "$result" \
    "$(tail -n 1 "$log.out")"
  if [ "$result" = ok ]; then return; fi
  failed=$((failed + 1))
  tail -n 5 "$log.log" >&2
}

try_artefact() {
  begin_trial "$@"
  copy_system "$2"
  cp -R "$release" "$root/packaging/try.sh" "$copy/root"
  block_of_readme lua >"$copy/root/first.lua"
  block_of_readme text >"$copy/root/expected"
  enter "$copy" env APIVIDEO_BASE_URL="$APIVIDEO_BASE_URL" \
    APIVIDEO_API_KEY="$APIVIDEO_API_KEY" DEBIAN_FRONTEND=noninteractive \
    sh -eux /root/try.sh "$1" >"$log.out" 2>"$log.log" </dev/null ||
    result=FAILED
  end_trial "$@"
  rm -rf "$copy"
}

# The zip, on runtime $1: the first script of README, and the command line.
try_zip() {
  begin_trial "$1" wine
  use_zip "$1" >"$log.out" 2>"$log.log" </dev/null || result=FAILED
  end_trial "$1" wine
}

use_zip() {
  unpack_beside "$1" "$release"/apivideo-*-windows-x64.zip &&
    block_of_readme lua >"$fresh/first.lua" &&
    run_unpacked "$1" first.lua | tr -d '\r' >"$fresh/printed" &&
    block_of_readme text | cmp - "$fresh/printed" >&2 &&
    run_unpacked "$1" apivideo-cli.lua doctor >&2 &&
    echo "$1: $(cat "$fresh/printed")"
}
