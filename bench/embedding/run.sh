#!/bin/sh
# usage: run.sh
#
# Prints the figures of docs/embedding.md. What it needs must have been built
# under $BUILD: suite-lua5.4 and suite-luajit.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
export BUILD="${BUILD:-build}"

title() {
  printf '\n=== %s ===\n' "$1"
}

title 'pages ahead: 10,000 tokens, pages of 100, answers 50 ms late'
spec/support/with.sh lua5.4 \
  sandbox/sandbox -- lua5.4 bench/embedding/walk.lua
title 'nginx: against the same calls on its own sockets'
spec/support/with.sh luajit luajit bench/embedding/nginx/run.lua
title 'games: step(0) with 32 calls in flight'
bench/embedding/game.sh lua5.4
bench/embedding/game.sh luajit
bench/embedding/love.sh
title 'games: step(0) while a video is uploaded'
bench/embedding/upload.sh lua5.4
bench/embedding/upload.sh luajit
title 'event loops'
bench/embedding/poll.sh
bench/embedding/loops.sh
