/* members_sql.h -- what the statements that add people to rooms, or remove them, have in
 * common. For members*.c and removal.c alone; IN_TOO_MANY also for creating rooms. */
#pragma once

#include "shared/roomlog.h"

/* The room, if this transaction holds its head. */
#define HELD_ROOM_WHERE(is_meant)                                               \
	"room AS MATERIALIZED ("                                                \
	" SELECT r.no, r.kind, r.join_by_id, r.max_members, h.seq, h.messages," \
	"  h.member_count, r.is_lobby,"                                         \
	"  (r.settings->>'slow_mode_s')::int * interval '1 second' AS slow"     \
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"                   \
	" WHERE " is_meant " AND r.no = " ROOMLOG_HELD ")"
#define HELD_ROOM HELD_ROOM_WHERE("r.id = $1::uuid")

/* Is this person in as many rooms as allowed? Counts as of now: somebody who joins
 * several rooms at the same moment may exceed the limit by that many. */
#define IN_TOO_MANY(user, most)                                                \
	"(SELECT count(*) FROM (SELECT FROM members x WHERE x.user_id = " user \
	" AND NOT x.banned LIMIT " most ") x) >= " most

/* The role of somebody who joins `room` by themselves: an administrator who joins the
 * lobby while it has no owner becomes its owner. */
#define ROLE_ON_COMING(room, user)                                       \
	"CASE WHEN " room ".is_lobby"                                    \
	" AND (SELECT u.is_admin FROM users u WHERE u.id = " user ")"    \
	" AND (SELECT true FROM members o WHERE o.room_no = " room ".no" \
	"  AND o.role = 'owner') IS NULL THEN 'owner' ELSE 'member' END::member_role"

/* Adds the people in `coming` (no, seq, messages of the room; id, role, n from 1 on), by
 * $2: a membership and an event each, then moves the head. Somebody who left while muted
 * is still muted, and slow mode continues for them. */
/* clang-format off */
#define COME_IN                                                                  \
	"former AS ("                                                            \
	" DELETE FROM former_members x USING coming WHERE x.room_no = coming.no" \
	" AND x.user_id = coming.id"                                             \
	" RETURNING x.user_id, x.muted_until, x.posted_at"                       \
	"), entering AS MATERIALIZED ("                                          \
	" SELECT coming.*, posted_at, CASE WHEN role <> 'owner'"                 \
	"  AND muted_until > statement_timestamp() THEN muted_until END AS muted" \
	" FROM coming LEFT JOIN former ON former.user_id = coming.id"            \
	"), came AS ("                                                           \
	" INSERT INTO members (room_no, user_id, role, muted_until, joined_seq," \
	"  read_seq, read_messages, delivered_seq, posted_at)"                   \
	" SELECT no, id, role, muted, seq + n, seq + n, messages, seq + n,"      \
	"  posted_at FROM entering"                                              \
	"), told AS ("                                                           \
	" INSERT INTO log (room_no, seq, ordinal, created_at, actor_id,"         \
	"  subject_id, type, data)"                                              \
	" SELECT no, seq + n, messages, statement_timestamp(), $2::uuid, id,"    \
	"  'member', jsonb_build_object('action', 'joined', 'role', role,"       \
	"   'muted_until', " MUTED_UNTIL("muted") ") FROM entering"              \
	"), moved AS ("                                                          \
	" UPDATE room_heads h SET seq = h.seq + c.count,"                        \
	"  member_count = h.member_count + c.count"                              \
	" FROM (SELECT no, count(*) AS count FROM coming GROUP BY no) c"         \
	" WHERE h.room_no = c.no)"
/* In the form that events use. */
#define MUTED_UNTIL(at)                                                          \
	"to_char(" at " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* Notes that `user` leaves the room of `verdict` (no, slow), if `when` holds and they are
 * muted or still slowed down. Also deletes such notes of this room that have run out, of
 * people who never came back. */
#define KEEP_FORMER(user, until, posted, when)                                   \
	"left_behind AS ("                                                       \
	" INSERT INTO former_members (room_no, user_id, muted_until, posted_at)" \
	" SELECT no, " user ", " until ", " posted " FROM verdict WHERE " when   \
	"  AND (" until " > statement_timestamp()"                               \
	"   OR " posted " + slow > statement_timestamp())"                       \
	" ON CONFLICT (room_no, user_id) DO UPDATE SET"                          \
	"  muted_until = excluded.muted_until, posted_at = excluded.posted_at"   \
	"), over AS ("                                                           \
	" DELETE FROM former_members x USING verdict v WHERE " when              \
	"  AND x.room_no = v.no AND x.user_id <> " user                          \
	"  AND (x.muted_until > statement_timestamp()) IS NOT TRUE"              \
	"  AND (x.posted_at + slow > statement_timestamp()) IS NOT TRUE)"
/* clang-format on */

/* The person $2 who joins by themselves, as `coming`, if `verdict` (HELD_ROOM's columns,
 * result) is ok. */
#define COMING_ALONE                                                  \
	"coming AS ("                                                 \
	" SELECT no, seq, messages, $2::uuid AS id, " ROLE_ON_COMING( \
		"verdict",                                            \
		"$2::uuid") "  AS role, 1 AS n FROM verdict WHERE result = 'ok')"

/* $2 leaves room v of `from` (no, seq, messages, member_count; role; heir or null;
 * stays), if `when` holds. The heir becomes owner and is no longer muted; both changes
 * are events, and the head moves. */
#define GO_OUT(from, when)                                                               \
	"followed AS ("                                                                  \
	" UPDATE members m SET role = 'owner', muted_until = NULL FROM " from            \
	" v WHERE " when " AND m.room_no = v.no AND m.user_id = v.heir"                  \
	"), events AS MATERIALIZED ("                                                    \
	" SELECT v.*, e.n, e.subject, e.data FROM " from " v CROSS JOIN LATERAL (VALUES" \
	"  (1, $2::uuid, jsonb_build_object('action', 'left', 'role', v.role,"           \
	"   'muted_until', null)),"                                                      \
	"  (2, v.heir, '{\"action\": \"role\", \"role\": \"owner\","                     \
	"   \"muted_until\": null}')"                                                    \
	"  ) AS e (n, subject, data)"                                                    \
	" WHERE " when " AND v.stays AND (e.n = 1 OR v.heir IS NOT NULL)"                \
	"), told AS ("                                                                   \
	" INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, subject_id,"     \
	"  type, data)"                                                                  \
	" SELECT no, seq + n, messages, statement_timestamp(), $2::uuid, subject,"       \
	"  'member', data FROM events"                                                   \
	"), moved AS ("                                                                  \
	" UPDATE room_heads h SET seq = e.seq + e.n, member_count = e.member_count - 1"  \
	" FROM (SELECT no, seq, member_count, max(n) AS n FROM events"                   \
	"  GROUP BY no, seq, member_count) e WHERE h.room_no = e.no)"
