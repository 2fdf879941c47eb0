/* allowed.h -- who may approach whom: blocks and privacy settings, as conditions for any
 * statement.
 *
 * A block works both ways, whichever of the two made it. For a setting, only the person
 * who is approached decides: `contacts` are the unblocked people in their list. The
 * refusal is the same in all cases, so that nobody can tell a block from a setting.
 *
 * from, to, a, b: people, as SQL of type uuid; a column needs its table's alias. Each
 * condition is a scalar subquery, evaluated person by person; EXISTS might be planned as
 * a hash of everybody whom somebody knows. */
#pragma once

#include "shared/problem.h"

/* Does a have b in their list, with `blocked` true (or false, by "NOT")? */
#define ALLOWED_LISTED_(a, b, blocked)                                           \
	"(SELECT true FROM contacts listed WHERE listed.user_id = " a            \
	" AND listed.contact_id = " b " AND " blocked " listed.blocked LIMIT 1)" \
	" IS NOT NULL"

/* Does either of them block the other? */
#define ALLOWED_BLOCKED(a, b) \
	"(" ALLOWED_LISTED_(a, b, "") " OR " ALLOWED_LISTED_(b, a, "") ")"

/* Does a keep b as a contact? */
#define ALLOWED_CONTACT(a, b) "(" ALLOWED_LISTED_(a, b, "NOT") ")"

/* clang-format off */
#define ALLOWED_BY_(setting, from, to)                                              \
	"(" from " = " to " OR (NOT " ALLOWED_BLOCKED(from, to)                     \
	" AND coalesce((SELECT CASE asked.settings->>'" setting "'"                 \
	"  WHEN 'everyone' THEN true"                                               \
	"  WHEN 'contacts' THEN " ALLOWED_CONTACT(to, from) " ELSE false END"       \
	"  FROM users asked WHERE asked.id = " to "), false)))"
/* clang-format on */

/* May `from` write to `to` in a direct room, open one, or call them? False for an id that
 * nobody has; not for null. */
#define ALLOWED_WRITE(from, to) ALLOWED_BY_("who_can_write", from, to)

/* The same for the other member of the direct room with this number; false if that
 * account is gone. */
#define ALLOWED_DIRECT(room_no, from)                                           \
	"coalesce((SELECT " ALLOWED_WRITE(                                      \
		from, "o.user_id") " FROM members o WHERE o.room_no = " room_no \
				   " AND o.user_id <> " from " LIMIT 1), false)"

/* May `from` put `to` into a room? */
#define ALLOWED_ADD(from, to) ALLOWED_BY_("who_can_add", from, to)

/* May `author` know how far `reader` has read? How far messages were delivered is hidden
 * only if one of them blocks the other. */
#define ALLOWED_RECEIPTS(reader, author) \
	"(NOT " ALLOWED_BLOCKED(reader, author) " AND " ALLOWED_TELLS_READ(reader) ")"
/* The same if there can be no block. */
#define ALLOWED_TELLS_READ(reader)                                     \
	"coalesce((SELECT (asked.settings->>'send_receipts')::boolean" \
	" FROM users asked WHERE asked.id = " reader "), false)"

/* The answer to everybody who is refused: 403 cannot_write. */
static inline enum err
allowed_problem(struct problem *p)
{
	return problem_fail(p, ERR_FORBIDDEN, "cannot_write",
			    "You cannot reach this person.");
}
