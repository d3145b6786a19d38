#!/bin/sh
# usage: poll.sh
#
# How often the poll(2) loop in C wakes up: three calls, and five seconds in
# which nothing happens.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

printf -- '--- a poll(2) loop in C\n'
# shellcheck disable=SC2016  # $1 is the inner shell's
sandbox/sandbox -- sh -c '
  (echo 60; sleep 1; echo 60; echo 60; sleep 4) | "$1" | tail -n 1
' sh "${BUILD:-build}/embed/poll"
