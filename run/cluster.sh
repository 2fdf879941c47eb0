#!/bin/sh
# cluster.sh -- the private PostgreSQL cluster in the state folder.
#
#   run/cluster.sh start       create it if there is none, start it, load the schema once
#   run/cluster.sh stop [immediate]
#   run/cluster.sh restart [immediate]
#   run/cluster.sh status      exit status 0: it runs
#   run/cluster.sh psql ...    psql as the owner, in the database foyer
#   run/cluster.sh dump FILE   dump the database into a file (pg_dump -Fc)
#   run/cluster.sh load FILE   load a dump, if there is no database foyer yet
#
# It shares only the programs with the machine's own PostgreSQL. It has no TCP port, and
# its socket is in a folder that only its user can enter. This folder protects it, so the
# authentication method is "trust": whoever can reach the socket can read the files too.
#
# Interruptions: the cluster is created under another name and renamed when it is
# complete, and the schema is loaded in one transaction. So an interrupted start can
# simply be repeated.

set -eu
# shellcheck source=run/place.sh
. "$(dirname "$(readlink -f "$0")")/place.sh"

# Use the PostgreSQL version that created the data, else the newest; never one from PATH,
# which may be of any version.
find_postgresql() {
	version=$(cat "$state/pg/data/PG_VERSION" 2>/dev/null) || version=0
	for dir in /usr/lib/postgresql/*/bin; do
		found=${dir#/usr/lib/postgresql/}
		found=${found%/bin}
		[ -x "$dir/postgres" ] || continue
		[ "$version" = 0 ] || [ "$version" = "$found" ] || continue
		[ -n "${pg:-}" ] && [ "$found" -lt "$newest" ] && continue
		pg=$dir newest=$found
	done
	[ -n "${pg:-}" ] ||
		die "PostgreSQL ${version#0} is not installed (run/deps.sh run)"
}

# Is the data folder this process's working folder? Its name may be another in the process's
# mount namespace (place.sh).
works_here() {
	# shellcheck disable=SC3013 # in POSIX since 2024
	[ "$1/cwd" -ef "$state/pg/data" ]
}

# The postmaster's pid, if it runs. After a crash or a reboot another process may have
# that number, so we check that its working folder is the data folder.
postmaster() {
	read -r pid 2>/dev/null <"$state/pg/data/postmaster.pid" || return 1
	works_here "/proc/$pid" || return 1
	echo "$pid"
}

# PostgreSQL refuses to start if another process of this user has the pid in its lock
# files. In that case, and if no process of the old server is left, we remove them.
remove_stale_locks() {
	lock=$state/pg/data/postmaster.pid
	[ -e "$lock" ] && ! postmaster >/dev/null || return 0
	read -r pid <"$lock" && [ -d "/proc/$pid" ] || return 0
	for process in /proc/[0-9]*; do
		! works_here "$process" ||
			die "process ${process#/proc/} of an earlier server still runs"
	done
	rm -f "$lock" "$at"/pg/sock/.s.PGSQL.5432*
}

make_cluster() {
	say 'making a PostgreSQL cluster'
	rm -rf "$at/pg/new"
	"$pg/initdb" -D "$at/pg/new" -U foyer -E UTF8 --locale=C.UTF-8 --auth=trust \
		--no-instructions >"$at/log/initdb.log" 2>&1 || {
		cat "$at/log/initdb.log" >&2
		die "initdb failed"
	}
	rm -f "$at/log/initdb.log"
	echo 'local all all trust' >"$at/pg/new/pg_hba.conf"
	echo "include 'foyer.conf'" >>"$at/pg/new/postgresql.conf"
	write_settings "$at/pg/new"
	mv "$at/pg/new" "$at/pg/data"
}

# Written at each start, because the folder may have moved.
write_settings() {
	cat >"$1/foyer.conf" <<-CONF
		# Made by run/cluster.sh at each start. Your own settings go into
		# postgresql.conf, below the line that includes this.
		listen_addresses = ''
		port = 5432
		unix_socket_directories = '$at/pg/sock'
		unix_socket_permissions = 0700
		max_connections = 100
		jit = off
		timezone = 'UTC'
		log_timezone = 'UTC'
		log_line_prefix = '%m [%p] %u '
		# The details of an error quote rows, and rows hold what people wrote.
		log_error_verbosity = terse
		log_parameter_max_length = 0
	CONF
}

query() {
	"$pg/psql" -XAtq -v ON_ERROR_STOP=1 -h "$at/pg/sock" -p 5432 -U foyer "$@"
}

has_foyer() {
	[ -n "$(query -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'foyer'")" ]
}

load_schema() {
	has_foyer || query -d postgres -c 'CREATE DATABASE foyer'
	[ -z "$(query -d foyer -c "SELECT to_regclass('public.instance')")" ] || return 0
	query -d foyer -o /dev/null -f "$share/schema.sql"
}

# Descriptors from 3 on may be the caller's lock or make's pipes; the server would keep
# them open as long as it runs.
start_server() {
	mkdir -p "$at/pg/sock" "$at/log"
	chmod 700 "$at/pg/sock"
	[ -d "$at/pg/data" ] || make_cluster
	if ! postmaster >/dev/null; then
		remove_stale_locks
		write_settings "$at/pg/data"
		# Drop the capability that a web server on port 80 needs: a later caller
		# without it, as when stopping, could not read this server's /proc/PID/cwd
		# in postmaster().
		setpriv --inh-caps=-net_bind_service --ambient-caps=-net_bind_service \
			"$pg/pg_ctl" start -s -w -t 300 -D "$at/pg/data" \
			-l "$at/log/postgres.log" </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- ||
			die 'PostgreSQL does not start'
	fi
}

start() {
	start_server
	load_schema
}

dump() {
	"$pg/pg_dump" -h "$at/pg/sock" -p 5432 -U foyer -Fc --no-unlogged-table-data \
		-f "$1" foyer
}

# Loads under another name and renames the database when it is complete. The epoch
# changes, so that a client which had seen more than the dump contains does not mistake
# new events for those it has.
load() {
	start_server
	! has_foyer || die "$state has a database already"
	query -d postgres <<-'SQL'
		SET client_min_messages = warning;
		DROP DATABASE IF EXISTS foyer_new;
		CREATE DATABASE foyer_new;
		DROP ROLE IF EXISTS foyer_auth, foyer_api, foyer_broker;
		CREATE ROLE foyer_auth LOGIN;
		CREATE ROLE foyer_api LOGIN;
		CREATE ROLE foyer_broker LOGIN;
	SQL
	"$pg/pg_restore" -h "$at/pg/sock" -p 5432 -U foyer --exit-on-error -d foyer_new "$1"
	query -d foyer_new -c 'UPDATE instance SET epoch = DEFAULT'
	query -d postgres -c 'ALTER DATABASE foyer_new RENAME TO foyer'
}

stop() {
	postmaster >/dev/null || return 0
	"$pg/pg_ctl" stop -D "$at/pg/data" -s -w -t 300 -m "${1:-fast}"
}

case ${1:-} in
dump | load)
	[ $# -eq 2 ] || die "usage: run/cluster.sh $1 FILE"
	file=$(absolute "$2")
	;;
esac
place "$@"
find_postgresql
case ${1:-} in
start) start ;;
stop) stop "${2:-}" ;;
restart)
	stop "${2:-}"
	start
	;;
status) postmaster >/dev/null ;;
dump) dump "$file" ;;
load) load "$file" ;;
psql)
	shift
	exec "$pg/psql" -X -h "$at/pg/sock" -p 5432 -U foyer -d foyer "$@"
	;;
*) die 'usage: run/cluster.sh start|stop|restart|status|psql|dump|load' ;;
esac
