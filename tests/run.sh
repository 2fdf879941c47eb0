#!/bin/sh
# run.sh -- runs every test in order, and prints one line with the count at the end.
#
#   tests/run.sh                 everything
#   tests/run.sh unit api live   just these suites (a folder, or folder/file); cgi is all
#                                of api once more, with the programs as plain CGI
#   ONLY='pattern' tests/run.sh api   just the tests whose names match (node's only)
#
# It expects the sanitizer build (make VARIANT=asan) in $BUILD/asan and, to run everything, the
# release build beside it. Every suite speaks TAP, as cmocka's and node's own reporters print
# it; this script only starts the suites, one after the other, and adds up. A suite that
# crashes, hangs, or runs no test has failed.
#
# Everything is four such runs in parallel; the output of the other three comes at the end. A
# run that has finished its own suites takes over those that the others have not begun. The
# black-box suites of a run share one server; suites that harm it start their own.

set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=${BUILD:-build}
VARIANT=${VARIANT:-asan}
SUITE_SECONDS=${SUITE_SECONDS:-240}
TEST_TMP=$(mktemp -d "${TMPDIR:-/tmp}/foyer-tests-XXXXXX") || exit 1
case $BUILD in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
chmod 755 "$TEST_TMP"
export BUILD VARIANT TEST_TMP
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"

passed=0
failed=0
server=
beside= # pids of the parallel runs
lanes=0 # how many

stop_server() {
	[ -n "$server" ] || return 0
	said=$(TEST_SERVER=$server node tests/lib/server.js stop 2>&1)
	status=$?
	server=
	verdict $status 'all of the server exits 0 on SIGTERM, with nothing from the sanitizers' \
		"$said"
}

# A check of this script's own, counted like a test.
verdict() {
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'not ok - %s\n%s\n' "$2" "$3"
	fi
}

# A suite that was cut short leaves its servers behind: stops each by its own folder.
stop_strays() {
	for state in "$TEST_TMP"/foyer-*; do
		[ ! -e "$state/run" ] || STATE=$state run/foyer stop >/dev/null 2>&1
	done
}

# start_beside VARIANT SUITES...: starts a parallel run on that build, with ports of its own:
# between the choice of a free one and its use is the start of a server.
start_beside() {
	lanes=$((lanes + 1))
	variant=$1
	shift
	env VARIANT="$variant" TEST_PORTS="$((21000 + 2000 * lanes))-$((22998 + 2000 * lanes))" \
		tests/run.sh "$@" >"$TEST_TMP/beside.$lanes" 2>&1 </dev/null &
	beside="$beside $!"
}

# Waits for the parallel runs; shows their output and adds their counts.
take_beside() {
	lane=0
	for pid in $beside; do
		lane=$((lane + 1))
		said=$TEST_TMP/beside.$lane
		wait "$pid"
		sed '$d' "$said"
		counts=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$said")
		# shellcheck disable=SC2086
		set -- ${counts:-0 1}
		passed=$((passed + $1))
		failed=$((failed + $2))
	done
}

leave() {
	trap '' INT TERM
	stop_server
	stop_strays
	take_beside
	if [ "$failed" -eq 0 ]; then
		rm -rf "$TEST_TMP"
	else
		echo "what is left for a look: $TEST_TMP"
	fi
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
	exit
}
trap 'failed=$((failed + 1)); [ -z "$beside" ] || kill $beside; leave' INT TERM

# wanted SUITE: was it requested? "api", "tests/api" and "api/rooms" all name suites.
wanted() {
	[ -n "$asked" ] || return 0
	for one in $asked; do
		one=${one#tests/}
		case $1 in "$one" | "$one"/* | "$one".test.*) return 0 ;; esac
	done
	return 1
}

# Parallel runs share a folder, CLAIMS, with an entry for each suite that one of them has begun.
claim() {
	echo "$CLAIMS/$(echo "$1" | tr / -)"
}

is_left() {
	[ -z "${CLAIMS:-}" ] || [ ! -e "$(claim "$1")" ]
}

# mine SUITE: claims a suite that is requested and that no other run has begun.
mine() {
	wanted "$1" || return 1
	[ -z "${CLAIMS:-}" ] || mkdir "$(claim "$1")" 2>/dev/null
}

# The numbers of a TAP file: passed, failed, skipped. Skipped tests are in neither count.
count() {
	awk '
		/^ *(ok|not ok) / && !/# time=/ {
			if ($0 ~ /# (SKIP|TODO)/) skip++
			else if ($0 ~ /^ *not ok/) bad++
			else good++
		}
		/^# pass /{ node = 1; good = $3 }
		/^# fail /{ bad = $3 }
		/^# cancelled /{ bad += $3 }
		/^# skipped /{ skip = $3 }
		END { print good + 0, bad + 0, skip + 0 }' "$1"
}

# suite NAME COMMAND...: runs it and adds up its TAP.
suite() {
	name=$1
	shift
	out=$TEST_TMP/$(echo "$name" | tr / -).tap
	began=$(date +%s)
	timeout -k 10 "$SUITE_SECONDS" "$@" >"$out" 2>"$out.err" </dev/null
	status=$?
	# shellcheck disable=SC2046
	set -- $(count "$out")
	good=$1 bad=$2 skip=$3
	if [ "$bad" -eq 0 ] && [ "$status" -ne 0 ]; then
		bad=1
		echo "not ok - $name ended with status $status"
	elif [ $((good + bad)) -eq 0 ] && { [ -z "${ONLY:-}" ] || [ "$skip" -eq 0 ]; }; then
		bad=1
		echo "not ok - $name ran no test"
	fi
	printf '%-28s %4d passed' "$name" "$good"
	[ "$bad" -eq 0 ] || printf ', %d FAILED' "$bad"
	printf ' (%d s)\n' $(($(date +%s) - began))
	sed -n 's/^ *# \(counts\|table\): /    /p' "$out"
	if [ "$bad" -gt 0 ]; then
		failures "$out"
		tail -n 40 "$out.err" | cut -c1-400
		[ -z "$server" ] || TEST_SERVER=$server node tests/lib/server.js logs
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
}

# The failing tests of a TAP file, with their messages.
failures() {
	awk '/^ *not ok /{ show = 40 } /^ *ok /{ show = 0 } show-- > 0' "$1" | head -n 120 | cut -c1-400
}

# node_suite NAME FILE
node_suite() {
	if [ -n "${ONLY:-}" ]; then
		suite "$1" node --import ./tests/lib/old_node.js --test-reporter=tap --test-name-pattern="$ONLY" "$2"
	else
		suite "$1" node --import ./tests/lib/old_node.js --test-reporter=tap "$2"
	fi
}

folder() {
	for file in tests/"$1"/*.test.sh tests/"$1"/*.test.js; do
		[ -e "$file" ] || continue
		name=${file#tests/}
		name=${name%.test.*}
		mine "$name" || continue
		case $file in
		*.sh) suite "$name" "$file" ;;
		*) node_suite "$name" "$file" ;;
		esac
	done
}

pages() {
	find tests/web -name '*.test.js' | sed 's,^tests/,,; s,\.test\.js$,,'
}

asked=$*

if ! said=$(run/npm.sh tests 2>&1); then
	verdict 1 'npm ci installs what the suites need' "$said"
	leave
fi

run/swagger.sh "$BUILD/$VARIANT" # for web/swagger

if [ -z "$asked" ]; then
	# four runs share the machine
	export SUITE_SECONDS=900 TEST_DEADLINE_MS=60000 TEST_PORTS=21000-22998
	export CLAIMS="$TEST_TMP/claims" TEST_CLUSTER="$TEST_TMP/cluster"
	mkdir "$CLAIMS"
	said=$(node tests/lib/server.js cluster 2>&1)
	verdict $? 'a cluster can be made for all of them' "$said"
	asked='unit lib sql run api properties'
	of_pages=$(pages | grep -v -e /axe_ -e /fit_)
	# what each run takes over once its own suites are done
	export HELP_VARIANT="$VARIANT" HELP_WITH="$asked live faults $of_pages"
	# plain CGI starts a program for each request, which is slow, and runs the same code:
	# something of every program is enough, and what a program otherwise remembers between
	# requests; how the screens look does not depend on the server's build
	# shellcheck disable=SC2046
	start_beside release $(printf 'cgi/api/%s ' auth cgi counts files limits messages \
		prefix rooms search sessions turn users) $(pages | grep -e /axe_ -e /fit_)
	start_beside "$VARIANT" live faults
	# shellcheck disable=SC2086
	start_beside "$VARIANT" $of_pages
fi

# cmocka takes no name pattern on its command line: with ONLY these suites are left out.
unit_tests() {
	[ -d "$BUILD/$VARIANT/unit" ] && [ -z "${ONLY:-}" ] || return 0
	for test in $(find "$BUILD/$VARIANT/unit" -type f -perm -u+x | sort); do
		name=${test#"$BUILD/$VARIANT/"}
		if mine "$name"; then
			suite "$name" env CMOCKA_MESSAGE_OUTPUT=TAP "$test"
		fi
	done
}

# start_server: starts the server that the black-box suites share.
start_server() {
	if server=$(node tests/lib/server.js start 2>"$TEST_TMP/start.err"); then
		export TEST_SERVER="$server"
	else
		server=
		verdict 1 'a server to test against starts' "$(tail -n 60 "$TEST_TMP/start.err")"
		false
	fi
}

# any_wanted PREFIX FOLDER...: is a suite of these folders requested under that name, and left?
any_wanted() {
	prefix=$1
	shift
	for suites in "$@"; do
		for file in tests/"$suites"/*.test.js; do
			name=$prefix${file#tests/}
			name=${name%.test.*}
			[ -e "$file" ] && wanted "$name" && is_left "$name" && return 0
		done
	done
	return 1
}

# The whole API again as plain CGI, one process a request, with the release build: lighttpd ends
# a CGI process once it has the answer, so no leak check would run.
by_cgi() {
	tested=$VARIANT
	VARIANT=release
	export REST=cgi
	if start_server; then
		for file in tests/api/*.test.js; do
			name=cgi/${file#tests/}
			name=${name%.test.js}
			if mine "$name"; then node_suite "$name" "$file"; fi
		done
		stop_server
	fi
	unset TEST_SERVER REST
	VARIANT=$tested
}

all_asked() {
	unit_tests
	folder lib
	folder sql
	folder run
	if any_wanted '' api live web && start_server; then
		folder api
		folder live
		folder web
		stop_server
		unset TEST_SERVER
	fi
	if any_wanted cgi/ api; then by_cgi; fi
	folder properties
	folder faults
}

all_asked
if [ -n "${CLAIMS:-}" ]; then
	asked=$HELP_WITH
	VARIANT=$HELP_VARIANT
	all_asked
fi
leave
