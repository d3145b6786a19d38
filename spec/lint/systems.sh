#!/bin/sh
# Compiles src as far as it can be done here for systems that are not here:
# for musl, whose compiler Debian has, and for macOS, of which spec/lint/darwin
# stands for the headers that hide what others show. Nothing is linked or run.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."

warnings='-std=c99 -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror'
include=$PWD/build/lint/include
failed=''

# Paths of what a program that includes the header $1 reaches, found with the
# options that follow.
reached_from() {
  header=$1
  shift
  printf '#include <%s>\n' "$header" | cc "$@" -M -x c - |
    tr ' ' '\n' | sort -u
}

# musl's compiler must see libcurl's headers and Lua's, and none of the folder
# that they are in, which has glibc's, too.
gather_headers() {
  rm -rf "$include"
  mkdir -p "$include/curl" "$include/lua"
  # shellcheck disable=SC2046  # paths and options are meant to be split
  ln -s $(reached_from curl/curl.h $(pkg-config --cflags libcurl) |
    grep '/curl/') "$include/curl"
  # shellcheck disable=SC2046
  ln -s $(reached_from lauxlib.h $(pkg-config --cflags lua5.4) |
    grep '/l[^/]*\.h$' | grep lua) "$include/lua"
}

# compile NAME COMPILER…: every file of src.
compile() {
  name=$1
  shift
  for file in src/*/*.c; do
    # shellcheck disable=SC2086  # they are options
    "$@" $warnings -I"$include" -I"$include/lua" -fsyntax-only "$file" ||
      { printf 'lint: %s: %s\n' "$name" "$file" >&2; failed=yes; }
  done
}

gather_headers
compile musl musl-gcc
compile macOS gcc -D__APPLE__ -U__linux__ -isystem spec/lint/darwin
[ -z "$failed" ]
