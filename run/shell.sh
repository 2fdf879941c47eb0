#!/bin/sh
# shell.sh -- print the list of files that the page's service worker caches: the files of
# web/ with their SHA-256.
#
#   run/shell.sh WEB >shell.js
#
# Run at each start (run/foyer) and for a web host (run/webhost.sh). shell.js is served
# next to sw.js, which loads it. Any change of a file is another version.

set -eu
cd "${1:?usage: run/shell.sh WEB}"

list() {
	find index.html icon.svg ./*.js core i18n style ui -type f ! -name '.*' |
		sed 's#^\./##' | grep -vxF -e sw.js -e shell.js | LC_ALL=C sort |
		while read -r file; do
			sha256sum "$file"
		done
}

files=$(list)
version=$(printf %s "$files" | sha256sum | cut -c 1-16)

echo '// Made by run/shell.sh.'
echo "self.shell = { version: '$version', files: {"
printf '%s\n' "$files" | sed -E "s/^([0-9a-f]{64}) [ *](.*)\$/	'\2': '\1',/"
echo '} };'
