# shellcheck shell=sh
# Commands that measure.

need_bench() {
  need_tool_runtime
  need_build luajit
  need_runtimes luajit
  need_tools curl gnuplot nginx node npm valgrind
}

run_bench() {
  for word in "$@"; do
    [ "$word" = --short ] || [ -f "$root/bench/rows/$word.lua" ] ||
      fail "there is no row '$word' in bench/rows" 2
  done
  ensure need_bench
  make_here bench ARGS="$*"
}

need_bench_embedding() {
  need_suite lua5.4 luajit
  need_tools wrk
}

run_bench_embedding() {
  ensure need_bench_embedding
  make_here bench-embedding
}
