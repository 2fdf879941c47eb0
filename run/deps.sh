#!/bin/sh
# deps.sh -- install the Debian packages that are missing, and nothing else.
#
#   run/deps.sh build    what compiling needs
#   run/deps.sh run      ... and running
#   run/deps.sh test     ... and the tests
#   run/deps.sh check    ... and format and lint
#   run/deps.sh fuzz     what `make fuzz` needs
#   run/deps.sh peers    what `make bench-delivery` compares with, and the tests' packages
#   run/deps.sh pictures what `make screenshots` needs
#
# If all are installed, it asks dpkg once and does nothing else: no network, no root.
# Otherwise apt installs the missing ones, through sudo if we are not root.
#
# A package must never start a service or change an existing one: Foyer starts its own
# PostgreSQL and lighttpd, the tests their own coturn and Redis, and ports 80, 3478, 5432
# and 6379 are the machine's. Debian's packages would start all of these services, now and
# at every boot. See install_quietly.

set -eu

POLICY=/usr/sbin/policy-rc.d
NO_CLUSTER=/etc/postgresql-common/createcluster.d/foyer.conf

# A name is a package; "command:package" is satisfied by any such command in PATH, so a
# node from elsewhere is as good as Debian's.
build='gcc libc6-dev make libwebsockets-dev libev-dev libfcgi-dev libpq-dev
	libjson-c-dev libhiredis-dev liburing-dev libjwt-dev libssl-dev libyaml-dev libargon2-dev libunistring-dev libstemmer-dev
	libmagic-dev libjpeg62-turbo-dev libpng-dev libwebp-dev libgif-dev'
run='lighttpd curl:curl setpriv:util-linux'
test='libcmocka-dev apache2-bin nginx:nginx-light node:nodejs npm:npm chromium-headless-shell:chromium-headless-shell coturn redis-server python3-websockets'
fuzz='clang:clang libclang-rt-dev'
peers='go:golang-go golang-github-jackc-pgx-v4-dev golang-github-golang-jwt-jwt-dev golang-golang-x-crypto-dev golang-github-gorilla-websocket-dev golang-github-gin-gonic-gin-dev libnginx-mod-nchan mosquitto:mosquitto'
pictures='fonts-noto-color-emoji fonts-noto-core'
check='clang-format:clang-format cppcheck:cppcheck shellcheck:shellcheck'

die() {
	printf 'deps.sh: %s\n' "$*" >&2
	exit 1
}

wanted() {
	case $1 in
	build) echo "$build" ;;
	run) echo "$build $run" ;;
	test) echo "$build $run $test" ;;
	check) echo "$build $run $test $check" ;;
	fuzz) echo "$build libcmocka-dev $fuzz" ;;
	peers) echo "$build $run $test $peers" ;;
	pictures) echo "$build $run $test $pictures" ;;
	*) die 'usage: run/deps.sh build|run|test|check|fuzz|peers|pictures' ;;
	esac
}

# Any PostgreSQL from 15 on will do; we do not install a second one.
has_postgresql() {
	for initdb in /usr/lib/postgresql/*/bin/initdb; do
		version=${initdb#/usr/lib/postgresql/}
		[ -x "$initdb" ] && [ "${version%%/*}" -ge 15 ] && return 0
	done
	return 1
}

# The packages of $@ that are not installed, one a line.
missing() {
	for name in "$@"; do
		case $name in
		*:*) command -v "${name%%:*}" >/dev/null || echo "${name#*:}" ;;
		*) packages="${packages:-} $name" ;;
		esac
	done
	# shellcheck disable=SC2086
	set -- ${packages:-}
	[ $# -gt 0 ] || return 0
	installed=$(dpkg-query -W -f='${db:Status-Status}:${Package}\n' "$@" 2>&1) || :
	for name in "$@"; do
		echo "$installed" | grep -qxF "installed:$name" || echo "$name"
	done
}

# Remove our files however the script ends; only files with our mark are ours.
forget() {
	for file in "$POLICY" "$NO_CLUSTER"; do
		if grep -qs 'run/deps.sh of Foyer' "$file"; then rm -f "$file"; fi
	done
	if [ -n "${made_folders:-}" ]; then
		rmdir --ignore-fail-on-non-empty -p "${NO_CLUSTER%/*}" 2>/dev/null || :
	fi
}

# While apt works, invoke-rc.d and systemd's helpers ask policy-rc.d whether they may start
# or restart a service. Ours denies it for the services named below; those that already
# run continue. An existing policy-rc.d (as in containers) is the machine's own and stays.
# If we are killed, the one that we leave behind allows everything from then on.
forbid_services() {
	[ ! -e "$POLICY" ] || return 0
	cat >"$POLICY" <<-POLICY
		#!/bin/sh
		# Made by run/deps.sh of Foyer, which removes it. Allows all once that has ended.
		kill -0 $$ 2>/dev/null || exit 104
		case \$1 in lighttpd* | postgresql* | coturn* | redis* | nginx* | mosquitto*) exit 101 ;; esac
		exit 104
	POLICY
	chmod 755 "$POLICY"
}

# postgresql-NN creates a cluster called main and starts it at boot, unless this file
# forbids it. We remove it after this installation, so later ones behave as usual.
forbid_cluster() {
	[ -d "${NO_CLUSTER%/*}" ] || made_folders=yes
	mkdir -p "${NO_CLUSTER%/*}"
	cat >"$NO_CLUSTER" <<-CONF
		# Made by run/deps.sh of Foyer, which removes it.
		create_main_cluster = false
	CONF
}

# Waits until another apt ends; never asks questions.
apt_get() {
	apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# As root: install $@ without disturbing anything.
install_quietly() {
	forget
	trap forget EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	forbid_services
	forbid_cluster
	export DEBIAN_FRONTEND=noninteractive
	export NEEDRESTART_SUSPEND=1 # no restarts of services that use an upgraded library
	apt_get install -y --no-install-recommends "$@"
	for service in lighttpd coturn redis-server nginx mosquitto; do
		case " $* " in
		*" $service "*) update-rc.d "$service" disable ;;
		esac
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		sh "$0" "$@"
	elif command -v sudo >/dev/null; then
		sudo sh "$0" "$@"
	else
		shift
		die "neither root nor sudo here; as root, this does it:
    sh $(readlink -f "$0") as-root $*"
	fi
}

# The names as apt knows them. The package `postgresql` would do more than we want (it is
# for a machine with its own database), so we install the server it depends on. The
# lighttpd modules are installed only with a new lighttpd, because apt might replace an
# existing one for them.
apt_names() {
	for name in "$@"; do
		case $name in
		postgresql)
			apt-cache depends postgresql |
				sed -n 's/.* \(postgresql-[0-9]*\)$/\1/p'
			;;
		lighttpd) echo lighttpd lighttpd-mod-deflate lighttpd-modules-lua ;;
		*) echo "$name" ;;
		esac
	done
}

if [ "${1:-}" = as-root ]; then
	shift
	[ "$(id -u)" -eq 0 ] || die 'as-root is for root'
	PATH=$PATH:/usr/sbin:/sbin
	apt_get update ||
		echo 'deps.sh: no fresh package lists; trying with those here' >&2
	# shellcheck disable=SC2046
	install_quietly $(apt_names "$@")
	exit
fi

list=$(wanted "${1:-}")
command -v dpkg-query >/dev/null ||
	die 'this is not Debian; install what is called this there:' "$list"
# shellcheck disable=SC2086
packages=$(missing $list)
case $1 in
build | fuzz) ;;
*) has_postgresql || packages="$packages postgresql" ;;
esac
# shellcheck disable=SC2086
set -- $packages
[ $# -gt 0 ] || exit 0
echo "installing: $*"
as_root as-root "$@"
