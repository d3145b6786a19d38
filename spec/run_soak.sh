#!/bin/sh
# usage: run_soak.sh [CALLS]
#
# CALLS calls (1,000,000 if not said) on Lua 5.4 against a sandbox of which a
# tenth of the answers are faults, and half as many on LuaJIT over TLS. What
# must hold is told by spec/soak/soak.lua. The modules must have been built
# under $BUILD.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

calls=${1:-1000000}
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
# The sandbox is on this machine, whatever a user's environment says.
unset APIVIDEO_LOG http_proxy https_proxy all_proxy
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset LUA_INIT LUA_INIT_5_4 LUA_PATH_5_4 LUA_CPATH_5_4
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;$PWD/?.lua;;"

printf '== lua5.4 ==\n'
LUA_CPATH="$build/lua5.4/?.so;;" sandbox/sandbox -- \
  lua5.4 spec/soak/soak.lua "$calls"
printf '== luajit, TLS ==\n'
LUA_CPATH="$build/luajit/?.so;;" sandbox/sandbox --tls -- \
  luajit spec/soak/soak.lua "$((calls / 2))"
