#!/bin/sh
# Other people's clients against the sandbox. Needs Node and npm.
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
exec ../../sandbox/sandbox -- node nodejs_client.mjs
