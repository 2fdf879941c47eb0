#!/bin/sh
# swagger.sh -- fetch Swagger UI, which shows the reference at <prefix>/swagger/.
#
#   run/swagger.sh DIR    puts it into DIR/swagger-ui; DIR is the folder of the programs
#
# npm installs the makers' own package, in the version and with the checksum that the lock
# file in run/swagger names, and runs no script of it. If it is already there, the script
# does nothing and uses no network. Without npm or a network the page says what is missing.
# Nothing else depends on it, so this script never fails.

set -eu
here=$(dirname "$(readlink -f "$0")")/swagger
[ $# -eq 1 ] || {
	echo 'usage: run/swagger.sh DIR' >&2
	exit 2
}
to=$1/swagger-ui

if cmp -s "$here/package-lock.json" "$to/package-lock.json"; then
	exit 0
fi
if ! command -v npm >/dev/null; then
	echo 'swagger.sh: no npm here, so no Swagger UI; with it, run/swagger.sh fetches it'
	exit 0
fi
mkdir -p "$1"
work=$(mktemp -d "$1/swagger-XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$work"
if ! said=$(cd "$work" && npm ci --ignore-scripts --no-fund --no-audit \
	--fetch-retries=1 --fetch-timeout=20000 2>&1); then
	printf 'swagger.sh: no Swagger UI, since npm says:\n%s\n' "$said"
	exit 0
fi
from=$work/node_modules/swagger-ui-dist
mkdir "$work/new"
for file in swagger-ui-bundle.js swagger-ui.css favicon-32x32.png LICENSE NOTICE; do
	cp "$from/$file" "$work/new"
done
# copied last: it marks the folder as complete
cp "$here/package-lock.json" "$work/new"
chmod -R a+rX "$work/new"
rm -rf "$to"
mv "$work/new" "$to"
