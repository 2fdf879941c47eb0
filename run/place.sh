# shellcheck shell=sh disable=SC2034
# place.sh -- where everything is, and as which user it runs; sourced by foyer, cluster.sh
# and webhost.sh.
#
# foyer and cluster.sh call place "$@" first, with their own arguments. It sets
#
#   state    the state folder, absolute
#   at       another name of it: short, and of characters that need no quoting
#   share    the folder of web/, schema.sql, lighttpd.conf
#   bin      the folder of the programs
#
# If root started the script, place() runs it again as the user who owns the state
# folder. So nothing here runs as root, above all not the web server, and the code after
# place() can kill, write and remove only what that user may. The user is the owner of an
# existing state folder; for a new one RUN_AS=, else the owner of the checkout, else
# www-data.

script=$(readlink -f "$0")
here=${script%/*}

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${script##*/}" "$*" >&2
	exit 1
}

# A path from the command line, made absolute, with links resolved; it need not exist.
absolute() {
	readlink -m -- "$1"
}

# In a checkout this file is in run/; installed, it is beside the programs.
find_code() {
	if [ -f "$here/../schema.sql" ]; then
		share=$(absolute "$here/..")
		bin=${BUILD:-build}
		case $bin in /*) ;; *) bin=$share/$bin ;; esac
		bin=$(absolute "$bin/${VARIANT:-release}")
		default_state=$share/var
	else
		share=$(absolute "$here/../../share/foyer")
		bin=$here
		default_state=${XDG_STATE_HOME:-$HOME/.local/state}/foyer
		[ "$(id -u)" -ne 0 ] || default_state=/var/lib/foyer
	fi
}

# ---- what was said at the last start --------------------------------------------------

said_before='PORT BROKER_PORT HOST PREFIX_URL REST STAY'

# Values of the last start apply until others are given, so a start after a reboot or an
# upgrade uses the same address.
recall() {
	for name in $said_before; do
		eval "[ -z \"\${$name+set}\" ]" || continue
		value=$(sed -n "s/^$name=//p" "$state/place" 2>/dev/null | tail -n 1)
		[ -z "$value" ] || export "$name=$value"
	done
}

# ---- root becomes somebody else ------------------------------------------------------

# STATE may name any folder of root's by mistake, such as /tmp. So root hands a folder
# over only if it is empty or contains nothing but what a state folder contains.
is_state() {
	for entry in "$1"/* "$1"/.[!.]*; do
		case ${entry##*/} in
		pg | run | log | keys | files | tmp | foyer.yaml | place) ;;
		*) [ ! -e "$entry" ] || return 1 ;;
		esac
	done
}

# A backup belongs to the owner of the state folder that it was made from.
choose_user() {
	owner=$(stat -c %u "$state")
	author=$(stat -c %u "$share")
	backup=
	[ "${1:-}" != restore ] || backup=$(stat -c %u "${2:-}" 2>/dev/null) || :
	for candidate in "$owner" "${RUN_AS:-}" "$backup" "$author" www-data; do
		user=$(id -nu "$candidate" 2>/dev/null) && [ "$user" != root ] && return
	done
	die 'no user to run as: name one with RUN_AS='
}

# The command line that becomes $user and keeps $capabilities.
becoming() {
	echo "setpriv --reuid $user --regid $(id -g "$user") --init-groups" \
		"--inh-caps=-all$capabilities --ambient-caps=-all$capabilities"
}

# True if the user cannot read the programs, the pages or the state folder; sets $closed.
closed_to_user() {
	for closed in "$here" "$bin" "$share/web" "$state"; do
		[ ! -e "$closed" ] || $(becoming) ls "$closed" >/dev/null 2>&1 || return 0
	done
	return 1
}

# Sets $gate to the first folder on the way to $closed that the user cannot enter.
find_gate() {
	gate=
	rest=${closed#/}/
	while [ -n "$rest" ]; do
		gate=$gate/${rest%%/*}
		rest=${rest#*/}
		$(becoming) test -x "$gate" || return 0
	done
}

# Most likely the checkout is below /root. In a mount namespace of our own, a folder that
# contains only what the parts need takes the place of the closed one, so they find it under
# the same names and nothing else of root's. (A capability to read everything would not do:
# lighttpd 1.4.77 and later drops those before it starts the REST programs.)
replace_gate() {
	case $gate in "$share" | "$bin" | "$here" | "$state") return 1 ;; esac
	mount -t tmpfs -o mode=755,size=1m foyer "$gate" || return 1
	fd=3
	for place in "$share" "$bin" "$here" "$state"; do
		case $place in
		"$gate"/*)
			[ ! -e /proc/self/fd/$fd ] || {
				mkdir -p "$place" &&
					mount --no-canonicalize --bind /proc/self/fd/$fd "$place"
			} || return 1
			;;
		esac
		fd=$((fd + 1))
	done
}

# Replaces each closed folder on the way. False if something is closed still.
open_the_way() {
	fd=3
	for place in "$share" "$bin" "$here" "$state"; do
		[ ! -e "$place" ] || eval "exec $fd<\"\$place\""
		fd=$((fd + 1))
	done
	gates=
	while closed_to_user; do
		find_gate
		case $gates in *" $gate "*) return 1 ;; esac
		gates="$gates $gate "
		replace_gate || return 1
	done
	exec 3<&- 4<&- 5<&- 6<&-
}

leave_root() {
	if [ ! -e "$state" ]; then
		mkdir -p "${state%/*}"
		mkdir -m 700 "$state"
	fi
	choose_user "$@"
	if [ "$(stat -c %u "$state")" -eq 0 ]; then
		is_state "$state" ||
			die "$state is root's and no state folder; STATE= names another"
		chown -hR "$user:" "$state"
	fi
	capabilities=
	if [ "${PORT:-8080}" -lt 1024 ] 2>/dev/null; then
		capabilities=,+net_bind_service
	fi
	if closed_to_user; then
		was_closed=$closed
		if [ -z "${OWN_MOUNTS:-}" ] && unshare --mount true 2>/dev/null; then
			OWN_MOUNTS=yes exec unshare --mount sh "$script" "$@"
		fi
		if [ -z "${OWN_MOUNTS:-}" ] || ! open_the_way; then
			die "$closed is closed to $user: let all read the checkout" \
				"(chmod -R go+rX), in a place open to all (/opt, /srv);" \
				"a STATE= too if you name one"
		fi
		case $1 in
		run | start)
			say "note: $was_closed is closed to $user. The parts see only" \
				"what they need of$gates(in a mount namespace)."
			;;
		esac
	fi
	# shellcheck disable=SC2046
	exec $(becoming) env -u OWN_MOUNTS HOME="$state" STATE="$state" BUILD="${bin%/*}" \
		sh "$script" "$@"
}

# ---- the other name ------------------------------------------------------------------

# The path of a Unix socket has at most 107 bytes, and our paths appear in connection
# strings, lighttpd's command lines and YAML. If one is long or has unusual characters, we
# use a private folder in /tmp with links to the real folders. Its name is always the same.
name_plainly() {
	case $state$share$bin in
	*[!A-Za-z0-9_./+@=-]*) ;;
	*) [ ${#state} -gt 60 ] || return 0 ;;
	esac
	short=/tmp/foyer-$(id -u)-$(printf %s "$state" | cksum | cut -d ' ' -f 1)
	mkdir -m 700 "$short" 2>/dev/null || :
	case $(stat -c '%F %u %a' "$short") in
	"directory $(id -u) 700") ;;
	*) die "$short is not ours; remove it, or choose a shorter STATE=" ;;
	esac
	ln -sfn "$state" "$short/state"
	ln -sfn "$share" "$short/share"
	ln -sfn "$bin" "$short/bin"
	at=$short/state
	share=$short/share
	bin=$short/bin
}

forget_plain_name() {
	[ -z "$short" ] || rm -rf "$short"
}

place() {
	find_code
	state=$(absolute "${STATE:-$default_state}")
	recall
	[ "$(id -u)" -ne 0 ] || leave_root "$@"
	export STATE="$state" # absolute, because we leave the current folder
	cd /
	umask 077
	mkdir -p "$state" 2>/dev/null || die "cannot make $state; STATE= names another"
	[ -w "$state" ] || die "$state belongs to $(stat -c %U "$state"):" \
		"be that user or root, or name another with STATE="
	at=$state
	short=
	name_plainly
	# libpq's variables would direct the programs to another database.
	for variable in $(env | sed -n 's/^\(PG[A-Z0-9_]*\)=.*/\1/p'); do
		unset "$variable"
	done
}
