#!/bin/sh
# torture.test.sh -- runs torture.js on a disk of its own, small enough to be filled: a tmpfs in
# a mount namespace. It uses a pid namespace as well, so that whatever is left of the server
# ends with it. Root may create both, and other users if user namespaces are allowed.
#
#   MESSAGES=200000 SEED=7 tests/faults/torture.test.sh     (make torture)
set -eu
cd "$(dirname "$0")/../.."

disk=$(mktemp -d "${TEST_TMP:-/tmp}/small-XXXXXX")
chmod 755 "$disk"
DISK_MB=${DISK_MB:-$((700 + ${MESSAGES:-0} / 100))}
uid=$(id -u) gid=$(id -g)
export disk DISK_MB uid gid
namespaces='--mount --pid --fork --mount-proc --kill-child'
[ "$uid" -eq 0 ] || namespaces="--map-root-user $namespaces"

status=0
# shellcheck disable=SC2016,SC2086 # the inner shell's; words
unshare $namespaces sh -c '
	mount -t tmpfs -o "size=${DISK_MB}m,mode=755" foyer-tests "$disk" || exit
	mkdir "$disk/tests"
	outside=
	[ "$uid" -eq 0 ] || outside="unshare --user --map-user=$uid --map-group=$gid"
	TEST_TMP=$disk/tests $outside node --import ./tests/lib/old_node.js --max-old-space-size=6000 \
		--test-reporter=tap tests/faults/torture.js
	status=$?
	[ $status -eq 0 ] || tar -C "$disk" -cf "$disk.tar" --exclude=pg --exclude=files tests
	exit $status
' || status=$?
rmdir "$disk"
exit $status
