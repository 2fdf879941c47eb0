/* append_sql.h -- the parts of the statements that append messages; for roomlog.c alone.
 *
 * They check, number, insert, and move the heads and the senders' cursors, for a whole
 * batch at once. Only accepted messages get a number, so seq has no gaps. No key occurs
 * twice in a batch. The time is taken after the lock, so that it never runs against seq.
 * Each look-up is LATERAL or (SELECT true), with LIMIT: it must be one probe of one
 * index, even in a plan that was made when the tables were empty; the planner may answer
 * EXISTS from a scan of the whole table. OFFSET 0 keeps a value that was computed once
 * from being computed again wherever it is named.
 *
 * What most messages do not need is passed in as macro parameters, because every plan
 * node costs something even if it never runs. The batch is materialised only once on its
 * way (`numbered`), because that copies all of its text. */
#pragma once

#include "shared/allowed.h"

#define OTHER_LISTENS ALLOWED_DIRECT("h.no", "i.sender_id")

#define HEADS                                                                \
	"heads AS MATERIALIZED ("                                            \
	" SELECT r.id, r.no, r.kind, h.seq, h.messages,"                     \
	"  " IS_SINCE_JOIN " AS since_join,"                                 \
	"  (r.settings->>'slow_mode_s')::int * interval '1 second' AS slow"  \
	" FROM unnest(current_setting('foyer.held')::bigint[]) AS held (no)" \
	" JOIN room_heads h ON h.room_no = held.no"                          \
	" JOIN rooms r ON r.no = held.no)"

/* sooner: earlier messages of this batch that count for slow mode. */
#define CHECKED(more, sooner)                                                                      \
	"checked AS ("                                                                             \
	" SELECT i.*, h.no, h.seq AS head_seq, h.messages,"                                        \
	"  old.seq AS old_seq, old.ordinal AS old_ordinal, old.created_at AS old_at,"              \
	"  m.posted_at + h.slow AS free_at,"                                                       \
	"  CASE"                                                                                   \
	"  WHEN h.no IS NULL THEN CASE WHEN (SELECT true FROM rooms r"                             \
	"    WHERE r.id = i.room_id LIMIT 1) THEN 'busy' ELSE 'no_room' END"                       \
	"  WHEN old.seq IS NOT NULL THEN CASE WHEN old.fingerprint = i.fingerprint"                \
	"    THEN 'duplicate' ELSE 'mismatch' END"                                                 \
	"  WHEN m.banned IS NULL THEN 'no_room'"                                                   \
	"  WHEN m.banned THEN 'banned'"                                                            \
	"  WHEN m.muted_until > statement_timestamp() THEN 'muted'"                                \
	"  WHEN h.kind = 'direct' AND NOT " OTHER_LISTENS " THEN 'cannot_write'"                   \
	"  WHEN i.reply_to IS NOT NULL AND (i.reply_to_room <> h.no OR (SELECT true"               \
	"    FROM log l WHERE l.room_no = h.no AND l.seq = i.reply_to"                             \
	"    AND l.type = 'message' AND (NOT h.since_join OR l.seq >= m.joined_seq)"               \
	"    LIMIT 1) IS NULL) THEN 'no_reply'" more                                               \
	"  WHEN h.slow > interval '0' AND m.role = 'member'"                                       \
	"    AND (m.posted_at + h.slow > statement_timestamp()" sooner ") THEN 'slow'"             \
	"  ELSE 'ok' END AS result"                                                                \
	" FROM input i"                                                                            \
	" LEFT JOIN heads h ON h.id = i.room_id"                                                   \
	" LEFT JOIN LATERAL (SELECT m.role, m.banned, m.muted_until, m.posted_at,"                 \
	"  m.joined_seq FROM members m WHERE m.room_no = h.no AND m.user_id = i.sender_id LIMIT 1" \
	"  ) m ON true"                                                                            \
	" LEFT JOIN LATERAL (SELECT l.seq, l.ordinal, l.created_at, l.fingerprint"                 \
	"  FROM log l WHERE l.room_no = h.no AND l.actor_id = i.sender_id"                         \
	"  AND l.client_id = i.client_id LIMIT 1) old ON true OFFSET 0)"

/* nth: how many messages of the room are accepted, up to and including this one. */
#define NUMBERED(nth, made, from)                                                   \
	"numbered AS MATERIALIZED (SELECT *, head_seq + " nth " AS seq, messages +" \
	" " nth " AS ordinal" made " FROM " from ")"
#define ACCEPTED "numbered WHERE result = 'ok'"

/* of_room, of_sender: the last accepted message of each room, and of each sender in a
 * room. */
#define STORED(columns, values, of_room, of_sender)                                     \
	"stored AS ("                                                                   \
	" INSERT INTO log (room_no, seq, ordinal, created_at, target_seq, fingerprint," \
	"  actor_id, type, kind, client_id, text, " columns ")"                         \
	" SELECT no, seq, ordinal, statement_timestamp(), reply_to, fingerprint,"       \
	"  sender_id, 'message', kind, client_id, text, " values " FROM " ACCEPTED      \
	"), moved AS ("                                                                 \
	" UPDATE room_heads h SET seq = last.seq, messages = last.ordinal,"             \
	"  last_message = last.seq, active_at = statement_timestamp()"                  \
	" FROM (" of_room ") last WHERE h.room_no = last.no"                            \
	"), posted AS ("                                                                \
	" UPDATE members m SET read_seq = last.seq, read_messages = last.ordinal,"      \
	"  posted_at = statement_timestamp() FROM (" of_sender ") last"                 \
	" WHERE m.room_no = last.no AND m.user_id = last.sender_id)"

#define ANSWERED(more)                                                           \
	" SELECT result, no, CASE WHEN result = 'ok' THEN seq ELSE old_seq END," \
	"  CASE WHEN result = 'ok' THEN ordinal ELSE old_ordinal END,"           \
	"  ms(coalesce(old_at, statement_timestamp()::timestamptz(3))),"         \
	"  ceil(date_part('epoch', coalesce(free_at, statement_timestamp())"     \
	"   - statement_timestamp()))::bigint" more " FROM numbered"

/* ---- many at once -------------------------------------------------------- */

#define SOONER                                              \
	" OR (SELECT true FROM input e WHERE e.ord < i.ord" \
	" AND e.room_id = i.room_id AND e.sender_id = i.sender_id LIMIT 1)"
#define NTH "count(*) FILTER (WHERE result = 'ok') OVER in_room"
#define IN_ROOM                                            \
	" WINDOW in_room AS (PARTITION BY no ORDER BY ord" \
	"  ROWS UNBOUNDED PRECEDING)"
#define LAST_BY(what)                                               \
	"SELECT " what ", max(seq) AS seq, max(ordinal) AS ordinal" \
	" FROM " ACCEPTED " GROUP BY " what

/* clang-format off */
#define APPEND(arrays, columns, looked_up, checks, made, stored, values, more, answers) \
	"WITH " HEADS ", input AS NOT MATERIALIZED (SELECT *" looked_up                 \
	" FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::message_kind[],"          \
	"  $5::text[], $6::jsonb[], $7::bigint[], $8::bigint[], $9::bigint[]" arrays    \
	"  ) WITH ORDINALITY AS i (room_id, sender_id, client_id, kind, text, data,"    \
	"   reply_to, reply_to_room, fingerprint" columns ", ord) OFFSET 0"             \
	"), " CHECKED(checks, SOONER) ", " NUMBERED(NTH, made, "checked" IN_ROOM) ", "  \
	STORED(stored, values, LAST_BY("no"), LAST_BY("no, sender_id")) more            \
	ANSWERED(answers) " ORDER BY ord"
/* clang-format on */
