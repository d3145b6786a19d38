#!/bin/sh
# Installs other people's clients beside this script. Needs Node and npm.
set -eu
unset CDPATH
cd "$(dirname "$0")"

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
