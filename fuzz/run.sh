#!/bin/sh
# run.sh -- runs each of these targets under libFuzzer, as many in parallel as there are cores.
#
#   SECONDS_EACH=600 fuzz/run.sh frames http_head ...
#
# It starts from fuzz/corpus and from the inputs that earlier runs found ($BUILD/fuzz/corpus).
# Inputs that break a target are kept in $BUILD/fuzz/found and shown, and the exit status is
# then 1. `$BUILD/asan/unit/fuzz/TARGET FILE` replays one file.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=${BUILD:-build}
export BUILD SECONDS_EACH="${SECONDS_EACH:-600}"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1}"
mkdir -p "$BUILD/fuzz/found" "$BUILD/fuzz/log"

one() {
	mkdir -p "$BUILD/fuzz/corpus/$1"
	dictionary=
	[ ! -e "fuzz/$1.dict" ] || dictionary=-dict=fuzz/$1.dict
	# shellcheck disable=SC2086 # none, or one word
	"$BUILD/fuzz/fuzz/$1" -max_total_time="$SECONDS_EACH" -timeout=20 -rss_limit_mb=3000 \
		-max_len=65536 $dictionary -artifact_prefix="$BUILD/fuzz/found/$1-" \
		-print_final_stats=1 "$BUILD/fuzz/corpus/$1" "fuzz/corpus/$1" \
		>"$BUILD/fuzz/log/$1" 2>&1
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$BUILD/fuzz/log/$1")
	features=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$BUILD/fuzz/log/$1" | tail -n 1)
	if [ "$status" -eq 0 ]; then
		echo "$1: nothing found in ${runs:-?} runs ($features)"
	else
		echo "$1: FOUND SOMETHING (status $status)"
		tail -n 40 "$BUILD/fuzz/log/$1"
	fi
	return "$status"
}

if [ "${1:-}" = -one ]; then
	one "$2"
	exit
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 fuzz/run.sh -one
