#!/bin/sh
# usage: loops.sh [RUNTIME]
#
# What luv's loop, and one that watches the descriptor, pay for calls.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

runtime=${1:-lua5.4}
printf -- '--- luv and a loop of descriptors, %s\n' "$runtime"
BUILD="${BUILD:-build}" spec/support/with.sh "$runtime" \
  sandbox/sandbox -- "$runtime" bench/embedding/loops.lua
