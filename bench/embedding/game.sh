#!/bin/sh
# usage: game.sh RUNTIME [SECONDS]
#
# What step(0) costs the game in C with 32 calls in flight: where the service
# answers after 50 to 150 ms, as it does over the internet, and where it
# answers at once, so that all 32 may be done within one frame.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

game=${BUILD:-build}/$1/embed/game
seconds=${2:-10}

# Later answers for the next 10,000 requests.
slow='awk "BEGIN {
  srand(1)
  for (i = 0; i < 10000; i++) {
    printf \"%s{\\\"delay\\\":%.3f}\", i ? \",\" : \"[\", 0.05 + rand() / 10
  }
  print \"]\"
}" | curl -s -f -o /dev/null -d @- "$APIVIDEO_BASE_URL/sandbox/faults"'

# measure TITLE PREPARE [OPTION…]: the options are the sandbox's.
measure() {
  printf '%s\n' "--- game, $1"
  prepare=$2
  shift 2
  sandbox/sandbox "$@" -- sh -c "$prepare"'
    exec "$@"' sh "$game" "${LUA_FOLDER:-lua}" examples/embed/game.lua "$seconds"
}

measure "$1, answers after 50 to 150 ms" "$slow"
measure "$1, answers at once" ''
measure "$1, answers at once, over TLS" '' --tls
