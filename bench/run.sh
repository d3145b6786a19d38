#!/bin/sh
# usage: run.sh [--short] [ROW…]
#
# Measures the rows of bench/rows, or those that are named, prints the table
# and writes bench/results.md and bench/results.svg. What it needs must have
# been built under $BUILD: see the target `bench`.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."
export BUILD="${BUILD:-build}"

# What the client sends; everybody sends the same.
BENCH_HEADERS='Authorization: Basic YmVuY2hfa2V5Og==
User-Agent: apivideo-lua/0.2.0
AV-Origin-Client: lua:0.2.0
Accept: application/json
Accept-Encoding: identity'
export BENCH_HEADERS
exec spec/support/with.sh lua5.4 lua5.4 bench/run.lua "$@"
