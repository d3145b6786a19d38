#!/bin/sh
# The suite on builds with the sanitizers for addresses, undefined behaviour
# and leaks: spec/run_asan.sh [gcc|clang] [RUNTIME…]. Without the former: both
# compilers. Without the latter: the newest Lua, the oldest, and LuaJIT. Any
# report is a failure, also that of a process which a spec started.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

compilers='gcc clang'
case ${1-} in gcc | clang) compilers=$1; shift ;; esac
[ $# -gt 0 ] || set -- lua5.4 lua5.1 luajit

flags='-fsanitize=address,undefined -fno-sanitize-recover=all'
export APIVIDEO_SLOW="${APIVIDEO_SLOW:-3}"

# build COMPILER RUNTIME…
build() {
  compiler=$1
  shift
  for runtime in "$@"; do
    set -- "$@" "suite-$runtime" "host-$runtime"
    shift
  done
  "${MAKE:-make}" -s BUILD="build/asan/$compiler" CC="$compiler" \
    CFLAGS="-O1 -g -fno-omit-frame-pointer $flags" "$@"
}

# The runtime of the sanitizers, for programs that are not built with them and
# load the module: nginx.
runtime_of() {
  case $1 in
    clang) clang -print-file-name="libclang_rt.asan-$(uname -m).so" ;;
    *) gcc -print-file-name=libasan.so ;;
  esac
}

# run_suite COMPILER RUNTIME…
run_suite() {
  reports=$PWD/build/asan/$1/reports
  # What the sanitizers take for thread-local memory of a library that was
  # loaded later may be anything: looking for leaks there, they crash.
  options="log_path=$reports/report:exitcode=99:intercept_tls_get_addr=0"
  rm -rf "$reports"
  mkdir -p "$reports"
  status=0
  compiler=$1
  shift
  BUILD="build/asan/$compiler" APIVIDEO_PRELOAD=$(runtime_of "$compiler") \
    ASAN_OPTIONS="$options:detect_leaks=1:detect_stack_use_after_return=1" \
    UBSAN_OPTIONS="$options:print_stacktrace=1" \
    LSAN_OPTIONS='use_tls=1' \
    spec/run_suite.sh --all "$@" || status=$?
  for report in "$reports"/*; do
    [ -f "$report" ] || continue
    cat "$report" >&2
    # The leak checker itself may crash at the end of a process whose threads
    # end at that moment. It has found nothing then, and the other processes
    # have been looked at.
    if grep -q 'LeakSanitizer has encountered a fatal error' "$report" &&
      ! grep -q 'ERROR: ' "$report"; then
      echo 'asan: the leak checker failed in one process, see above' >&2
      continue
    fi
    status=1
  done
  return "$status"
}

failed=''
for compiler in $compilers; do
  build "$compiler" "$@"
  echo "--- $compiler"
  run_suite "$compiler" "$@" || failed="$failed $compiler"
done
[ -z "$failed" ] || { echo "asan: reports or failures:$failed"; exit 1; }
echo 'asan: no reports'
