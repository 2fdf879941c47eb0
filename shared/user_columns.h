/* user_columns.h -- reading a person in any statement: as others see them, and as they
 * see themselves.
 *
 * Status and last_seen_at are visible to themselves, to the people they have as contacts,
 * and to people who share a room with them that is not public. If either blocks the
 * other, neither is visible, and nor is status_text, which everybody else sees like a
 * name. Statements fetch these columns together with the relation between the two people,
 * which is computed once a person; user_from() leaves out what the relation forbids. */
#pragma once

#include <string.h>

#include "shared/brokers.h"
#include "shared/db.h"
#include "shared/model.h"
#include "shared/roomlog.h"

/* The viewer's relation to somebody; each value sees what the one before does. */
enum user_relation {
	USER_BLOCKED = -1, /* one of the two blocks the other */
	USER_STRANGER = 0,
	USER_SHARES = 1,  /* a room that is not public */
	USER_CONTACT = 2, /* the viewer is their contact */
	USER_SELF = 3,
};

/* Of the viewer $1 to u, the alias of users; shares: the condition that they share a room
 * that is not public. Scalar subqueries are evaluated person by person; EXISTS might be
 * planned as a hash of everybody whom the viewer knows. */
/* clang-format off */
#define USER_RELATION(u, shares)                                                      \
	"CASE WHEN " u ".id = $1::uuid THEN 3"                                        \
	" WHEN (SELECT kept.blocked FROM contacts kept"                               \
	"  WHERE kept.user_id = $1::uuid AND kept.contact_id = " u ".id) THEN -1"     \
	" ELSE coalesce((SELECT CASE WHEN kept.blocked THEN -1 ELSE 2 END"            \
	"  FROM contacts kept WHERE kept.user_id = " u ".id"                          \
	"  AND kept.contact_id = $1::uuid),"                                          \
	" CASE WHEN " shares " THEN 1 ELSE 0 END) END"
/* clang-format on */

#define USER_SHARES_ROOM(u)                                                           \
	"(SELECT true FROM members mine"                                              \
	"  JOIN members theirs ON theirs.room_no = mine.room_no"                      \
	"   AND theirs.user_id = " u ".id AND NOT theirs.banned"                      \
	"  JOIN rooms common ON common.no = mine.room_no AND common.kind <> 'public'" \
	"  WHERE mine.user_id = $1::uuid AND NOT mine.banned LIMIT 1) IS NOT NULL"

/* The status that others see. It is what u chose, while a device of theirs is connected
 * to a live broker; online turns into away if all of the devices are idle. If no broker
 * runs, nobody is connected: then people seen within SEEN_EVERY_MS and a minute
 * (shared/session.h) count as here. */
#define USER_STATUS(u)                                                              \
	"CASE WHEN " u ".status = 'offline' THEN 'offline' ELSE coalesce("          \
	"(SELECT CASE WHEN " u ".status = 'online' AND bool_and(here.away)"         \
	"  THEN 'away' ELSE " u ".status END"                                       \
	"  FROM presence here JOIN brokers b ON b.id = here.broker_id"              \
	"   AND " BROKER_IS_ALIVE(                                                  \
		"b") "  WHERE here.user_id = " u ".id HAVING count(*) > 0),"        \
		     " CASE WHEN " u ".last_seen_at > now() - interval '6 minutes'" \
		     "  AND (SELECT true FROM brokers b WHERE " BROKER_IS_ALIVE(    \
			     "b") " LIMIT 1)"                                       \
				  "   IS NULL THEN " u ".status ELSE 'offline' END) END"

/* status: the column to show; relation: a value of the enum, as SQL. */
#define USER_COLUMNS_(u, status, relation)                                        \
	u ".id, " u ".login, " u ".first_name, " u ".last_name, " u ".bio, " u    \
	  ".avatar, " status ", " u ".status_text, ms(" u ".last_seen_at), ms(" u \
	  ".created_at), " u ".settings->>'show_last_seen', " relation
enum { USER_RELATION_COLUMN = 11, USER_COLUMN_COUNT = 12 };

/* For the viewer $1. For themselves the status is the one they chose. */
#define USER_COLUMNS_IF(u, shares)                            \
	USER_COLUMNS_(u,                                      \
		      "CASE WHEN " u ".id = $1::uuid THEN " u \
		      ".status ELSE " USER_STATUS(u) " END",  \
		      USER_RELATION(u, shares))
#define USER_COLUMNS(u) USER_COLUMNS_IF(u, USER_SHARES_ROOM(u))

static inline int
user_relation_from(const struct rows *r, int row, int col)
{
	return (int)rows_int(r, row, col + USER_RELATION_COLUMN);
}

static inline bool
user_shows_last_seen(const char *to, int relation)
{
	if (relation == USER_SELF)
		return true;
	if (to && strcmp(to, "contacts") == 0)
		return relation == USER_CONTACT;
	return relation > USER_STRANGER && to && strcmp(to, "everyone") == 0;
}

static inline struct user
user_from(const struct rows *r, int row, int col)
{
	int relation = user_relation_from(r, row, col);
	bool shows = user_shows_last_seen(rows_text(r, row, col + 10), relation);

	return (struct user){
		.id = rows_text(r, row, col),
		.login = rows_text(r, row, col + 1),
		.first_name = rows_text(r, row, col + 2),
		.last_name = rows_text(r, row, col + 3),
		.bio = rows_text(r, row, col + 4),
		.avatar = rows_text(r, row, col + 5),
		.status = relation > USER_STRANGER ? rows_text(r, row, col + 6) : NULL,
		.status_text =
			relation > USER_BLOCKED ? rows_text(r, row, col + 7) : NULL,
		.last_seen_at = shows ? rows_int(r, row, col + 8) : 0,
		.created_at = rows_int(r, row, col + 9),
	};
}

/* The person who is signed in. */
#define SIGNED_IN_COLUMNS(u) \
	USER_COLUMNS_(u, u ".status", "3") ", " u ".is_admin, " u ".settings"

static inline struct user
signed_in_from(const struct rows *r, int row)
{
	struct user me = user_from(r, row, 0);

	me.is_admin = rows_bool(r, row, USER_COLUMN_COUNT);
	me.settings = rows_text(r, row, USER_COLUMN_COUNT + 1);
	return me;
}

/* The same with what nobody else sees; a: the alias of accounts. */
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
