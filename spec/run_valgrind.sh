#!/bin/sh
# 10,000 calls under memcheck on Lua 5.4: no error, nothing definitely lost.
# The module must have been built under $BUILD. The argument, if any, is how
# many calls instead.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
log=$build/valgrind.log
unset LUA_INIT LUA_INIT_5_4 LUA_PATH_5_4 LUA_CPATH_5_4
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;"
export LUA_CPATH="$build/lua5.4/?.so;;"

# Lua unloads modules at its end; without their symbols no trace can be read.
status=0
sandbox/sandbox -- valgrind --log-file="$log" --error-exitcode=1 \
  --leak-check=full --errors-for-leak-kinds=definite \
  --show-leak-kinds=definite --keep-debuginfo=yes \
  lua5.4 spec/support/many_calls.lua "${1:-10000}" </dev/null || status=$?
if [ "$status" -ne 0 ]; then
  cat "$log" >&2
  exit "$status"
fi
sed -n 's/^==[0-9]*== *\(definitely lost.*\|ERROR SUMMARY.*\)/\1/p' "$log"
# Without a leak there is no such summary but this line.
if grep -q 'no leaks are possible' "$log"; then
  echo 'definitely lost: 0 bytes'
fi
