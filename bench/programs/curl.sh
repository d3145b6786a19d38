#!/bin/sh
# usage: curl.sh URL CALLS AT_ONCE
#
# A curl command for each call.
set -eu

url=$1 calls=$2 at_once=$3
printf '%s\n' "$BENCH_HEADERS" | sed 's/.*/-H\n&/' | {
  set -- -s -f -o /dev/null
  while IFS= read -r word; do set -- "$@" "$word"; done
  seq "$calls" | xargs -P "$at_once" -I {} curl "$@" "$url"
}
