#!/bin/sh
# Runs a command in a directory until standard input ends: when whoever holds
# the other end of that pipe closes it, or dies of whatever. Without a command
# it removes the directory then.
#
#   attached.sh DIRECTORY [LOG COMMAND [ARGS...]]
set -eu
unset CDPATH

# The end of the input follows what these signals do to its writer.
trap '' HUP INT QUIT TERM
directory=$1
cd "$directory"
if [ $# -eq 1 ]; then
  cat >/dev/null
  cd /
  exec rm -rf "$directory"
fi

log=$2
shift 2
(
  trap - HUP INT QUIT TERM
  exec "$@" </dev/null >"$log" 2>&1
) &
command=$!
cat >/dev/null
{ kill -TERM "$command" && wait "$command"; } 2>/dev/null || :
