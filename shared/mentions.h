/* mentions.h -- whom a text names: `@login`.
 *
 * What looks like a login is found here, before the text goes anywhere; whose it is,
 * and whether they are in the room, is found out by the statement that stores the text
 * (MENTIONS_OF), under the lock of the room. */
#pragma once

#include "shared/allowed.h"
#include "shared/arena.h"

enum { MENTIONS_MAX = 50 }; /* different ones a message; further ones are words */

/* The logins that stand behind an `@` in the text, as they are looked up, with one space
 * between them; NULL: none. An e-mail address names nobody. Where a login might end in a
 * dot or a dash, the one without it is there too. */
const char *mentions_find(struct arena *a, const char *text);

/* SQL, a uuid[]: who of the room is meant by these logins (text, as above; null: nobody
 * is and nothing is asked). Nobody who was banned, or with whom the sender has nothing to
 * do any more; null where nobody is left. */
#define MENTIONS_OF(logins, room_no, sender_id)                                         \
	"CASE WHEN " logins " IS NOT NULL THEN (SELECT array_agg(u.id ORDER BY n.at)"   \
	" FROM unnest(string_to_array(" logins ", ' ')) WITH ORDINALITY AS n (key, at)" \
	" CROSS JOIN LATERAL (SELECT id FROM users WHERE login_key = n.key LIMIT 1) u"  \
	" CROSS JOIN LATERAL (SELECT true AS here FROM members m"                       \
	"  WHERE m.room_no = " room_no                                                  \
	" AND m.user_id = u.id AND NOT m.banned LIMIT 1) m"                             \
	" WHERE NOT " ALLOWED_BLOCKED("u.id", sender_id) ") END"
