#!/bin/sh
# usage: run_forks.sh [FORKS]
#
# FORKS forks (1,000 if not said) with calls in flight, and as many over TLS:
# what must hold is told by spec/support/forks.lua. The module for LuaJIT must
# have been built under $BUILD.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

forks=${1:-1000}
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
# The sandbox is on this machine, whatever a user's environment says.
unset APIVIDEO_LOG http_proxy https_proxy all_proxy
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY LUA_INIT
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;"
export LUA_CPATH="$build/luajit/?.so;;"

sandbox/sandbox -- luajit spec/support/forks.lua "$forks"
sandbox/sandbox --tls -- luajit spec/support/forks.lua "$forks"
