#!/bin/sh
# swagger.sh -- fetches Swagger UI, which shows the reference at <prefix>/swagger/.
#
#   run/swagger.sh DIR    puts it into DIR/swagger-ui; DIR is where the programs are
#
# It is its makers' own package, of the one version and checksum that the lock file in
# run/swagger names, by npm and without running any script of it. Once it is there,
# nothing is done and nobody asked. Without npm, or without a network, the page says what
# is missing: nothing else depends on it, so this never fails.

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
# the mark of completeness goes last
cp "$here/package-lock.json" "$work/new"
chmod -R a+rX "$work/new"
rm -rf "$to"
mv "$work/new" "$to"
