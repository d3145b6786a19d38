#!/bin/sh
# Fuzzes what parses foreign bytes: spec/fuzz/run.sh [SECONDS] [TARGET…], each
# target for that long (60 s), two at a time. Starts from the inputs in corpus/
# and from those that earlier runs found, which are under build/, as are the
# inputs that broke something. $SEED makes a run from the same start take the
# same way; without it, each takes another.
#
# spec/fuzz/run.sh --keep replaces corpus/ by the fewest of all these that reach
# as much.
#
# Prints a line a target, and last "fuzz: N targets, R runs, N crashes".
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

build=$PWD/build/fuzz
crashes=$build/crashes
corpus=spec/fuzz/corpus
options='-timeout=10 -rss_limit_mb=2048 -max_len=4096'
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;"
unset LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4 LUA_INIT LUA_INIT_5_4

if [ "${1-}" = --one ]; then
  seconds=$2 target=$3
  dictionary=spec/fuzz/$target.dict
  [ ! -f "$dictionary" ] || options="$options -dict=$dictionary"
  mkdir -p "$build/found/$target"
  # shellcheck disable=SC2086  # it is a list
  "$build/fuzz/$target" $options -seed="${SEED:-0}" \
    -max_total_time="$seconds" \
    -print_final_stats=1 -artifact_prefix="$crashes/$target-" \
    "$build/found/$target" "$corpus/$target" >"$build/$target.log" 2>&1 || :
  exit 0
fi

# "runs speed coverage" of a target, from the log of its run.
result_in() {
  awk '
    /^stat::number_of_executed_units/ { runs = $2 }
    /^stat::average_exec_per_sec/ { speed = $2 }
    /cov: [0-9]/ { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
    END { print runs + 0, speed + 0, cov + 0 }' "$1"
}

keep() {
  for target in $targets; do
    mkdir -p "$build/found/$target" "$build/kept/$target"
    rm -f "$build/kept/$target"/*
    "$build/fuzz/$target" -merge=1 -set_cover_merge=1 -use_counters=0 \
      -max_len=512 "$build/kept/$target" "$corpus/$target" \
      "$build/found/$target" >"$build/$target.log" 2>&1
    rm -f "$corpus/$target"/*
    cp "$build/kept/$target"/* "$corpus/$target/"
    echo "$target: $(find "$corpus/$target" -type f | wc -l) inputs"
  done
}

seconds=60 keeping=''
case ${1-} in
  --keep) keeping=yes; shift ;;
  *[!0-9]*) ;;
  ?*) seconds=$1; shift ;;
esac
targets=$*
if [ -z "$targets" ]; then
  for file in spec/fuzz/*.c; do
    name=$(basename "$file" .c)
    [ "$name" = fuzz ] || targets="$targets $name"
  done
fi

sanitizers='-fsanitize=fuzzer-no-link,address,undefined'
"${MAKE:-make}" -s BUILD="$build" CC=clang CFLAGS="-O1 -g \
  -fno-omit-frame-pointer $sanitizers -fno-sanitize-recover=all" fuzzers
if [ -n "$keeping" ]; then keep; exit; fi

rm -rf "$crashes"
mkdir -p "$crashes"
# shellcheck disable=SC2086  # it is a list
printf '%s\n' $targets |
  xargs -n 1 -P "${JOBS:-2}" spec/fuzz/run.sh --one "$seconds"

count=0 total=0 broken=0
for target in $targets; do
  log=$build/$target.log
  read -r runs speed coverage <<RESULT
$(result_in "$log")
RESULT
  printf '%-10s %9d runs %7d/s  coverage %4d\n' \
    "$target" "$runs" "$speed" "$coverage"
  count=$((count + 1)) total=$((total + runs))
  # One that did not run at all is as bad.
  if [ "$runs" -eq 0 ] || ! grep -q 'DONE' "$log"; then
    broken=$((broken + 1))
    tail -n 60 "$log"
  fi
done
printf 'fuzz: %d targets, %d runs, %d crashes\n' "$count" "$total" "$broken"
[ "$broken" -eq 0 ] || { echo "see $crashes" >&2; exit 1; }
