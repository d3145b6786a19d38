# shellcheck shell=sh
# Commands that build the module, and use it.

need_demo() {
  need_build "$runtime"
  need_runtimes "$runtime"
  need_sandbox
}

# On the first of RUNTIMES.
run_demo() {
  runtime=${runtimes%% *}
  ensure need_demo
  make_for build "$runtime"
  set_paths "$runtime"
  # The sandbox is on this machine, whatever proxy there is.
  unset http_proxy all_proxy HTTP_PROXY ALL_PROXY
  exec "$root/sandbox/sandbox" -- "$runtime" "$root/examples/demo.lua"
}

run_build() {
  # shellcheck disable=SC2086  # it is a list
  [ $# -gt 0 ] || set -- $runtimes
  ensure need_build "$@"
  make_for build "$@"
}

run_static() {
  [ $# -gt 0 ] || set -- lua5.4
  ensure need_build "$@"
  make_for static "$@"
}

need_examples() {
  need_build lua5.4
  need_runtimes lua5.4 # its lua-cjson
}

run_examples() {
  ensure need_examples
  make_here examples
}

need_env() {
  need_build "$runtime"
  need_runtimes "$runtime"
}

run_env() {
  [ $# -le 1 ] || fail 'env takes one runtime' 2
  runtime=${1:-lua5.4}
  ensure need_env
  make_for build "$runtime" >&2
  set_paths "$runtime"
  printf 'export LUA_PATH=%s LUA_CPATH=%s\n' \
    "$(quote "$LUA_PATH")" "$(quote "$LUA_CPATH")"
}

need_own_cli() {
  need_build "$runtime"
  need_cli "$runtime"
}

# On the first of RUNTIMES.
run_cli() {
  runtime=${runtimes%% *}
  ensure need_own_cli
  make_for build "$runtime" >&2
  set_paths "$runtime"
  exec "$runtime" "$root/bin/apivideo" "$@"
}

need_own_sandbox() {
  need_sandbox "$@"
  need_tools curl # its pages ask it with curl
}

run_sandbox() {
  case "${1-}" in
    --help | -h) ;;
    *) ensure need_own_sandbox "$@" ;;
  esac
  exec "$root/sandbox/sandbox" "$@"
}

need_broker() {
  need_build luajit
  need_runtimes luajit
  need_sandbox
  need_page
}

run_broker() {
  case $* in
    *[!0-9]*) fail "broker takes a port, such as 8080, not '$*'" 2 ;;
  esac
  ensure need_broker
  make_for build luajit
  make_here page
  set_paths luajit
  exec "$root/sandbox/sandbox" -- "$root/examples/nginx/start" "$@"
}

need_game() {
  need_build luajit
  need_runtimes luajit
  need_tools love
  need_sandbox
}

run_love() {
  ensure need_game
  make_for build luajit
  set_paths luajit
  exec "$root/sandbox/sandbox" -- love "$root/examples/love" "$@"
}

run_docs() {
  ensure need_docs
  make_here docs
  printf 'the site is there: file://%s/build/docs/index.html\n' "$root"
}
