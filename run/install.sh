#!/bin/sh
# install.sh -- install what `make` built (make install DESTDIR= PREFIX=).
#
#   PREFIX/bin/foyer          a link to run/foyer: foyer --help
#   PREFIX/lib/foyer/         the programs, and the scripts that run them
#   PREFIX/share/foyer/       web/, schema.sql, lighttpd.conf, foyer.yaml (all settings)
#   PREFIX/share/doc/foyer/   the documents
#
# LIBS=yes adds PREFIX/lib/foyer/lib: copies of the libraries that the programs are linked
# with, except libc's own, for a host where they are missing and cannot be installed.
#
# Starts nothing, and changes nothing outside these folders. DESTDIR is for packagers: it is
# put in front of all paths, and no installed file contains it.

set -eu
cd "$(dirname "$(readlink -f "$0")")/.."

prefix=${DESTDIR:-}${PREFIX:-/usr/local}
built=${BUILD:-build}/${VARIANT:-release}
lib=$prefix/lib/foyer
share=$prefix/share/foyer
doc=$prefix/share/doc/foyer

put() {
	mode=$1 to=$2
	shift 2
	install -d -m 755 "$to"
	install -m "$mode" "$@" "$to"
}

put 755 "$lib" "$built"/*.fcgi "$built/foyer-broker" "$built/foyer-cgi" "$built/foyer-image" \
	"$built/foyer-supervise" run/foyer run/cluster.sh run/webhost.sh
for front in "$built"/*.cgi; do
	ln -sfn foyer-cgi "$lib/${front##*/}"
done
put 644 "$lib" run/place.sh
put 644 "$share" schema.sql lighttpd.conf foyer.yaml
put 644 "$share/run/problems" run/problems/*.html
put 644 "$share/run" run/refusals.lua
put 755 "$share/run" run/programs.sh run/shell.sh

needed() {
	ldd "$built"/*.fcgi "$built/foyer-broker" "$built/foyer-image" |
		sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u |
		grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|ld-linux[^/]*)\.so'
}

rm -rf "${lib:?}/lib"
if [ "${LIBS:-}" = yes ]; then
	# shellcheck disable=SC2046 # paths of the system have no spaces
	put 644 "$lib/lib" $(needed)
	# the database by which this version of libmagic recognises file types
	put 644 "$lib/lib" /usr/share/misc/magic.mgc
fi

# Swagger UI, which shows the reference; it may be missing.
run/swagger.sh "$built"
if [ -d "$built/swagger-ui" ]; then
	put 644 "$lib/swagger-ui" "$built"/swagger-ui/*
fi

# Removed first, so that files removed from web/ disappear here too.
rm -rf "$share/web"
find web -type f ! -name '.*' | while read -r file; do
	put 644 "$share/${file%/*}" "$file"
done

# In the same folders as in the tree, so that links between the documents work.
put 644 "$doc" README.md HACKING.md LICENSE foyer.yaml
put 644 "$doc/docs" docs/*.md docs/*.json

install -d -m 755 "$prefix/bin"
ln -sfn ../lib/foyer/foyer "$prefix/bin/foyer"
