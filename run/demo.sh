#!/bin/sh
# demo.sh -- a whole conversation with a running server, using only curl.
#
#   run/demo.sh [URL]     the server; by default the one at PORT, HOST and PREFIX_URL, or the
#                         one that runs in STATE (var/)
#
# Two people register, one makes a room, the other joins, they talk, one sends a message
# twice, both read the history, a session is refreshed and ended. Every step is printed as
# you would type it. If an answer is not as the API promises, the demo exits with status 1.

set -eu

there=${STATE:-$(dirname "$(readlink -f "$0")")/../var}/run/address
if [ $# -eq 0 ] && [ -z "${PORT:-}${HOST:-}${PREFIX_URL:-}" ] && [ -r "$there" ]; then
	set -- "$(cat "$there")"
fi
url=${1:-http://${HOST:-127.0.0.1}:${PORT:-8080}${PREFIX_URL:-}}
api=${url%/}/api/v1
json='Content-Type: application/json'
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

title() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

note() {
	printf '  %s%s%s\n' "$dim" "$*" "$plain"
}

fail() {
	printf '\ndemo: %s\n' "$*" >&2
	exit 1
}

# Replaces long and secret values by names, and cuts lines that are still too long.
shortened() {
	sed -e "s|$api|\$API|g" -e "s|${room:-@none@}|\$ROOM|g" \
		-e "s|'Authorization: Bearer ${ann_token:-@none@}'|\"\$ANN\"|g" \
		-e "s|'Authorization: Bearer ${bob_token:-@none@}'|\"\$BOB\"|g" \
		-e "s|'$json'|\"\$JSON\"|g" -e 's/\("[a-z]*_token":"....\)[^"]*/\1.../g' \
		-e 's/^\(.\{200\}\).*/\1 .../'
}

# call STATUS METHOD PATH [curl's options...]: sets $body and the file `headers`.
call() {
	expected=$1 method=$2 path=$3
	shift 3
	case "$method $*" in
	GET* | POST*' -d'* | POST*' --data'*) typed=curl ;;
	*) typed="curl -X $method" ;;
	esac
	case $path in
	*\?*) typed="$typed \"$api$path\"" ;;
	*) typed="$typed $api$path" ;;
	esac
	for word in "$@"; do
		case $word in
		'' | *[!A-Za-z0-9_./:=-]*) typed="$typed '$word'" ;;
		*) typed="$typed $word" ;;
		esac
	done
	printf '  $ %s\n' "$typed" | shortened
	: >"$folder/body" # curl creates no file for an empty answer
	status=$(curl -sS --noproxy '*' -m 20 -X "$method" -D "$folder/headers" \
		-o "$folder/body" -w '%{http_code}' "$api$path" "$@") ||
		fail "no server at $url (make start, or make run in another window)"
	body=$(cat "$folder/body")
	note "$status $(printf %s "$body" | shortened)"
	[ "$status" = "$expected" ] || fail "$method $path: $status instead of $expected"
}

# The first value of a name in $body: a string without quotes in it, or a number.
value() {
	printf %s "$body" | grep -o "\"$1\" *: *\(\"[^\"]*\"\|[0-9]*\)" | head -n 1 |
		sed 's/^[^:]*: *//; s/^"//; s/"$//'
}

header() {
	tr -d '\r' <"$folder/headers" | sed -n "s/^$1: //Ip"
}

has() {
	case $body in
	*"$1"*) ;;
	*) fail "the answer has no $1" ;;
	esac
}

lacks() {
	case $body in
	*"$1"*) fail "the answer has $1" ;;
	esac
}

same() {
	[ "$2" = "$3" ] || fail "$1: $2 is not $3"
	note "$1: $2, as it should be"
}

tag=$(od -An -tx1 -N4 /dev/urandom | tr -d ' \n')
password="demo $tag correct horse"

person() {
	printf '{"login":"%s","email":"%s@example.org","password":"%s"}' \
		"$1" "$1" "$password"
}

note "API=$api"
note "JSON='$json'"
title 'Is anybody there?'
call 200 GET /health
call 200 GET /status
has '"version"'

title 'Ann and Bob register. What comes back signs them in.'
call 201 POST /auth/register -H "$json" -d "$(person "ann-$tag")"
ann_token=$(value access_token)
call 201 POST /auth/register -H "$json" -d "$(person "bob-$tag")"
bob_token=$(value access_token)
bob_refresh=$(value refresh_token)
case " $ann_token $bob_token $bob_refresh " in *'  '*) fail 'no tokens' ;; esac
ann="Authorization: Bearer $ann_token"
bob="Authorization: Bearer $bob_token"
note "ANN='Authorization: Bearer ...', the access_token of the first, BOB the other"

title 'Ann makes a room; Bob knows its id, and joins.'
call 201 POST /rooms -H "$ann" -H "$json" -d '{"name":"Kitchen","kind":"group"}'
room=$(value room_id)
same 'Location' "$(header Location | sed 's|.*/api/v1||')" "/rooms/$room"
call 404 GET "/rooms/$room/messages" -H "$bob"
note 'for anybody who is not in it, the room does not exist'
call 200 POST "/rooms/$room/join" -H "$bob" -d ''
start=$(value seq)

title 'Text is text, in whatever way it is sent.'
call 201 POST "/rooms/$room/messages" -H "$ann" -H 'Content-Type: text/plain' \
	--data-binary 'Is there tea? Чай? 🍵'
first=$(value seq)
call 201 POST "/rooms/$room/messages" -H "$bob" -H "$json" \
	-d '{"text":"There is \"tea\"; a \\ too","client_id":"bob-1"}'
second=$(value seq)
answer=$(value id)
call 201 POST "/rooms/$room/messages" -H "$ann" -d 'load=93% & rising'
same 'a body that is no form is the text itself' "$(value text)" 'load=93% & rising'
same 'numbers without a gap' "$first $second $(value seq)" \
	"$((start + 1)) $((start + 2)) $((start + 3))"

title "Bob's network breaks before the answer, so he sends again. It is the same message."
call 201 POST "/rooms/$room/messages" -H "$bob" -H "$json" \
	-d '{"text":"There is \"tea\"; a \\ too","client_id":"bob-1"}'
same 'id' "$(value id)" "$answer"
call 422 POST "/rooms/$room/messages" -H "$bob" -H "$json" \
	-d '{"text":"Something else","client_id":"bob-1"}'
same 'code' "$(value code)" idempotency_mismatch

title 'A mistake is explained.'
call 422 POST "/rooms/$room/messages" -H "$bob" -H "$json" -d '{"txet":"hello"}'
has txet

title "Ann reads what came after message $first."
call 200 GET "/rooms/$room/messages?after=$first" -H "$ann"
has 'There is \"tea\"; a \\ too'
has 'load=93% & rising'
lacks 'Is there tea?'
etag=$(header ETag)
[ -n "$etag" ] || fail 'no ETag'
call 304 GET "/rooms/$room/messages?after=$first" -H "$ann" -H "If-None-Match: $etag"
note 'nothing new costs nothing'
call 200 GET "/rooms/$room/messages" -H "$bob"
has 'Чай? 🍵'

title "Bob's access token lives for minutes; the refresh token brings the next pair."
call 200 POST /auth/refresh -H "$json" -d "{\"refresh_token\":\"$bob_refresh\"}"
bob_token=$(value access_token)
bob="Authorization: Bearer $bob_token"
call 200 GET /auth/validate -H "$bob"
same 'login' "$(value login)" "bob-$tag"

title 'Ann clears up, and Bob signs out: his token is worth nothing from then on.'
call 204 DELETE "/rooms/$room" -H "$ann"
call 204 POST /auth/logout -H "$bob" -d ''
sleep 1
call 401 GET /rooms -H "$bob"
same 'code' "$(value code)" session_ended
call 204 POST /auth/logout -H "$ann" -d ''

printf '\n%sAll as promised.%s\n' "$bold" "$plain"
