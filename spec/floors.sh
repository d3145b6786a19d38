#!/bin/sh
# The floors of the core, as docs/design.md lists them: a file includes headers
# of lower floors only, or of its own floor to the left of itself, and calls
# what is defined there; see "Floors of the core" there.
#
# usage: floors.sh OBJECTS, the directory with the objects of src/core
#
# Prints each step upwards, and fails if there is one.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

objects=$1
places=$(mktemp)
trap 'rm -f "$places"' EXIT

# "name floor place", from the lowest floor to the highest; the table's rows go
# from top to bottom.
sed -n '/^## Floors of the core/,/^## [^F]/p' docs/design.md |
  sed -n 's/^| \([0-9]\) [^|]*| \([^|]*\)|.*/\1 \2/p' | sort -n |
  awk '{ for (i = 2; i <= NF; i++) {
    name = $i; gsub(/[`,]/, "", name)
    print name, $1, ++place
  } }' >"$places"

# The module of a file: a system's file is a part of what it does.
module_of() {
  module=${1##*/}
  module=${module%.*}
  case $module in
    system_* | poller_*) module=${module%%_*} ;;
  esac
  printf '%s\n' "$module"
}

# Pairs "from to word" on standard input: those that go up, or that are not
# listed.
upwards() {
  awk -v places="$places" '
    BEGIN { while ((getline row < places) > 0) {
      split(row, it, " "); place[it[1]] = it[3] } }
    !($1 in place) { print $1 " is on no floor"; bad = 1; next }
    !($2 in place) { print $2 " is on no floor"; bad = 1; next }
    place[$2] > place[$1] { print $1 " " $3 " " $2 ", above it"; bad = 1 }
    END { exit bad }'
}

includes() {
  for file in src/core/*.c src/core/*.h; do
    from=$(module_of "$file")
    # What a header includes is counted where it stands.
    gcc -std=c99 -MM -MG "$file" | grep -o '[^ /]*\.h\>' | sort -u |
      while read -r header; do
        to=$(module_of "$header")
        [ "$to" = "$from" ] || echo "$from $to includes"
      done
  done
}

# "from to calls", of each symbol that an object needs and another one has.
calls() {
  for file in src/core/*.c; do
    object=$objects/$(basename "$file" .c).o
    nm -g --defined-only "$object" |
      awk -v module="$(module_of "$object")" 'NF == 3 { print $3, module }'
  done >"$places.defined"
  for file in src/core/*.c; do
    object=$objects/$(basename "$file" .c).o
    nm -u "$object" | awk -v from="$(module_of "$object")" -v \
      defined="$places.defined" '
      BEGIN { while ((getline row < defined) > 0) {
        split(row, it, " "); home[it[1]] = it[2] } }
      $2 in home && home[$2] != from { print from, home[$2], "calls" }'
  done | sort -u
  rm -f "$places.defined"
}

# Each x.c has its x.h, unless all that it has is in apv.h.
headers() {
  for file in src/core/*.c; do
    module=$(module_of "$file")
    [ -f "src/core/$module.h" ] || [ "$module" = status ] ||
      echo "$module.c has no header of its own"
  done
}

# libcurl is known from the attempts on.
curl_free() {
  awk '$2 < 3 { print $1 }' "$places" | while read -r module; do
    for file in src/core/"$module".[ch]; do
      [ -f "$file" ] || continue
      ! grep -qE '^#include <curl/' "$file" || echo "$file includes libcurl"
    done
  done
}

bad=
includes | upwards || bad=yes
calls | upwards || bad=yes
said=$(headers; curl_free)
[ -z "$said" ] || { printf '%s\n' "$said"; bad=yes; }
[ -s "$places" ] || { echo 'docs/design.md lists no floors'; bad=yes; }
[ -z "$bad" ]
