#!/bin/sh
# database.test.sh -- runs the statements of shared/ against schema.sql, in a cluster of their
# own. The tests are in C (cmocka, which prints TAP); this makes the database that they need.
set -u
cd "$(dirname "$0")/../.." || exit 1

STATE=$(mktemp -d "${TEST_TMP:-${TMPDIR:-/tmp}}/sql-XXXXXX") || exit 1
export STATE CMOCKA_MESSAGE_OUTPUT=TAP
trap 'run/cluster.sh stop immediate; rm -rf "$STATE"' EXIT

[ ! -d "${TEST_CLUSTER:-}/pg" ] || cp -a "$TEST_CLUSTER/pg" "$STATE" || exit 1
run/cluster.sh start >&2 || exit 1
FOYER_TEST_DATABASE="host=$STATE/pg/sock dbname=foyer"
PGUSER=foyer
export FOYER_TEST_DATABASE PGUSER

failed=0
for test in "${BUILD:-build}/${VARIANT:-asan}"/sql/*; do
	if [ ! -x "$test" ]; then continue; fi
	"$test" || failed=1
done
exit $failed
