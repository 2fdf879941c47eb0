#!/bin/sh
# programs.sh -- the REST programs, which paths each answers, and how many of it there are.
#
#   run/programs.sh names       their names, one a line
#   run/programs.sh fastcgi     lighttpd's configuration for them: started once, kept
#   run/programs.sh cgi         the same as plain CGI (foyer-cgi)
#   run/programs.sh environment ... and what each such process is told
#   run/programs.sh htaccess    Apache's, for a folder that has them in cgi/ (webhost.sh)
#
# lighttpd.conf includes what `fastcgi` or `cgi` prints (REST=cgi make run); its
# environment is described there.

set -eu

# name, workers, paths below <prefix>/api/v1 as a regular expression. The first that
# matches has it; auth has the rest: the service's own paths, and 404 for all that does
# not exist. Oneself (users/me) is auth's too: what needs the password is asked there. It
# has more workers, since hashing a password takes its time.
each() {
	while read -r name workers paths; do
		"$1"
	done <<'EOT'
messages 4 ((rooms|chats)/[^/]+/(messages|log|read)|messages)(/|$)
rooms    2 (rooms|chats|invites|admin/(rooms|stats))(/|$)
files    2 (files|avatars)(/|$)
search   2 search(/|$)
users    2 (users(?!/(me|profile)(/|$))|contacts)(/|$)
calls    2 calls(/|$)
auth     4 .*
EOT
}

name() {
	echo "$name"
}

# condition: which requests are this program's.
condition() {
	if [ "$name" = auth ]; then
		echo 'else {'
		return
	fi
	# shellcheck disable=SC2016
	printf '%s$HTTP["url"] =~ "^" + env.PREFIX_RE + "/api/v1/%s" {\n' "${else:-}" "$paths"
	else='else '
}

fastcgi() {
	condition
	# One process forks the workers (fcgi/workers.h). setpriv has it end with lighttpd,
	# even if that is killed.
	cat <<-EOT
		fastcgi.server = ( "/" => ((
			"bin-path" => "/usr/bin/setpriv --pdeathsig TERM " + env.BIN
				+ "/$name.fcgi --workers $workers --config " + env.STATE + "/foyer.yaml",
			"socket" => env.STATE + "/run/$name.fcgi",
			"max-procs" => 1,
			"check-local" => "disable",
			"x-sendfile" => "enable",
			"x-sendfile-docroot" => ( env.STATE + "/files" ),
		)) )
		}
	EOT
}

# Whatever the path is, it lies behind the program.
cgi() {
	condition
	cat <<-EOT
		alias.url = ( "" => env.BIN + "/$name.cgi" )
		cgi.assign = ( ".cgi" => "" )
		cgi.x-sendfile = "enable"
		cgi.x-sendfile-docroot = ( env.STATE + "/files" )
		}
	EOT
}

# lighttpd hands a CGI program nothing of its own environment: settings that stand there
# are passed on by name. For every path, since a request that is sent on its way again
# (bodyless.lua) keeps what the first one had.
environment() {
	echo 'setenv.add-environment = ( "FOYER_CONFIG" => env.STATE + "/foyer.yaml",'
	[ "${STAY:-yes}" = no ] || echo '"FOYER_CGI_DIR" => env.STATE + "/run",'
	env | sed -nE 's/^(FOYER_[A-Z_]+|[A-Z]+SAN_OPTIONS)=.*/"\1" => env.\1,/p'
	echo ')'
}

htaccess_rule() {
	if [ "$name" = auth ]; then
		echo 'RewriteRule ^(api(/.*)?|(health|status)(/(live|ready))?/?)$ cgi/auth.cgi [END]'
	else
		echo "RewriteRule ^api/v1/$paths cgi/$name.cgi [END]"
	fi
}

# headers FROM TO: what lighttpd.conf says between these two, of the pages alone.
headers() {
	sed -n "/$1/,/$2/"'s/^\t*"\([A-Z][A-Za-z-]*\)" => "\(.*\)",$/\tHeader set \1 "\2"/p' \
		"$(dirname "$(readlink -f "$0")")/../lighttpd.conf"
}

htaccess() {
	cat <<-'EOT'
		# Made by webhost.sh of Foyer, and made anew by the next one.
		Options -Indexes +ExecCGI
		CGIPassAuth On
		AddHandler cgi-script .cgi
		DirectoryIndex index.html
		AddDefaultCharset utf-8
		AddType text/javascript .js .mjs
		AddType application/manifest+json .webmanifest
		<Files ".ht*">
			Require all denied
		</Files>
		RewriteEngine On
	EOT
	each htaccess_rule
	echo '<FilesMatch "(?<!\.cgi)$">'
	headers '^# ---- the pages' 'The reference, shown'
	echo '</FilesMatch>'
	echo '<If "%{REQUEST_URI} =~ m#/swagger/#">'
	headers 'The reference, shown' '^# ---- what is outside'
	echo '</If>'
}

case ${1:-} in
names) each name ;;
htaccess) htaccess ;;
fastcgi | cgi) each "$1" ;;
environment) environment ;;
*)
	echo 'usage: run/programs.sh names|fastcgi|cgi|environment|htaccess' >&2
	exit 2
	;;
esac
