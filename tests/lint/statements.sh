#!/bin/sh
# statements.sh -- is every statement in its file's list? One that is missing there is never
# prepared, and fails when it is first needed.
cd "$(dirname "$0")/../.." || exit 1

bad=0
for file in $(git grep -l 'static const struct stmt' -- 'shared/*.c' 'broker/*.c' 'fcgi/*.c'); do
	awk '
		/^static const struct stmt [a-z_]+ ?=/ {
			gsub(/[^a-z_]/, "", $5)
			made[$5] = 1
		}
		/_statements\[\] ?=/ { in_list = 1 }
		in_list {
			for (rest = $0; match(rest, /&[a-z_]+/); rest = substr(rest, RSTART + RLENGTH))
				listed[substr(rest, RSTART + 1, RLENGTH - 1)] = 1
		}
		/;$/ { in_list = 0 }
		END {
			for (name in made)
				if (!(name in listed)) {
					print FILENAME ": " name " is in no list of statements"
					bad = 1
				}
			exit bad
		}' "$file" || bad=1
done
exit $bad
