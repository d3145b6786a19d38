#!/bin/sh
# usage: run_suite.sh [--all] [RUNTIME…]
#        run_suite.sh --runtimes [--all] [RUNTIME…]
#
# Runs the suite on runtimes, those of $RUNTIMES if none are named. Without
# both arguments: on two that differ most, and what spec/where.txt has for
# "all" on the first alone. With "--all" alone: on each runtime, and on those
# two with memory collected all the time, which is a run "…+gc". The modules
# must have been built under $BUILD for what "--runtimes" prints; a build that
# has an interpreter of its own, "host", is run in that.
#
# Each file of specs is a process under a sandbox of its own, JOBS of them at
# the same time; $SPECS may name the files. PREFIX is a command to run the
# interpreter under, in one process for all files; APIVIDEO_SLOW says how many
# times longer things take.
#
# Prints a dot a file, the details of what failed, a line a run, what was
# skipped, and last "N passed, N failed", with ", N skipped" if there are any.
# A file that ends without saying how many passed counts as a failure.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
logs=$build/test
# Seconds for one file, which takes far less unless it hangs.
limit=$((420 * ${APIVIDEO_SLOW:-1}))

# --- one job -----------------------------------------------------------------

# "passed failed skipped seconds" of a log, from the lines in which busted
# counts: "5 successes / 0 failures / 0 errors / 0 pending : 1.5 seconds".
result_in() {
  awk '/^[0-9]+ success(es)? \/ [0-9]+ failures? \/ / {
      passed += $1; failed += $4 + $7; skipped += $10; seconds += $13; n++
    }
    END { if (n > 0) print passed, failed, skipped, seconds }' "$1"
}

# run_job RUN NAME SPEC, which may be "all".
run_job() {
  run=$1 log=$logs/$1/$2.log
  case $3 in all) set -- spec/*_spec.lua ;; *) set -- "$3" ;; esac
  lua=${run%+gc}
  case $run in
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
  # shellcheck disable=SC2086  # the commands are meant to be split
  BUILD="$build" $guard spec/support/with.sh "$lua" sandbox/sandbox -- \
    ${PREFIX-} $program "$(command -v busted)" \
    --helper=spec/support/helper.lua --output=plainTerminal "$@" \
    </dev/null >"$log" 2>&1 || status=$?
  echo "$status" >"$log.status"
  if [ "$status" -eq 0 ]; then printf .; else printf F; fi
}

if [ "${1-}" = --job ]; then
  shift
  run_job "$@"
  exit 0
fi

# --- what runs ---------------------------------------------------------------

only_print='' all=''
if [ "${1-}" = --runtimes ]; then only_print=yes; shift; fi
if [ "${1-}" = --all ]; then all=yes; shift; fi
every=${RUNTIMES:-lua5.4 lua5.3 lua5.2 lua5.1 luajit}
two=''
for runtime in $every; do
  case $runtime in lua5.4 | luajit) two="$two $runtime" ;; esac
done
collected=''
if [ $# -gt 0 ]; then
  runtimes=$*
elif [ -n "$all" ]; then
  runtimes=$every collected=$two
else
  runtimes=${two:-$every}
fi
if [ -n "$only_print" ]; then
  echo "$runtimes"
  exit 0
fi
runs=$runtimes
for runtime in $collected; do runs="$runs $runtime+gc"; done

# A line a job, for each file of specs and each run that looks at it: the run,
# a name, the file. What takes longest comes first.
# shellcheck disable=SC2086  # the files are a list
list_jobs() {
  specs=${SPECS:-$(echo spec/*_spec.lua)}
  if [ -n "${PREFIX-}" ]; then
    for run in $runs; do echo "$run suite all"; done
    return
  fi
  printf '%s\n' $specs | awk -v list="$runs" -v all="$all" '
    function is_for(run) {
      if (where[name] == "once") return run == runs[1]
      if (where[name] == "all") return all || run == runs[1]
      if (where[name] == "luajit") return run ~ /^luajit/
      return 1
    }
    BEGIN { count = split(list, runs, " ") }
    FNR == NR {
      if ($0 !~ /^#/) { where[$1] = $2; seconds[$1] = $3 }
      next
    }
    {
      name = $0
      gsub(/^spec\/|_spec\.lua$/, "", name)
      for (i = 1; i <= count; i++) {
        if (is_for(runs[i])) print seconds[name] + 0, runs[i], name, $0
      }
    }' spec/where.txt - | sort -rn | cut -d ' ' -f 2-
}

rm -rf "$logs"
for run in $runs; do mkdir -p "$logs/$run"; done
list_jobs >"$logs/jobs"
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || cores=2
at_once=${JOBS:-$((cores * 3))}
# Where xargs tells them apart, jobs at the same time serve different ports.
slot='--process-slot-var=APIVIDEO_SLOT'
xargs "$slot" true </dev/null >/dev/null 2>&1 || slot=''
xargs ${slot:+"$slot"} -n 3 -P "$at_once" spec/run_suite.sh --job \
  <"$logs/jobs" || :
echo

# --- what came of it ---------------------------------------------------------

# A line a job: its run and how many passed, failed and were skipped, and its
# seconds; before it, the log of one that failed.
while read -r run name _; do
  log=$logs/$run/$name.log
  [ -f "$log" ] || : >"$log"
  status=$(cat "$log.status" 2>/dev/null) || status=1
  read -r p f s seconds <<RESULT
$(result_in "$log")
RESULT
  # Without counts, or with a status that they do not explain.
  if [ -z "$p" ]; then p=0 f=1 s=0 seconds=0; fi
  if [ "$f" -eq 0 ] && [ "$status" -ne 0 ]; then f=1; fi
  if [ "$f" -ne 0 ]; then
    why="status $status"
    if [ "$status" -eq 124 ]; then why="took more than $limit seconds"; fi
    printf '\n--- %s, %s: %s ---\n' "$run" "$name" "$why"
    cat "$log"
    echo # one that stopped may have left its line unfinished
  fi
  echo "$run $p $f $s $seconds" >>"$logs/results"
done <"$logs/jobs"

awk -v list="$runs" '
  { passed[$1] += $2; failed[$1] += $3; seconds[$1] += $5 }
  END {
    count = split(list, runs, " ")
    for (i = 1; i <= count; i++) {
      run = runs[i]
      printf "%-10s  %4d passed  %3d failed  %6.1f s\n", run, passed[run],
        failed[run], seconds[run]
    }
  }' "$logs/results"

# What was skipped and why, as busted has it: a line with the place, the name,
# and a reason or none.
find "$logs" -name '*.log' -exec awk '
  function show() { if (name != "") print "skipped: " name; name = "" }
  FNR == 1 || /^Pending -> / { show(); line = 0 }
  /^Pending -> / { line = 1; next }
  line == 1 { name = $0; line = 2; next }
  line == 2 && $0 != "" { name = name ": " $0 }
  { line = 0 }
  END { show() }' {} + | sort | uniq -c | awk '
  { times = $1; sub(/^ *[0-9]+ /, "") }
  { print $0 (times > 1 ? " (" times " times)" : "") }'

awk '
  { passed += $2; failed += $3; skipped += $4 }
  END {
    printf "%d passed, %d failed", passed, failed
    if (skipped > 0) printf ", %d skipped", skipped
    print ""
    exit failed > 0
  }' "$logs/results"
