/* members_sql.h -- what the statements that let people into rooms, and out, have in
 * common. For members*.c and removal.c alone; IN_TOO_MANY for making rooms too. */
#pragma once

#include "shared/roomlog.h"

/* The room, if its head is ours. */
#define HELD_ROOM_WHERE(is_meant)                                               \
	"room AS MATERIALIZED ("                                                \
	" SELECT r.no, r.kind, r.join_by_id, r.max_members, h.seq, h.messages," \
	"  h.member_count, r.is_lobby,"                                         \
	"  (r.settings->>'slow_mode_s')::int * interval '1 second' AS slow"     \
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"                   \
	" WHERE " is_meant " AND r.no = " ROOMLOG_HELD ")"
#define HELD_ROOM HELD_ROOM_WHERE("r.id = $1::uuid")

/* Is this person in as many rooms as one may be? As of now: who comes into several
 * rooms in one moment may pass it by as many. */
#define IN_TOO_MANY(user, most)                                                \
	"(SELECT count(*) FROM (SELECT FROM members x WHERE x.user_id = " user \
	" AND NOT x.banned LIMIT " most ") x) >= " most

/* As what somebody comes into `room` by themselves: the lobby is an administrator's who
 * comes while it has no owner. */
#define ROLE_ON_COMING(room, user)                                       \
	"CASE WHEN " room ".is_lobby"                                    \
	" AND (SELECT u.is_admin FROM users u WHERE u.id = " user ")"    \
	" AND (SELECT true FROM members o WHERE o.room_no = " room ".no" \
	"  AND o.role = 'owner') IS NULL THEN 'owner' ELSE 'member' END::member_role"

/* Those of `coming` (no, seq, messages of the room; id, role, n from 1 on) are in, by $2:
 * a membership and an event each, and the head moves. Who left muted is muted still, and
 * slow mode goes on for them. */
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
/* As events tell it. */
#define MUTED_UNTIL(at)                                                          \
	"to_char(" at " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

/* Whoever of `verdict` (no, slow) goes out of the room, if that holds, while muted or
 * before slow mode would let them post again. Who goes next takes those along that are
 * over, whose people never came back. */
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

/* Who comes by themselves, $2, as `coming`: if `verdict` (HELD_ROOM's columns, result) is
 * ok. */
#define COMING_ALONE                                                  \
	"coming AS ("                                                 \
	" SELECT no, seq, messages, $2::uuid AS id, " ROLE_ON_COMING( \
		"verdict",                                            \
		"$2::uuid") "  AS role, 1 AS n FROM verdict WHERE result = 'ok')"

/* $2 goes out of room v of `from` (no, seq, messages, member_count; role; heir or null;
 * stays), when that holds: the heir becomes the owner, and is muted no more, each of both
 * is an event, and the head moves. */
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
