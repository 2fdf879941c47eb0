#!/bin/sh
# npm.sh -- install the packages that a folder's package.json names into its node_modules.
#
#   run/npm.sh tests    for suites, benchmarks and screenshots
#   run/npm.sh bench    the additional ones for the benchmark of the pages
#
# Installs exactly what the lock file says, and runs no script of any package. Does nothing,
# and uses no network, until the lock file is newer than the installed packages.

set -eu
cd "$(dirname "$0")/.."

for folder in "$@"; do
	installed=$folder/node_modules/.package-lock.json
	[ -z "$(find "$installed" -newer "$folder/package-lock.json" 2>/dev/null)" ] || continue
	(cd "$folder" && npm ci --no-fund --no-audit --ignore-scripts --loglevel=error >/dev/null)
done
