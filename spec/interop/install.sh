#!/bin/sh
# usage: install.sh [DIRECTORY]
#
# Installs what other people wrote: the clients beside this script, or what the
# directory's package.json names. Needs Node and npm.
set -eu
unset CDPATH
cd "$(dirname "$0")/${1:-.}"

for tool in node npm; do
  command -v "$tool" >/dev/null || {
    echo "interop: $tool is missing: install nodejs and npm" >&2
    exit 1
  }
done

# npm leaves this file behind when it has installed what the lock file says.
installed=node_modules/.package-lock.json
if [ ! -f "$installed" ] || [ "$(find package-lock.json -newer "$installed")" ]
then
  npm ci --ignore-scripts
fi
