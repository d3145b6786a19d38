#!/bin/sh
# Other people's clients against the sandbox, and its answers against the
# service's official description. Needs Node and npm.
set -eu
unset CDPATH
cd "$(dirname "$0")"

./install.sh
./install.sh description
status=0
../../sandbox/sandbox -- node nodejs_client.mjs || status=$?
../../sandbox/sandbox -- node description/check.mjs || status=$?
exit "$status"
