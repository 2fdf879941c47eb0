/* allowed.h -- who lets whom come near: blocks and privacy settings, as conditions
 * for anybody's statement.
 *
 * A block stops both ways, whoever of the two made it. Under a setting, only the one
 * who is approached decides: `contacts` are those in their list who are not blocked
 * there. A refusal is the same in all cases, so that nobody can tell a block from a
 * setting.
 *
 * from, to, a, b: people, as SQL of type uuid; a column with its table's alias. Each
 * question is a scalar one, asked person by person; EXISTS might be planned as a hash
 * of all whom somebody knows. */
#pragma once

#include "shared/problem.h"

/* a has b in their list, and blocked is so. */
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

/* May `from` write to `to` in a direct room, open one, or call them? No to nobody's
 * id; not for null. */
#define ALLOWED_WRITE(from, to) ALLOWED_BY_("who_can_write", from, to)

/* The same of whoever else is in the direct room of this number; they may since have
 * gone altogether. */
#define ALLOWED_DIRECT(room_no, from)                                           \
	"coalesce((SELECT " ALLOWED_WRITE(                                      \
		from, "o.user_id") " FROM members o WHERE o.room_no = " room_no \
				   " AND o.user_id <> " from " LIMIT 1), false)"

/* May `from` put `to` into a room? */
#define ALLOWED_ADD(from, to) ALLOWED_BY_("who_can_add", from, to)

/* May `author` be told how far `reader` has read? How far it was delivered is no
 * secret but from those who are blocked. */
#define ALLOWED_RECEIPTS(reader, author) \
	"(NOT " ALLOWED_BLOCKED(reader, author) " AND " ALLOWED_TELLS_READ(reader) ")"
/* The same where no block can be. */
#define ALLOWED_TELLS_READ(reader)                                     \
	"coalesce((SELECT (asked.settings->>'send_receipts')::boolean" \
	" FROM users asked WHERE asked.id = " reader "), false)"

/* What all who are refused are told: 403 cannot_write. */
static inline enum err
allowed_problem(struct problem *p)
{
	return problem_fail(p, ERR_FORBIDDEN, "cannot_write",
			    "This person cannot be reached by you.");
}
