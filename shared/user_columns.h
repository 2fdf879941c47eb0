/* user_columns.h -- reading a person in any statement: as others see them, and as
 * they see themselves.
 *
 * Status and last_seen_at are for those who share a room with them that is not
 * public, and for themselves. */
#pragma once

#include "shared/db.h"
#include "shared/model.h"
#include "shared/roomlog.h"

/* u: the alias of users in the statement, as text. */
#define USER_COLUMNS_(u, status, last_seen)                                    \
	u ".id, " u ".login, " u ".first_name, " u ".last_name, " u ".bio, " u \
	  ".avatar, " status ", " u ".status_text, " last_seen ", ms(" u ".created_at)"
enum { USER_COLUMN_COUNT = 10 };

/* A condition: may the viewer, $1, see whether this person is here? A scalar
 * question is asked person by person; EXISTS might be planned as a hash of all whom
 * the viewer knows. */
#define USER_IS_KNOWN(u)                                                              \
	"(" u ".id = $1::uuid OR (SELECT true FROM members mine"                      \
	"  JOIN members theirs ON theirs.room_no = mine.room_no"                      \
	"   AND theirs.user_id = " u ".id AND NOT theirs.banned"                      \
	"  JOIN rooms common ON common.no = mine.room_no AND common.kind <> 'public'" \
	"  WHERE mine.user_id = $1::uuid AND NOT mine.banned LIMIT 1) IS NOT NULL)"

/* For a viewer who is known to share a room with them. */
#define USER_COLUMNS(u)                                                          \
	USER_COLUMNS_(u, u ".status",                                            \
		      "CASE WHEN " u ".settings->>'show_last_seen' = 'everyone'" \
		      " THEN ms(" u ".last_seen_at) END")

/* For one of whom the condition says whether they do. */
#define USER_COLUMNS_IF(u, known)                                           \
	USER_COLUMNS_(u, "CASE WHEN " known " THEN " u ".status END",       \
		      "CASE WHEN " u ".last_seen_at IS NOT NULL"            \
		      " AND " u ".settings->>'show_last_seen' = 'everyone'" \
		      " AND (" known ") THEN ms(" u ".last_seen_at) END")

static inline struct user
user_from(const struct rows *r, int row, int col)
{
	return (struct user){
		.id = rows_text(r, row, col),
		.login = rows_text(r, row, col + 1),
		.first_name = rows_text(r, row, col + 2),
		.last_name = rows_text(r, row, col + 3),
		.bio = rows_text(r, row, col + 4),
		.avatar = rows_text(r, row, col + 5),
		.status = rows_text(r, row, col + 6),
		.status_text = rows_text(r, row, col + 7),
		.last_seen_at = rows_int(r, row, col + 8),
		.created_at = rows_int(r, row, col + 9),
	};
}

/* Whoever is signed in. */
#define SIGNED_IN_COLUMNS(u)                                    \
	USER_COLUMNS_(u, u ".status", "ms(" u ".last_seen_at)") \
	", " u ".is_admin, " u ".settings"

static inline struct user
signed_in_from(const struct rows *r, int row)
{
	struct user me = user_from(r, row, 0);

	me.is_admin = rows_bool(r, row, USER_COLUMN_COUNT);
	me.settings = rows_text(r, row, USER_COLUMN_COUNT + 1);
	return me;
}

/* Oneself, with what nobody else sees; a: the alias of accounts. */
#define OWN_COLUMNS(u, a) SIGNED_IN_COLUMNS(u) ", " a ".email, " a ".email_confirmed"
enum { OWN_COLUMN_COUNT = USER_COLUMN_COUNT + 4 };

static inline struct user
own_from(const struct rows *r, int row)
{
	struct user me = signed_in_from(r, row);

	me.email = rows_text(r, row, USER_COLUMN_COUNT + 2);
	me.email_confirmed = rows_bool(r, row, USER_COLUMN_COUNT + 3);
	return me;
}
