#!/bin/sh
# usage: later.sh COMMAND [ARGUMENT…]
#
# Runs a command in a sandbox whose next 10,000 answers come after 50 to 150
# ms, as they do over the internet.
set -eu

awk 'BEGIN {
  srand(1)
  for (i = 0; i < 10000; i++) {
    printf "%s{\"delay\":%.3f}", i ? "," : "[", 0.05 + rand() / 10
  }
  print "]"
}' | curl -s -f -o /dev/null -d @- "$APIVIDEO_BASE_URL/sandbox/faults"
exec "$@"
