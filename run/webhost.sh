#!/bin/sh
# webhost.sh -- install Foyer on a web host that offers nothing but files: the pages, the
# programs as plain CGI, and an .htaccess that routes requests to them.
#
#   PREFIX_URL=/chat run/webhost.sh WEB OWN DATABASE
#
#   WEB         the public folder, such as ~/public_html/chat
#   OWN         the private folder for settings, keys, uploads and logs: ~/foyer-own
#   DATABASE    a libpq connection string: 'host=db.example.org dbname=me user=me'
#   PREFIX_URL  the path of WEB on the site; empty if it is the whole site
#   STAY        no: programs exit after each answer, for a host that forbids them to stay
#
# Run it again to upgrade; settings, keys and uploads stay. It creates nothing before the
# database has answered.

set -eu
# shellcheck source=run/place.sh
. "$(dirname "$(readlink -f "$0")")/place.sh"

[ $# -eq 3 ] || {
	echo "usage: PREFIX_URL=/chat run/webhost.sh WEB OWN 'host=... dbname=... user=...'" >&2
	exit 2
}
find_code
web=$(absolute "$1")
own=$(absolute "$2")
database=$3
prefix=${PREFIX_URL:-}
prefix=${prefix%/}
programs=$("$share/run/programs.sh" names)

random_hex() {
	od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'
}

# Single-quote a word for a shell or a string for YAML.
in_shell() {
	printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

in_yaml() {
	printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"
}

# Everybody can read what is inside WEB. OWN may be in another public folder, which we
# cannot detect; there its .htaccess protects it.
check_places() {
	case $own/ in "$web"/*) die "$own is inside $web, which everybody can see" ;; esac
	case $web/ in "$own"/*) die "$web is inside $own, which nobody may see" ;; esac
}

# foyer.yaml is written under another name and renamed, so an interrupted run can be
# repeated.
make_own() {
	umask 077
	mkdir -p "$own/keys" "$own/files" "$own/run" "$own/log" || exit
	echo 'Require all denied' >"$own/.htaccess"
	[ ! -e "$own/foyer.yaml" ] || return 0
	random_hex 32 >"$own/keys/main"
	cat >"$own/foyer.new" <<-EOT
		# What there is to set, and what it means: $share/foyer.yaml
		prefix: $(in_yaml "$prefix")
		run_dir: $(in_yaml "$own/run")
		files_dir: $(in_yaml "$own/files")
		keys_dir: $(in_yaml "$own/keys")
		log_file: $(in_yaml "$own/log/rest.log")
		database: $(in_yaml "$database")
	EOT
	check_settings "$own/foyer.new"
	mv "$own/foyer.new" "$own/foyer.yaml"
}

check_settings() {
	"$bin/auth.fcgi" --check-config --config "$1" >/dev/null ||
		die 'what is wrong stands above'
}

check_own() {
	check_settings "$own/foyer.yaml"
	grep -qE "^prefix: *['\"]?${prefix}['\"]? *(#.*)?\$" "$own/foyer.yaml" ||
		die "PREFIX_URL is '$prefix' now, but not the prefix in $own/foyer.yaml"
}

make_tables() {
	version=$(psql -XAtq "$database" -c 'SHOW server_version_num')
	[ "$version" -ge 150000 ] ||
		die "PostgreSQL has to be 15 or later; this one is $((version / 10000))"
	known=$(psql -XAtq "$database" -c "SELECT to_regclass('public.instance')")
	[ -n "$known" ] || psql -Xq -v ON_ERROR_STOP=1 "$database" -f "$share/schema.sql"
}

program_script() {
	echo '#!/bin/sh'
	echo "export FOYER_CONFIG=$(in_shell "$own/foyer.yaml")"
	[ ! -e "$bin/lib/magic.mgc" ] || echo "export MAGIC=$(in_shell "$bin/lib/magic.mgc")"
	[ "${STAY:-yes}" = no ] || echo "export FOYER_CGI_DIR=$(in_shell "$own/run")"
	echo "exec $(in_shell "$bin/$program.cgi")"
}

make_web() {
	umask 022
	mkdir -p "$web/cgi"
	cp -R "$share/web/." "$web/"
	"$share/run/shell.sh" "$share/web" >"$web/shell.js"
	if [ -d "$bin/swagger-ui" ]; then
		mkdir -p "$web/swagger/ui"
		cp -R "$bin/swagger-ui/." "$web/swagger/ui/"
	fi
	for program in $programs; do
		program_script >"$web/cgi/$program.cgi"
		chmod 755 "$web/cgi/$program.cgi"
	done
	"$share/run/programs.sh" htaccess >"$web/.htaccess"
}

check_places
make_tables
make_own
check_own
make_web
say "$web is ready; settings are in $own/foyer.yaml"
