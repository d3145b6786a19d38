#!/bin/sh
# usage: game.sh RUNTIME [SECONDS]
#
# What step(0) costs the game in C with 32 calls in flight: where the service
# answers late, as it does over the internet, and where it answers at once, so
# that all 32 may be done within one frame.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

runtime=$1
seconds=${2:-10}
later=bench/embedding/later.sh

title() {
  printf -- '--- a game in C, %s, %s\n' "$runtime" "$1"
}

# play COMMAND…: the command is what the game is run by.
play() {
  "$@" "${BUILD:-build}/$runtime/embed/game" lua examples/embed/game.lua \
    "$seconds"
}

title 'answers after 50 to 150 ms'
play sandbox/sandbox -- "$later"
title 'answers at once'
play sandbox/sandbox --
title 'answers at once, over TLS'
play sandbox/sandbox --tls --
