#!/bin/sh
# Memcheck on Lua 5.4: no error, nothing definitely lost. The whole suite, or
# with "--calls" what is shorter: 10,000 calls, and 3,000 to a service that is
# unwell. The module must have been built under $BUILD.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
export APIVIDEO_SLOW="${APIVIDEO_SLOW:-20}"

# Lua unloads modules at its end; without their symbols no trace can be read.
memcheck="valgrind --error-exitcode=99 --leak-check=full
  --errors-for-leak-kinds=definite --show-leak-kinds=definite
  --keep-debuginfo=yes --child-silent-after-fork=yes"

# Judges a run by its status and by memcheck's words in a log, of which only
# the sums are shown when all is well.
judge() {
  if [ "$1" -ne 0 ]; then
    cat "$2" >&2
    exit "$1"
  fi
  sed -n 's/^==[0-9]*== *\(definitely lost.*\|ERROR SUMMARY.*\)/\1/p' "$2"
  # Without a leak there is no such summary but this line.
  if grep -q 'no leaks are possible' "$2"; then
    echo 'definitely lost: 0 bytes'
  fi
}

# check LOG SCRIPT [ARGUMENT…]: a script under the sandbox.
check() {
  log=$build/$1
  shift
  status=0
  # shellcheck disable=SC2086  # it is a list
  BUILD="$build" spec/support/with.sh lua5.4 sandbox/sandbox -- \
    $memcheck --log-file="$log" lua5.4 "$@" </dev/null || status=$?
  judge "$status" "$log"
}

if [ "${1-}" = --calls ]; then
  check valgrind.log spec/support/many_calls.lua 10000
  check valgrind-soak.log spec/soak/soak.lua 3000 unmeasured
else
  log=$build/valgrind-suite.log
  status=0
  BUILD="$build" PREFIX="$memcheck --log-file=$log" \
    spec/run_suite.sh lua5.4 || status=$?
  judge "$status" "$log"
fi
