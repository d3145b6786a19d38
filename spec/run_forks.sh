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
for options in '' --tls; do
  # shellcheck disable=SC2086  # there may be none
  spec/support/with.sh luajit sandbox/sandbox $options -- \
    luajit spec/support/forks.lua "$forks"
done
