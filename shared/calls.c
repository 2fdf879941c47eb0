/* calls.c -- see calls.h. Changes; calls_read.c reads. */
#include "shared/calls.h"

#include "shared/calls_sql.h"
#include "shared/model.h"

const char *const call_kind_names[] = {
	[CALL_AUDIO] = "audio",
	[CALL_VIDEO] = "video",
	[CALL_KIND_COUNT] = NULL,
};

const char *const call_action_names[] = {
	[CALL_ACCEPT] = "accept", [CALL_DECLINE] = "decline", [CALL_CANCEL] = "cancel",
	[CALL_HANGUP] = "hangup", [CALL_ACTION_COUNT] = NULL,
};

/* ---- which calls --------------------------------------------------------- */

static const struct stmt lock = { "calls_lock", CALLS_LOCK(CALLS_CONCERNED, "") };

/* $1 a call, $2 a person's latest, $3 a room's. This waits for a transaction that is
 * ending one: a read after that must not find the call still open. */
static const struct stmt lock_due_of = {
	"calls_lock_due_of",
	CALLS_LOCK(
		"c.id = ANY (ARRAY(SELECT $1::uuid UNION ALL"
		" (SELECT p.call_id FROM call_participants p WHERE p.user_id = $2::uuid"
		"  ORDER BY p.called_at DESC, p.call_id DESC LIMIT 20) UNION ALL"
		" SELECT l.id FROM rooms x JOIN calls l ON l.room_no = x.no"
		"  AND l.ended_at IS NULL WHERE x.id = $3::uuid)) AND " CALL_DUE("NULL"),
		""),
};

/* $1 at most. The scan is short: the only open calls are those going on now. */
static const struct stmt lock_due = {
	"calls_lock_due",
	CALLS_LOCK(CALL_DUE("NULL"), " SKIP LOCKED LIMIT $1::bigint"),
};

/* ---- what follows from who is in it -------------------------------------- */

/* $1: this call too. $2: no action came before, so the statement records the cause of the
 * change itself; otherwise the action's cause stays. $3: a device not seen for this many
 * seconds is out; null: not checked. A call that nobody answered ended when its time was
 * up, however late it is settled. */
/* clang-format off */
static const struct stmt settle = {
	"calls_settle",
	"WITH open AS MATERIALIZED ("
	" SELECT c.id, c.room_no, c.state, c.initiator_id, r.kind = 'direct' AS direct,"
	"  c.ring_until <= statement_timestamp() AS overdue,"
	"  c.end_by <= statement_timestamp() AS too_long,"
	"  least(CASE c.state WHEN 'ringing' THEN c.ring_until ELSE c.end_by END,"
	"   statement_timestamp()) AS at"
	" FROM calls c JOIN rooms r ON r.no = c.room_no"
	" WHERE c.id = " CALLS_HELD " AND c.ended_at IS NULL"
	"), people AS MATERIALIZED ("
	" SELECT p.call_id, p.user_id, p.joined_at, p.state AS was,"
	"  p.user_id = c.initiator_id AS initiator, CASE"
	"   WHEN p.state = 'ringing' AND (c.overdue OR " CALL_PART_GONE("c.direct") ")"
	"    THEN 'missed'"
	"   WHEN p.state = 'joined' AND (" CALL_PART_GONE("c.direct")
	"    OR " CALL_PART_LOST("$3") ") THEN 'left'"
	"   ELSE p.state END AS state"
	" FROM open c JOIN call_participants p ON p.call_id = c.id"
	"), counted AS MATERIALIZED ("
	" SELECT call_id, count(*) FILTER (WHERE state = 'joined') AS joined,"
	"  bool_or(state = 'joined' AND initiator) AS waiting,"
	"  bool_or(state = 'ringing') AS ringing,"
	"  bool_and(state = 'declined' OR initiator) AS declined,"
	"  min(joined_at) FILTER (WHERE NOT initiator) AS answered_at"
	" FROM people GROUP BY call_id"
	"), verdict AS MATERIALIZED ("
	" SELECT o.id, o.state AS was, o.at, n.answered_at, CASE"
	"  WHEN o.state = 'active' THEN"
	"   CASE WHEN n.joined < 2 OR o.too_long THEN 'ended' ELSE 'active' END"
	"  WHEN NOT n.waiting THEN 'cancelled'"
	"  WHEN n.joined >= 2 THEN 'active'"
	"  WHEN n.ringing THEN 'ringing'"
	"  WHEN n.declined THEN 'declined' ELSE 'missed' END AS state"
	" FROM open o JOIN counted n ON n.call_id = o.id"
	"), final AS MATERIALIZED ("
	" SELECT s.call_id, s.user_id, s.was, v.at, CASE"
	"  WHEN v.state IN ('ringing', 'active') THEN s.state"
	"  WHEN s.state = 'joined' THEN 'left' WHEN s.state = 'ringing' THEN 'missed'"
	"  ELSE s.state END AS state"
	" FROM people s JOIN verdict v ON v.id = s.call_id"
	"), changed AS MATERIALIZED ("
	" SELECT v.id, v.was, v.state, v.at, v.answered_at, CASE"
	"  WHEN v.state = 'missed' THEN 'missed'"
	"  WHEN v.state NOT IN ('ringing', 'active') THEN 'ended'"
	"  WHEN bool_or(f.state = 'left' AND f.was <> 'left') THEN 'left'"
	"  ELSE 'missed' END AS action"
	" FROM verdict v JOIN final f ON f.call_id = v.id"
	" GROUP BY v.id, v.was, v.state, v.at, v.answered_at"
	" HAVING v.state <> v.was OR bool_or(f.state <> f.was)"
	"), told AS ("
	" UPDATE calls c SET state = v.state, version = c.version + 1,"
	"  action = CASE WHEN $2::boolean THEN v.action ELSE c.action END,"
	"  acted_by = CASE WHEN NOT $2::boolean THEN c.acted_by END,"
	"  answered_at = CASE WHEN v.state = 'active' AND v.was = 'ringing'"
	"   THEN v.answered_at ELSE c.answered_at END,"
	"  ended_at = CASE WHEN v.state NOT IN ('ringing', 'active')"
	"   THEN greatest(v.at, c.answered_at) END"
	" FROM changed v WHERE c.id = v.id"
	"), parted AS ("
	" UPDATE call_participants p SET state = f.state, left_at = CASE"
	"  WHEN f.state = 'left' THEN greatest(f.at, p.joined_at) ELSE p.left_at END"
	" FROM final f WHERE p.call_id = f.call_id AND p.user_id = f.user_id"
	"  AND f.state <> f.was"
	") SELECT id FROM changed",
};
/* clang-format on */

struct db_call
calls_settle_call_(struct arena *a, const char *call_id, bool by_itself,
		   const char *grace_s)
{
	return DB_CALL_IN(a, &settle, call_id, by_itself ? "t" : "f", grace_s);
}

static void
lock_and_settle(struct arena *a, const char *call_id, const char *user_id,
		const char *room_id, struct db_call out[2])
{
	out[0] = DB_CALL_IN(a, &lock, call_id, user_id, room_id);
	out[1] = calls_settle_call_(a, NULL, true, NULL);
}

void
calls_settle_calls(struct arena *a, const char *call_id, const char *user_id,
		   const char *room_id, struct db_call out[CALLS_SETTLE_CALLS])
{
	out[0] = DB_CALL_IN(a, &lock_due_of, call_id, user_id, room_id);
	out[1] = calls_settle_call_(a, NULL, true, NULL);
}

void
calls_settle_due_calls(struct arena *a, int64_t limit,
		       struct db_call out[CALLS_SETTLE_CALLS])
{
	out[0] = DB_CALL_IN(a, &lock_due, db_int(a, limit));
	out[1] = calls_settle_call_(a, NULL, true, NULL);
}

int64_t
calls_settled(const struct rows *first)
{
	return rows_int(first, 0, 1);
}

/* ---- beginning ----------------------------------------------------------- */

static const struct stmt start = { "calls_start", CALL_START("", "") };

void
calls_start_calls(struct arena *a, const struct call_draft *d,
		  struct db_call out[CALLS_START_CALLS])
{
	out[0] = roomlog_lock_call(a, d->room_id);
	lock_and_settle(a, NULL, d->user_id, d->room_id, &out[1]);
	out[3] = DB_CALL_IN(a, &start, CALL_START_PARAMS(a, d));
	out[4] = calls_settle_call_(a, d->id, false, NULL);
}

/* ---- going on ------------------------------------------------------------ */

/* $1 call, $2 who, $3 session, $4 action, $5 participants at most, $6 and $7 the only
 * room, by its number or id; $8 whether the device is connected. In a room of more than
 * two, any member may join while the call goes on, even after declining or leaving. */
static const struct stmt move = {
	"calls_move",
	"WITH me AS MATERIALIZED ("
	" SELECT c.id, c.state, c.started_at, c.initiator_id = $2::uuid AS initiator,"
	"  c.answered_at IS NOT NULL AS answered,"
	"  c.ended_at IS NULL AS open, mine.state AS part,"
	"  coalesce(mine.session_id = $3::uuid, false) AS same_device,"
	"  m.user_id IS NOT NULL AS member,"
	"  coalesce(m.muted_until > statement_timestamp(), false) AS muted,"
	"  (SELECT p.call_id FROM call_participants p WHERE p.user_id = $2::uuid"
	"   AND p.state = 'joined' AND p.call_id <> c.id) AS other,"
	"  (SELECT count(*) FROM call_participants p WHERE p.call_id = c.id"
	"   AND p.state = 'joined') AS joined"
	" FROM calls c JOIN rooms r ON r.no = c.room_no"
	" LEFT JOIN members m ON m.room_no = c.room_no AND m.user_id = $2::uuid"
	" LEFT JOIN call_participants mine ON mine.call_id = c.id"
	"  AND mine.user_id = $2::uuid"
	" WHERE c.id = $1::uuid AND c.id = " CALLS_LOCKED
	"  AND c.room_no = coalesce($6::bigint, c.room_no)"
	"  AND r.id = coalesce($7::uuid, r.id) AND " CALL_SHOWN
	"), verdict AS MATERIALIZED ("
	" SELECT me.*, CASE $4::text"
	"  WHEN 'accept' THEN CASE"
	"   WHEN NOT open THEN 'state'"
	"   WHEN part = 'joined' AND same_device AND state = 'active' THEN 'unchanged'"
	"   WHEN part = 'joined' THEN 'state'"
	"   WHEN NOT member THEN 'forbidden'"
	"   WHEN muted THEN 'muted'"
	"   WHEN other IS NOT NULL THEN 'busy'"
	"   WHEN joined >= $5::bigint THEN 'full' ELSE 'ok' END"
	"  WHEN 'decline' THEN CASE"
	"   WHEN part IS NULL THEN 'forbidden'"
	"   WHEN part = 'declined' THEN 'unchanged'"
	"   WHEN open AND part IN ('ringing', 'busy') THEN 'ok' ELSE 'state' END"
	"  WHEN 'cancel' THEN CASE"
	"   WHEN NOT initiator THEN 'forbidden'"
	"   WHEN state = 'cancelled' THEN 'unchanged'"
	"   WHEN state = 'ringing' THEN 'ok' ELSE 'state' END"
	"  ELSE CASE"
	"   WHEN part IS NULL THEN 'forbidden'"
	"   WHEN part = 'left' AND answered THEN 'unchanged'"
	"   WHEN part = 'joined' AND state = 'active' THEN 'ok' ELSE 'state' END"
	"  END AS result FROM me"
	"), moved AS ("
	" INSERT INTO call_participants AS p"
	"  (call_id, user_id, called_at, state, session_id, joined_at, seen_at)"
	" SELECT id, $2::uuid, started_at, CASE $4::text WHEN 'accept' THEN 'joined'"
	"   WHEN 'decline' THEN 'declined' ELSE 'left' END, $3::uuid,"
	"  CASE $4::text WHEN 'accept' THEN statement_timestamp() END,"
	"  CASE WHEN $8::boolean THEN statement_timestamp() END"
	" FROM verdict WHERE result = 'ok'"
	" ON CONFLICT (call_id, user_id) DO UPDATE SET state = excluded.state,"
	"  session_id = CASE excluded.state WHEN 'joined' THEN excluded.session_id"
	"   ELSE p.session_id END,"
	"  seen_at = CASE excluded.state WHEN 'joined' THEN excluded.seen_at"
	"   ELSE p.seen_at END,"
	"  joined_at = coalesce(p.joined_at, excluded.joined_at),"
	"  left_at = CASE excluded.state WHEN 'left' THEN statement_timestamp() END"
	"), noted AS ("
	" UPDATE calls c SET version = c.version + 1, action = $4::text,"
	"  acted_by = $2::uuid FROM verdict v WHERE c.id = v.id AND v.result = 'ok'"
	") SELECT result, other, state, part FROM verdict",
};

void
calls_move_calls(struct arena *a, const struct call_move *m,
		 struct db_call out[CALLS_MOVE_CALLS])
{
	lock_and_settle(a, m->call_id, m->user_id, NULL, out);
	out[2] = DB_CALL_IN(a, &move, m->call_id, m->user_id, m->session_id,
			    call_action_names[m->action], db_int(a, m->max_participants),
			    m->room_no, m->room_id, m->is_live ? "t" : "f");
	out[3] = calls_settle_call_(a, NULL, false, NULL);
}

/* ---- what came of it ----------------------------------------------------- */

static const char *const result_names[] = {
	[CALL_OK] = "ok",
	[CALL_UNCHANGED] = "unchanged",
	[CALL_NONE] = "none",
	[CALL_FORBIDDEN] = "forbidden",
	[CALL_MUTED] = "muted",
	[CALL_STATE] = "state",
	[CALL_LIVE] = "live",
	[CALL_BUSY] = "busy",
	[CALL_ALONE] = "alone",
	[CALL_REFUSED] = "refused",
	[CALL_FULL] = "full",
	[CALL_WAS_THERE] = "was_there",
	[CALL_MISMATCH] = "mismatch",
	[CALL_RESULT_COUNT] = NULL,
};

/* No row: no such call. */
void
calls_outcome_read(const struct rows *row, struct call_outcome *out)
{
	*out = (struct call_outcome){ .result = CALL_NONE };
	if (row->count == 0)
		return;
	out->result = (enum call_result)name_index(result_names, rows_text(row, 0, 0));
	out->call_id = rows_text(row, 0, 1);
	out->state = rows_text(row, 0, 2);
	out->part = rows_text(row, 0, 3);
}

static enum err
in_the_way(struct problem *p, const char *call_id, const char *code, const char *detail)
{
	p->call_id = call_id;
	return problem_fail(p, ERR_CONFLICT, code, detail);
}

static const char *
state_words(struct arena *a, const struct call_outcome *o)
{
	if (!o->part)
		return arena_printf(a, "The call is %s.", o->state);
	return arena_printf(a, "The call is %s; your part in it is: %s.", o->state,
			    o->part);
}

enum err
call_problem(struct arena *a, const struct call_outcome *o, bool only_room,
	     struct problem *p)
{
	switch (o->result) {
	case CALL_OK:
	case CALL_UNCHANGED:
	case CALL_WAS_THERE:
		return OK;
	case CALL_FORBIDDEN:
		return problem_fail(p, ERR_FORBIDDEN, NULL,
				    "You may not do this in this call.");
	case CALL_MUTED:
		return problem_fail(p, ERR_FORBIDDEN, NULL,
				    "You are muted in this room.");
	case CALL_STATE:
		return problem_fail(p, ERR_CONFLICT, NULL, state_words(a, o));
	case CALL_LIVE:
		return in_the_way(p, o->call_id, "call_active",
				  "There is already a call in this room: join it.");
	case CALL_BUSY:
		return in_the_way(p, only_room ? NULL : o->call_id, "busy",
				  "You are in another call.");
	case CALL_ALONE:
		return problem_fail(p, ERR_CONFLICT, NULL, "Nobody else is in the room.");
	case CALL_REFUSED:
		return allowed_problem(p);
	case CALL_FULL:
		return problem_fail(p, ERR_CONFLICT, "call_full",
				    "There are more people than a call may have.");
	case CALL_MISMATCH:
		return problem_fail(p, ERR_INVALID, "idempotency_mismatch",
				    "This Idempotency-Key was used for another call.");
	case CALL_NONE:
	case CALL_RESULT_COUNT:
		break;
	}
	return ERR_NOT_FOUND;
}

const struct stmt *const calls_statements[] = {
	&lock, &lock_due_of, &lock_due, &settle, &start, &move, NULL,
};
