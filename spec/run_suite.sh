#!/bin/sh
# Runs the suite once for each argument, two at a time, each run under its own
# sandbox. An argument is a runtime, or one with "+gc": with memory collected
# all the time. Without arguments: every runtime in $RUNTIMES, and with "+gc"
# those two that differ most. The modules must have been built under $BUILD; a
# build that has an interpreter of its own, "host", is run in that. PREFIX is a
# command to run the interpreter under, and APIVIDEO_SLOW how many times longer
# things take there.
#
# Prints a line a run, the details of what failed, and last "N passed,
# N failed", with ", N skipped" if there are any. A run that ends without
# saying how many passed counts as a failure.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
logs=$build/test
# Seconds for one run, which takes far less unless it hangs.
limit=$((420 * ${APIVIDEO_SLOW:-1}))

# "passed failed skipped seconds" of a run, from the lines in which busted
# counts: "5 successes / 0 failures / 0 errors / 0 pending : 1.5 seconds".
result_in() {
  grep -aE '^[0-9]+ success(es)? / [0-9]+ failures? / ' "$1" | awk '
    { passed += $1; failed += $4 + $7; skipped += $10; seconds += $13 }
    END { if (NR > 0) print passed, failed, skipped, seconds }'
}

# The sandbox is the same for every runtime: the one that is built first looks
# at it.
specs_for() {
  # shellcheck disable=SC2086  # it is a list
  if [ -n "${SPECS-}" ]; then printf '%s\n' $SPECS; return; fi
  case $1 in
    lua5.4) find spec -name '*_spec.lua' ;;
    *) find spec -name '*_spec.lua' ! -name 'sandbox_*' ;;
  esac | sort
}

# run_specs BUSTED SPEC…: BUSTED is the command with its options.
run_specs() {
  run_busted=$1
  shift
  # shellcheck disable=SC2086  # it is a command
  [ -n "${APIVIDEO_GC-}" ] || exec $run_busted "$@"
  # What is collected all the time should not hold what other specs left.
  worst=0
  for file in "$@"; do
    # shellcheck disable=SC2086
    $run_busted "$file" || worst=$?
  done
  return "$worst"
}

run_one() {
  lua=${1%+gc}
  log=$logs/$1.log
  case $1 in
    *+gc) export APIVIDEO_GC=1 ;;
    *) unset APIVIDEO_GC ;;
  esac
  program=$lua
  if [ -x "$build/$lua/host" ]; then program=$build/$lua/host; fi
  guard=''
  if command -v timeout >/dev/null; then
    guard="timeout --foreground -k 10 $limit"
  fi
  status=0
  busted="${PREFIX-} $program $(command -v busted)"
  busted="$busted --helper=spec/support/helper.lua --output=plainTerminal"
  # shellcheck disable=SC2046,SC2086  # guard and specs are meant to be split
  BUILD="$build" $guard spec/support/with.sh "$lua" \
    sandbox/sandbox -- spec/run_suite.sh --specs "$busted" \
    $(specs_for "$1") </dev/null >"$log" 2>&1 || status=$?
  echo "$status" >"$log.status"
  result=$(result_in "$log")
  if [ -z "$result" ]; then
    why="stopped with status $status"
    if [ "$status" -eq 124 ]; then why="took more than $limit seconds"; fi
    printf '%-10s  %s\n' "$1" "$why"
  else
    echo "$result" | awk -v run="$1" '{
      printf "%-10s  %4d passed  %3d failed  %6.1f s\n", run, $1, $2, $4
    }'
  fi
}

if [ "${1-}" = --one ]; then
  run_one "$2"
  exit 0
fi

if [ "${1-}" = --specs ]; then
  shift
  run_specs "$@"
  exit 0
fi

if [ "${1-}" = --all ]; then set --; fi
if [ $# -eq 0 ]; then
  all=${RUNTIMES:-lua5.4 lua5.3 lua5.2 lua5.1 luajit}
  for runtime in $all; do # those that take longest come first
    case $runtime in lua5.4 | luajit) set -- "$@" "$runtime+gc" ;; esac
  done
  # shellcheck disable=SC2086  # it is a list
  set -- "$@" $all
fi
mkdir -p "$logs"
for run in "$@"; do rm -f "$logs/$run.log" "$logs/$run.log.status"; done
printf '%s\n' "$@" | xargs -n 1 -P "${JOBS:-2}" spec/run_suite.sh --one || :

passed=0 failed=0 skipped=0
for run in "$@"; do
  log=$logs/$run.log
  [ -f "$log" ] || : >"$log"
  read -r p f s _ <<RESULT
$(result_in "$log")
RESULT
  status=$(cat "$log.status" 2>/dev/null) || status=1
  # Without counts, or with a status that they do not explain.
  if [ -z "$p" ]; then p=0 f=1 s=0; fi
  if [ "$f" -eq 0 ] && [ "$status" -ne 0 ]; then f=1; fi
  if [ "$f" -ne 0 ]; then
    printf '\n--- %s, status %s ---\n' "$run" "$status"
    cat "$log"
    echo # a run that stopped may have left its line unfinished
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

printf '%d passed, %d failed' "$passed" "$failed"
if [ "$skipped" -gt 0 ]; then printf ', %d skipped' "$skipped"; fi
printf '\n'
[ "$failed" -eq 0 ]
