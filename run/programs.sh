#!/bin/sh
# programs.sh -- the REST programs, the paths each of them answers, and its workers.
#
#   run/programs.sh names       print their names, one per line
#   run/programs.sh fastcgi     print lighttpd's configuration: FastCGI, started once
#   run/programs.sh cgi         the same as plain CGI (foyer-cgi)
#   run/programs.sh cgi-settings ... and what holds for all of them
#   run/programs.sh htaccess    print an .htaccess for a folder with them in cgi/ (webhost.sh)
#   run/programs.sh nginx       print the contents of an nginx `server` without lighttpd: pages,
#                               API, live side. FCGI: the folder of the sockets <name>.fcgi
#                               (/run/foyer); PREFIX_URL; BROKER (127.0.0.1:8081); SHELL_JS: the
#                               file that run/shell.sh made (FCGI/shell.js)
#   run/programs.sh apache      the same for a <VirtualHost>
#
# lighttpd.conf includes the output of `fastcgi` or `cgi` (REST=cgi make run), and
# describes the environment that it needs.

set -eu

# name, workers, paths below <prefix>/api/v1 as a regular expression. The first match wins.
# auth answers everything else: the paths of the service itself, and 404 for unknown ones.
# It also answers users/me, some of whose requests check the password. It has more workers
# because hashing a password is slow.
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

# condition: the beginning of the block for this program's requests.
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
	# One process forks the workers (fcgi/workers.h). setpriv makes it exit with lighttpd,
	# even if lighttpd is killed.
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

# The alias maps every path to the program itself.
cgi() {
	condition
	cat <<-EOT
		alias.url = ( "" => env.BIN + "/$name.cgi" )
		}
	EOT
}

# lighttpd does not pass its own environment to a CGI program, so each setting in it is
# passed by name. All of this applies to every path: a restarted request (refusals.lua) keeps
# the environment of its first run, and since 1.4.77 a condition on the path no longer holds
# once the path is known to be the program's PATH_INFO.
cgi_settings() {
	cat <<-EOT
		cgi.assign = ( ".cgi" => "" )
		cgi.x-sendfile = "enable"
		cgi.x-sendfile-docroot = ( env.STATE + "/files" )
	EOT
	echo 'setenv.add-environment = ( "FOYER_CONFIG" => env.STATE + "/foyer.yaml",'
	[ "${STAY:-yes}" = no ] || echo '"FOYER_CGI_DIR" => env.STATE + "/run",'
	env | sed -nE 's/^(FOYER_[A-Z_]+|[A-Z]+SAN_OPTIONS)=.*/"\1" => env.\1,/p'
	echo ')'
}

# The program's paths below the prefix, as a regular expression.
paths_below() {
	if [ "$name" = auth ]; then
		echo '(api(/.*)?|(health|status)(/(live|ready))?/?)$'
	else
		echo "api/v1/$paths"
	fi
}

htaccess_rule() {
	echo "RewriteRule ^$(paths_below) cgi/$name.cgi [END]"
}

# ---- another web server in lighttpd's place -------------------------------------------

# The live paths, taken from lighttpd.conf.
live_paths() {
	# shellcheck disable=SC2016
	sed -n 's,^else \$HTTP\["url"\] =~ "^" + env.PREFIX_RE + "/\((ws|.*\)" {$,\1,p' \
		"$share/lighttpd.conf"
}

front_settings() {
	share=$(dirname "$(dirname "$(readlink -f "$0")")")
	at=${PREFIX_URL:-}
	at_re=$(printf %s "$at" | sed 's/\./\\./g')
	sockets=${FCGI:-/run/foyer}
	broker=${BROKER:-127.0.0.1:8081}
	shell_js=${SHELL_JS:-$sockets/shell.js}
	live="^$at_re/$(live_paths)"
	max_body=26476544 # the default of max_file_bytes, and 256 KiB for a form around it
}

nginx_location() {
	cat <<-EOT
		location ~ "^$at_re/$(paths_below)" {
		    include fastcgi_params;
		    fastcgi_pass unix:$sockets/$name.fcgi;
		}
	EOT
}

# nginx uses the first regular expression that matches.
nginx() {
	cat <<-EOT
		# Made by run/programs.sh of Foyer.
		# As large as max_file_bytes, and a form around it.
		client_max_body_size $max_body;
		location ~ "$live" {
		    proxy_pass http://$broker;
		    proxy_http_version 1.1;
		    proxy_set_header Host \$http_host;
		    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
		    proxy_set_header Upgrade \$http_upgrade;
		    proxy_set_header Connection \$connection_upgrade;
		    proxy_buffering off;
		    proxy_read_timeout 120s;
		}
	EOT
	each nginx_location
	cat <<-EOT
		location $at/ {
		    alias $share/web/;
		    index index.html;
		    types {
		        text/html html;
		        text/css css;
		        text/javascript js mjs;
		        application/json json;
		        application/manifest+json webmanifest;
		        image/svg+xml svg;
		        image/png png;
		    }
		    charset utf-8;
		    charset_types text/css text/javascript;
		$(headers '^# ---- the pages' 'What only a page asks for' |
			sed 's/^\tHeader set \([^ ]*\) \(.*\)/    add_header \1 \2;/')
		    location = $at/shell.js {
		        alias $shell_js;
		    }
		}
	EOT
	[ -z "$at" ] || echo "location = $at { return 301 $at/; }"
}

apache_location() {
	cat <<-EOT
		<LocationMatch "^$at_re/$(paths_below)">
		    SetHandler "proxy:unix:$sockets/$name.fcgi|fcgi://$name"
		    SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=\$1
		</LocationMatch>
	EOT
}

# In Apache the last match wins, so the locations are printed in reverse order.
apache() {
	cat <<-EOT
		# Made by run/programs.sh of Foyer. Needs the modules alias, dir, headers, mime, setenvif,
		# proxy, proxy_fcgi, proxy_http, proxy_wstunnel.
		# As large as max_file_bytes, and a form around it.
		LimitRequestBody $max_body
		ProxyPreserveHost On
		ProxyPassMatch "$live" "http://$broker" upgrade=websocket flushpackets=on timeout=120
		Alias "$at/shell.js" "$shell_js"
		Alias "$at/" "$share/web/"
		<Directory "$share/web">
		    Require all granted
		    DirectoryIndex index.html
		    AddDefaultCharset utf-8
		    AddType text/javascript .js .mjs
		    AddType application/manifest+json .webmanifest
		</Directory>
		<LocationMatch "^$at_re/(?!api/|ws|health|status)">
		$({
			headers '^# ---- the pages' 'What only a page asks for'
			without_suffix
		} | sed 's/^\t/    /')
		</LocationMatch>
		<Location "$at/shell.js">
		    Require all granted
		    ForceType text/javascript
		</Location>
	EOT
	each apache_location | awk '/^<LocationMatch/ { n++ } { part[n] = part[n] $0 "\n" }
		END { for (; n; n--) printf "%s", part[n] }'
	[ -z "$at" ] || echo "RedirectMatch \"^$at_re\$\" \"$at/\""
}

# headers FROM TO: print the response headers that lighttpd.conf sets between two lines
# that match these patterns.
headers() {
	sed -n "/$1/,/$2/"'s/^\t*"\([A-Z][A-Za-z-]*\)" => "\(.*\)",$/\tHeader set \1 "\2"/p' \
		"$(dirname "$(readlink -f "$0")")/../lighttpd.conf"
}

# Apache's mod_deflate adds -gzip to an ETag, and does not recognise it when it comes back.
without_suffix() {
	printf '\tRequestHeader edit If-None-Match "-(gzip|br)\\"" "\\""\n'
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
	headers '^# ---- the pages' 'What only a page asks for'
	without_suffix
	echo '</FilesMatch>'
	echo '<If "%{REQUEST_URI} =~ m#/swagger/#">'
	headers 'The reference, shown' '^# ---- what is outside'
	echo '</If>'
}

case ${1:-} in
names) each name ;;
htaccess) htaccess ;;
fastcgi | cgi) each "$1" ;;
cgi-settings) cgi_settings ;;
nginx | apache)
	front_settings
	"$1"
	;;
*)
	echo 'usage: run/programs.sh names|fastcgi|cgi|cgi-settings|htaccess|nginx|apache' >&2
	exit 2
	;;
esac
