#!/bin/sh
# npm.sh -- what the package.json of a folder names, into its node_modules.
#
#   run/npm.sh tests    what suites, benchmarks and pictures need
#   run/npm.sh bench    ... and what the benchmark of the pages needs beside it
#
# Exactly what the lock file says, and without running any script of it. Once it is there
# nothing is done and nobody asked, until the lock file is newer.

set -eu
cd "$(dirname "$0")/.."

for folder in "$@"; do
	installed=$folder/node_modules/.package-lock.json
	[ -z "$(find "$installed" -newer "$folder/package-lock.json" 2>/dev/null)" ] || continue
	(cd "$folder" && npm ci --no-fund --no-audit --ignore-scripts --loglevel=error >/dev/null)
done
