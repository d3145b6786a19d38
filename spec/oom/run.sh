#!/bin/sh
# Takes memory away: from Lua and the core on three runtimes, and from libcurl,
# without and with TLS; then looks for secrets in what the core gave back. The
# hosts must have been built under $BUILD. With --short, at some points only:
# less than a minute. Prints a line a run; what went wrong comes before.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

build=${BUILD:-build/oom}
short=''
case ${1-} in
  --short) short=yes ;;
  '') ;;
  *) printf 'usage: %s [--short]\n' "$0" >&2; exit 2 ;;
esac

# What a user's environment says must not change what a script sees.
unset APIVIDEO_LOG http_proxy https_proxy all_proxy no_proxy
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
unset LUA_INIT LUA_PATH_5_4 LUA_CPATH_5_4
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;$PWD/?.lua;;"
export LUA_CPATH=';;'
failed=''

# Prints the run's name before its line: of which runtime, and how the host and
# the sandbox are to be started.
run() {
  name=$1 runtime=$2 host_options=$3 sandbox_options=$4
  printf '%-15s ' "$name"
  # shellcheck disable=SC2086  # the options are meant to be split
  sandbox/sandbox $sandbox_options -- "$build/$runtime/oom/host" \
    $host_options </dev/null || failed=yes
}

# One point in $1, or in a short run one in $2.
stride() {
  if [ -n "$short" ]; then shift; fi
  printf -- '--stride=%s' "$1"
}

run lua5.4 lua5.4 "$(stride 1 29)" ''
run lua5.1 lua5.1 "$(stride 3 97)" ''
run luajit luajit "$(stride 2 29)" ''
run libcurl lua5.4 "--libcurl $(stride 1 29)" ''
run 'libcurl, TLS' lua5.4 "--libcurl $(stride 1 5)" --tls
run canaries lua5.4 --canaries ''
[ -z "$failed" ]
