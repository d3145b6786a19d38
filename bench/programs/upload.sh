#!/bin/sh
# usage: upload.sh BASE_URL PARTS…
#
# The same file, cut into parts before, by one curl command.
set -eu

url="$1/upload?token=to1tcmSFHeYY5KzyhOqVKMKb"
shift
total=$# number=0
for part; do
  shift
  number=$((number + 1))
  [ $number -eq 1 ] || set -- "$@" --next -F videoId=vi4k0jvEUuaTdRAEjQ4Jfrgz
  set -- "$@" -s -f -o /dev/null -H "Content-Range: part $number/$total" \
    -F "file=@$part" "$url"
done
exec curl "$@"
