#!/bin/sh
# usage: with.sh RUNTIME COMMAND [ARGUMENT…]
#
# Runs a command in which the runtime finds the module as it was built under
# $BUILD, and in which a user's environment changes nothing: neither what a
# spec sees, nor where it builds what it shows. To be called in the checkout.
set -eu

lua=$1
shift
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
unset BUILD PREFIX
unset APIVIDEO_LOG http_proxy https_proxy all_proxy no_proxy
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
unset LUA_INIT LUA_INIT_5_2 LUA_INIT_5_3 LUA_INIT_5_4
unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4
unset LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;$PWD/?.lua;;"
export LUA_CPATH="$build/$lua/?.so;;"
export APIVIDEO_RUNTIME="$lua"
export RUNTIMES="${RUNTIMES:-lua5.4}" # the first runs what specs need
export APIVIDEO_BUILD="$build"
exec "$@"
