#!/bin/sh
# Other people's clients against the sandbox. Needs Node and npm.
set -eu
unset CDPATH
cd "$(dirname "$0")"

./install.sh
exec ../../sandbox/sandbox -- node nodejs_client.mjs
