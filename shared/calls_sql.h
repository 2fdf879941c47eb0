/* calls_sql.h -- what the statements about calls have in common. For calls*.c alone. */
#pragma once

#include "shared/allowed.h"
#include "shared/roomlog.h"

/* Settles the calls that are held, and call_id: derives their state from their
 * participants. by_itself: no action came before. grace_s: as in CALL_PART_LOST. */
struct db_call calls_settle_call_(struct arena *a, const char *call_id, bool by_itself,
				  const char *grace_s);

/* The calls that the statement before has locked, and the call $1. */
#define CALLS_HELD "ANY (current_setting('foyer.calls')::uuid[] || $1::uuid)"

/* The same without $1: the calls that may be changed. */
#define CALLS_LOCKED "ANY (current_setting('foyer.calls')::uuid[])"

/* Lock calls in a fixed order, and leave their ids in the setting foyer.calls. */
#define CALLS_LOCK(which, how)                                                      \
	"SELECT set_config('foyer.calls', coalesce(array_agg(h.id), '{}')::text, "  \
	"true),"                                                                    \
	" count(*) FROM (SELECT c.id FROM calls c JOIN rooms r ON r.no = c.room_no" \
	" WHERE " which " ORDER BY c.id FOR UPDATE OF c" how ") h"

/* $1 a call, the one that $2 has joined, the one that goes on in room $3. */
#define CALLS_CONCERNED                                                         \
	"c.id = $1::uuid OR c.id = (SELECT p.call_id FROM call_participants p"  \
	" WHERE p.user_id = $2::uuid AND p.state = 'joined')"                   \
	" OR c.id = (SELECT l.id FROM rooms x JOIN calls l ON l.room_no = x.no" \
	" AND l.ended_at IS NULL WHERE x.id = $3::uuid)"

/* Is participant p of call c no longer there? direct: is it a direct room's call? Each
 * condition is a scalar subquery: EXISTS might be planned as a hash of the whole
 * table. */
#define CALL_PART_GONE(direct)                                            \
	"((SELECT true FROM members x WHERE x.room_no = c.room_no"        \
	"  AND x.user_id = p.user_id AND NOT x.banned) IS NULL"           \
	" OR (SELECT true FROM users x WHERE x.id = p.user_id"            \
	"  AND x.disabled_at IS NULL) IS NULL"                            \
	" OR (p.state = 'joined'"                                         \
	"  AND (SELECT true FROM sessions x WHERE x.id = p.session_id)"   \
	"   IS NULL"                                                      \
	"  AND (SELECT true FROM api_tokens x WHERE x.id = p.session_id)" \
	"   IS NULL)"                                                     \
	" OR (" direct " AND p.user_id <> c.initiator_id"                 \
	"  AND " ALLOWED_BLOCKED("p.user_id", "c.initiator_id") "))"

/* Was the device by which p joined seen before, but not for this many seconds? Null for
 * grace_s turns this off. */
#define CALL_PART_LOST(grace_s)             \
	"(p.state = 'joined' AND p.seen_at" \
	" < statement_timestamp() - " grace_s "::bigint * interval '1 second')"

/* Would settling change anything without an action? */
#define CALL_DUE(grace_s)                                                                               \
	"c.ended_at IS NULL AND (c.end_by <= statement_timestamp()"                                     \
	" OR (SELECT true FROM call_participants p WHERE p.call_id = c.id"                              \
	"  AND ((p.state = 'ringing' AND c.ring_until <= statement_timestamp())"                        \
	"   OR " CALL_PART_LOST(grace_s) "   OR (p.state IN ('ringing', 'joined') AND " CALL_PART_GONE( \
		"r.kind = 'direct'") ")) LIMIT 1) IS NOT NULL)"

/* For call c in room r: may the person with membership m and part mine (both LEFT JOINed)
 * know of it? Somebody who is banned knows nothing of the room. */
#define CALL_SHOWN                                                       \
	"(m.banned IS NOT TRUE AND (mine.user_id IS NOT NULL"            \
	" OR (m.user_id IS NOT NULL AND (r.settings->>'history' = 'all'" \
	"  OR c.ended_at IS NULL OR c.started_at >= m.joined_at))))"

/* One row a participant: calls_read(). */
#define CALL_COLUMNS                                                               \
	"c.id, r.id, c.kind, c.state, c.initiator_id, ms(c.started_at),"           \
	" ms(c.answered_at), ms(c.ended_at), p.user_id, p.state, ms(p.joined_at)," \
	" ms(p.left_at), c.version"
/* The number of these columns; readers put their own after them. */
enum { CALL_COLUMN_COUNT = 13 };
#define CALL_ORDER "c.started_at DESC, c.id DESC, p.user_id <> c.initiator_id, p.user_id"

/* A new call: $1 room, $2 who, $3 session, $4 id, $5 kind, $6 seconds to ring, $7 seconds
 * at most, $8 participants at most, $9 whether the caller is connected. It runs under the
 * lock of the room's head, so there is only one open call a room. earlier: WHENs that go
 * before all others; more: further CTEs. A member is busy if they have joined another
 * call, unless that one only awaits being marked as missed. */
/* clang-format off */
#define CALL_START(earlier, more)                                                        \
	"WITH me AS MATERIALIZED ("                                                      \
	" SELECT r.no, r.kind = 'direct' AS direct,"                                     \
	"  coalesce(m.muted_until > statement_timestamp(), false) AS muted,"             \
	"  (SELECT c.id FROM calls c WHERE c.room_no = r.no AND c.ended_at IS NULL)"     \
	"   AS live, (SELECT p.call_id FROM call_participants p"                         \
	"    WHERE p.user_id = $2::uuid AND p.state = 'joined') AS other,"               \
	"  (SELECT true FROM members x WHERE x.room_no = r.no AND NOT x.banned"          \
	"    AND x.user_id <> $2::uuid LIMIT 1) AS company"                              \
	" FROM rooms r JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid"      \
	"  AND NOT m.banned WHERE r.id = $1::uuid AND r.no = " ROOMLOG_HELD              \
	"), rung AS MATERIALIZED ("                                                      \
	" SELECT m.user_id, (SELECT true FROM call_participants p"                       \
	"   JOIN calls c ON c.id = p.call_id WHERE p.user_id = m.user_id"                \
	"   AND p.state = 'joined' AND (c.state = 'active'"                              \
	"    OR c.ring_until > statement_timestamp())) AS busy"                          \
	" FROM me JOIN members m ON m.room_no = me.no AND NOT m.banned"                  \
	"  AND m.user_id <> $2::uuid"                                                    \
	"  AND (m.muted_until > statement_timestamp()) IS NOT TRUE"                      \
	"  AND " ALLOWED_WRITE("$2::uuid", "m.user_id")                                  \
	" LIMIT $8::bigint"                                                              \
	"), verdict AS MATERIALIZED ("                                                   \
	" SELECT me.*, CASE " earlier                                                    \
	"  WHEN me.no IS NULL THEN 'none'"                                               \
	"  WHEN me.muted THEN 'muted'"                                                   \
	"  WHEN me.live IS NOT NULL THEN 'live'"                                         \
	"  WHEN me.other IS NOT NULL THEN 'busy'"                                        \
	"  WHEN me.company IS NULL AND NOT me.direct THEN 'alone'"                       \
	"  WHEN n.count = 0 THEN 'refused'"                                              \
	"  WHEN n.count >= $8::bigint THEN 'full' ELSE 'ok' END AS result"               \
	" FROM (SELECT count(*) AS count FROM rung) n LEFT JOIN me ON true"              \
	"), call AS ("                                                                   \
	" INSERT INTO calls (id, room_no, kind, initiator_id, acted_by, started_at,"     \
	"  ring_until, end_by) SELECT $4::uuid, no, $5::text, $2::uuid, $2::uuid,"       \
	"  statement_timestamp(),"                                                       \
	"  statement_timestamp() + $6::bigint * interval '1 second',"                    \
	"  statement_timestamp() + $7::bigint * interval '1 second'"                     \
	" FROM verdict WHERE result = 'ok' RETURNING id, started_at"                     \
	"), people AS ("                                                                 \
	" INSERT INTO call_participants (call_id, user_id, called_at, state, session_id,"\
	"  joined_at, seen_at) SELECT id, $2::uuid, started_at, 'joined', $3::uuid,"     \
	"  started_at, CASE WHEN $9::boolean THEN started_at END"                        \
	" FROM call UNION ALL SELECT id, user_id, started_at,"                           \
	"  CASE WHEN busy THEN 'busy' ELSE 'ringing' END, NULL, NULL, NULL"              \
	" FROM call, rung"                                                               \
	")" more " SELECT result, coalesce(live, other), NULL, NULL FROM verdict"
/* clang-format on */

/* Its nine parameters. */
#define CALL_START_PARAMS(a, d)                                               \
	(d)->room_id, (d)->user_id, (d)->session_id, (d)->id,                 \
		call_kind_names[(d)->kind], db_int((a), (d)->ring_s),         \
		db_int((a), (d)->most_s), db_int((a), (d)->max_participants), \
		(d)->is_live ? "t" : "f"
