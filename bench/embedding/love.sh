#!/bin/sh
# usage: love.sh
#
# What the frames of the LÖVE program take, drawn by software on a screen that
# nobody sees. BUILD is where the module for LuaJIT is.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

picture=$(mktemp)
trap 'rm -f "$picture"' EXIT
printf -- '--- LÖVE, answers after 50 to 150 ms\n'
BUILD=${BUILD:-build} spec/support/with.sh luajit \
  sandbox/sandbox -- bench/embedding/later.sh \
  xvfb-run -a -s '-screen 0 1024x768x24' \
  love examples/love --play nnnnnnnnnnnnrddddnnnnr "$picture" 2>/dev/null
