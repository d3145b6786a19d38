# shellcheck shell=sh
# Commands that look for faults.

# test [--all] [--library] [RUNTIME…] [SPEC…], where a SPEC is a file of spec/,
# or its name without "_spec.lua": `./run test lua5.4 tls`. --library is for
# specs that look at no host, shell or screen: none of those is installed then.
run_test() {
  all='' chosen='' specs='' need=need_suite target=suite
  for word in "$@"; do
    case $word in
      --all) all=--all ;;
      --library) need=need_specs target=library ;;
      -*) fail "test takes --all, --library, runtimes and specs" 2 ;;
      lua5.? | luajit) chosen="$chosen $word" ;;
      *) specs="$specs $(find_specs "$word")" || exit ;;
    esac
  done
  suite=$root/spec/run_suite.sh
  # shellcheck disable=SC2086  # they are lists
  on=$("$suite" --runtimes $all $chosen)
  # shellcheck disable=SC2086
  ensure $need $on
  # shellcheck disable=SC2086
  make_for $target $on
  # Not by make, whose own words would follow the last line.
  # shellcheck disable=SC2086
  SPECS=$specs exec "$suite" $all $chosen
}

find_specs() {
  for spec in "$root/spec/$1" "$root/$1" "$root/spec/$1_spec.lua"; do
    if [ -f "$spec" ]; then
      printf '%s\n' "spec/${spec##*/}"
      return
    fi
  done
  fail "there is no spec '$1', nor a runtime of that name" 2
}

run_lint() {
  ensure need_lint
  make_here lint
}

need_asan() {
  case ${1-} in gcc) ;; *) need_clang_runtime ;; esac
  need_suite lua5.1 luajit
}

# need_suite, and what this command adds.
run_asan() {
  for word in "$@"; do
    case " gcc clang $all_runtimes " in
      *" $word "*) ;;
      *) fail "there is no runtime '$word', try: $all_runtimes" 2 ;;
    esac
  done
  ensure need_asan "$@"
  exec "$root/spec/run_asan.sh" "$@"
}

need_valgrind() {
  need_suite lua5.4
  need_tools valgrind
}

run_valgrind() {
  case $* in
    '' | --calls) ;;
    *) fail "valgrind takes --calls, not '$*'" 2 ;;
  esac
  ensure need_valgrind
  make_for suite lua5.4
  exec "$root/spec/run_valgrind.sh" "$@"
}

need_fuzz() {
  need_clang_runtime
  need_build lua5.4
  need_runtimes lua5.4
}

takes_targets() {
  case ${1-} in
    --keep) shift ;;
    *[!0-9]*) ;;
    ?*) shift ;;
  esac
  for word in "$@"; do
    { [ "$word" != fuzz ] && [ -f "$root/spec/fuzz/$word.c" ]; } ||
      fail "there is no target '$word' in spec/fuzz" 2
  done
}

run_fuzz() {
  takes_targets "$@"
  ensure need_fuzz
  exec "$root/spec/fuzz/run.sh" "$@"
}

need_oom() {
  need_tool_runtime
  need_build lua5.1 luajit
  need_runtimes lua5.1 luajit
  need_sandbox --tls
}

run_oom() {
  case ${1-} in
    '' | --short) ;;
    *) fail "oom takes --short, not '$1'" 2 ;;
  esac
  ensure need_oom
  make_here oom SHORT="${1-}"
}

need_specs_of_one() {
  need_tool_runtime
  need_tools busted
  need_sandbox
}

run_once() {
  ensure need_tool_runtime
  make_here once
}

run_limits() {
  ensure need_specs_of_one
  make_here limits
}

# takes_number COMMAND [WORD…]
takes_number() {
  name=$1
  shift
  case $#,$* in
    0,) ;;
    [!1],* | 1, | 1,*[!0-9]*) fail "$name takes a number, not '$*'" 2 ;;
  esac
}

run_crashes() {
  takes_number crashes "$@"
  ensure need_specs_of_one
  make_here crashes CRASHES="${1-}"
}

run_upload_faults() {
  ensure need_specs_of_one
  make_here upload-faults
}

need_soak() {
  need_build lua5.4 luajit
  need_runtimes lua5.4 luajit
  need_tools curl
  need_sandbox --tls
}

run_soak() {
  takes_number soak "$@"
  ensure need_soak
  make_here soak CALLS="${1-}"
}

need_forks() {
  need_build luajit
  need_runtimes luajit
  need_sandbox --tls
}

run_forks() {
  takes_number forks "$@"
  ensure need_forks
  make_here forks FORKS="${1-}"
}

need_interop() {
  need_tools node npm
  need_sandbox
}

run_interop() {
  ensure need_interop
  exec "$root/spec/interop/run.sh"
}
