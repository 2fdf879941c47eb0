#!/bin/sh
# programs.sh -- the REST programs, which paths each answers, and how many of it there are.
#
#   run/programs.sh names       their names, one a line
#   run/programs.sh fastcgi     lighttpd's configuration for them: started once, kept
#   run/programs.sh cgi         the same as plain CGI (foyer-cgi)
#   run/programs.sh environment ... and what each such process is told
#   run/programs.sh htaccess    Apache's, for a folder that has them in cgi/ (webhost.sh)
#   run/programs.sh nginx       nginx's, for a `server`, where no lighttpd is wanted: pages, API,
#                               live side. FCGI: the folder of sockets (/run/foyer), as
#                               <name>.fcgi; PREFIX_URL; BROKER (127.0.0.1:8081); SHELL_JS: the
#                               file that run/shell.sh made (FCGI/shell.js)
#   run/programs.sh apache      the same for a <VirtualHost>
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

# Below the prefix, from the beginning to the end.
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

# As lighttpd.conf has them.
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
	max_body=26476544 # the default of max_file_bytes, and a form around it
}

nginx_location() {
	cat <<-EOT
		location ~ "^$at_re/$(paths_below)" {
		    include fastcgi_params;
		    fastcgi_pass unix:$sockets/$name.fcgi;
		}
	EOT
}

# Of regular expressions the first that matches has it.
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

# Of several that match the last has it: so the other way round.
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
		$(headers '^# ---- the pages' 'What only a page asks for' | sed 's/^\t/    /')
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
nginx | apache)
	front_settings
	"$1"
	;;
*)
	echo 'usage: run/programs.sh names|fastcgi|cgi|environment|htaccess|nginx|apache' >&2
	exit 2
	;;
esac
