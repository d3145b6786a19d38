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
printf '== lua5.4 ==\n'
spec/support/with.sh lua5.4 sandbox/sandbox -- \
  lua5.4 spec/soak/soak.lua "$calls"
printf '== luajit, TLS ==\n'
spec/support/with.sh luajit sandbox/sandbox --tls -- \
  luajit spec/soak/soak.lua "$((calls / 2))"
