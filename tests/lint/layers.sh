#!/bin/sh
# layers.sh -- who may include what; see HACKING.md, "Three laws".
#
# shared/ knows nothing of HTTP or WebSocket; fcgi/ and broker/ never include each other; each
# foreign library has one door, the few files that may include it.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0

# forbid WHERE PATTERN WHY: no #include in these files may match.
forbid() {
	# shellcheck disable=SC2086
	found=$(git ls-files $1 | xargs grep -nE "^#[ \t]*include[ \t]+[<\"]($2)" /dev/null)
	[ -z "$found" ] && return
	printf '%s\n  %s\n' "$3" "$found"
	bad=1
}

# door HEADER FILE...: only these files include it (tests may).
door() {
	header=$1
	shift
	for file in $(git ls-files 'shared/*.[ch]' 'fcgi/*.[ch]' 'broker/*.[ch]' 'run/*.[ch]' 'image/*.[ch]' |
		xargs grep -lE "^#[ \t]*include[ \t]+<$header" /dev/null); do
		case " $* " in *" $file "*) continue ;; esac
		echo "$file includes $header; its door is $*"
		bad=1
	done
}

forbid 'shared/*' 'fcgi/|broker/|run/|web/' 'shared/ stands below everything:'
forbid 'fcgi/*' 'broker/' 'fcgi/ and broker/ meet in shared/ and in the database:'
forbid 'broker/*' 'fcgi/' 'fcgi/ and broker/ meet in shared/ and in the database:'
forbid 'image/*' 'fcgi/|broker/|shared/|run/' 'image/ is on its own, with nothing to lose:'
forbid 'shared/* fcgi/* broker/* run/*' '\.\.?/' 'includes are written from the root:'

door 'libpq-fe\.h' shared/db_result.h
door 'json-c/' shared/json_parse.c
door 'jwt\.h' shared/token.c
door 'openssl/' shared/keys.c shared/digest.c
door 'yaml\.h' shared/config.c
door 'fcgi' fcgi/serve.c
door 'magic\.h' fcgi/file_type.c
door 'jpeglib\.h' image/jpeg.c
door 'png\.h' image/png.c
door 'gif_lib\.h' image/gif.c
door 'webp/' image/webp.c image/canvas.c
door 'argon2\.h' fcgi/password.c
door 'uni(norm|case|ctype|str)\.h' fcgi/names.c shared/fold.c shared/words.c shared/emoji.c
door 'libstemmer\.h' shared/words.c
door 'libwebsockets\.h' broker/ws.c broker/loop.c
door 'hiredis/' broker/redis.c
door 'liburing\.h' broker/send_batch.c
door 'ev\.h' broker/loop.c broker/loop.h

exit $bad
