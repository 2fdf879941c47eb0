/* mentions.h -- whom a text mentions: `@login`.
 *
 * This finds what looks like a login, before the text is stored. The statement that
 * stores the text (MENTIONS_OF) finds out whose logins they are, and whether those people
 * are in the room, under the room's lock. */
#pragma once

#include "shared/allowed.h"
#include "shared/arena.h"

enum { MENTIONS_MAX = 50 }; /* different ones a message; the rest stays plain text */

/* The logins after an `@` in the text, in the form in which they are looked up, separated
 * by one space; NULL: none. An e-mail address mentions nobody. If a login may end in a
 * dot or a dash, the form without it is included too. */
const char *mentions_find(struct arena *a, const char *text);

/* SQL, a uuid[]: the members of the room with these logins (text, as above; null: there
 * are none to look up). Leaves out people who are banned, and those whom a block
 * separates from the sender; null if nobody is left. */
#define MENTIONS_OF(logins, room_no, sender_id)                                         \
	"CASE WHEN " logins " IS NOT NULL THEN (SELECT array_agg(u.id ORDER BY n.at)"   \
	" FROM unnest(string_to_array(" logins ", ' ')) WITH ORDINALITY AS n (key, at)" \
	" CROSS JOIN LATERAL (SELECT id FROM users WHERE login_key = n.key LIMIT 1) u"  \
	" CROSS JOIN LATERAL (SELECT true AS here FROM members m"                       \
	"  WHERE m.room_no = " room_no                                                  \
	" AND m.user_id = u.id AND NOT m.banned LIMIT 1) m"                             \
	" WHERE NOT " ALLOWED_BLOCKED("u.id", sender_id) ") END"
