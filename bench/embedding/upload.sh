#!/bin/sh
# usage: upload.sh RUNTIME [MIB]
#
# What step(0) costs a game while a video is uploaded: one that is in memory
# since it was just written, one that has to be read from the disk, several
# parts at once, and over TLS.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

runtime=$1
mib=${2:-300}
video=$(mktemp)
trap 'rm -f "$video"' EXIT
head -c "${mib}M" /dev/urandom >"$video"

title() {
  printf -- '--- an upload, %s, %s\n' "$runtime" "$1"
}

# Takes the video out of the memory that the system keeps of files.
forget() {
  sync
  dd of="$video" oflag=nocache conv=notrunc,fdatasync count=0 2>/dev/null
}

# play [OPTION…] -- [PARALLEL]
play() {
  options=''
  while [ "$1" != -- ]; do
    options="$options $1"
    shift
  done
  shift
  # shellcheck disable=SC2086  # it is a list
  BUILD=${BUILD:-build} spec/support/with.sh "$runtime" \
    sandbox/sandbox $options -- \
    "$runtime" bench/embedding/upload.lua "$video" "$@"
}

title 'from memory'
play --
title 'from memory, 4 parts at once'
play -- 4
title 'from the disk'
forget
play --
title 'over TLS'
play --tls --
