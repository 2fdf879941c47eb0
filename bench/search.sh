#!/bin/sh
# search.sh -- does a search cost the same among 10,000 and among 1,000,000 messages?
#
#   bench/search.sh [SMALL LARGE]     (10000 1000000; an hour or so)
#
# One server and database a size, both at once, release build. Twenty rooms written to in
# turns; words by Zipf's law, half Russian, half English letters, of a vocabulary that grows
# with the text. The log is filled by SQL and indexed by the program itself, driven by
# searches until it no longer answers 503. Then each query is asked of both by turns; told
# are medians of the milliseconds that the client sees, so leave the machine alone.
# ROUNDS=40 PORT=18300; KEEP=1 leaves the servers running.

set -eu
cd "$(dirname "$0")/.."
export VARIANT=release
make -s all
exec node bench/search.js "$@"
