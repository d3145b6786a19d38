#!/bin/sh
# usage: love.sh
#
# What the frames of the LÖVE program take, drawn by software on a screen that
# nobody sees. BUILD is where the module for LuaJIT is.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

picture=$(mktemp)
video=$(mktemp)
trap 'rm -f "$picture" "$video"' EXIT
printf -- '--- LÖVE, answers after 50 to 150 ms\n'
BUILD=${BUILD:-build} spec/support/with.sh luajit \
  sandbox/sandbox -- bench/embedding/later.sh \
  xvfb-run -a -s '-screen 0 1024x768x24' \
  love examples/love --play nnnnnnnnnnnnrddddnnnnr "$picture" 2>/dev/null
printf -- '--- LÖVE, an upload of 200 MiB\n'
head -c 200M /dev/urandom >"$video"
BUILD=${BUILD:-build} spec/support/with.sh luajit \
  sandbox/sandbox -- xvfb-run -a -s '-screen 0 1024x768x24' \
  love examples/love --play u "$picture" "$video" 2>/dev/null
