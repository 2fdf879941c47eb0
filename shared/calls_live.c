/* calls_live.c -- see calls_live.h. */
#include "shared/calls_live.h"

#include "shared/calls_sql.h"

/* ---- changing, without waiting ------------------------------------------- */

/* Like calls_lock, but takes all of the locks or none; with none it also clears
 * foyer.held. $3: a room whose head must be held; null: none. */
static const struct stmt try_lock = {
	"calls_try_lock",
	"WITH wanted AS MATERIALIZED ("
	" SELECT c.id FROM calls c WHERE " CALLS_CONCERNED "), held AS MATERIALIZED ("
	" SELECT c.id FROM calls c WHERE c.id = ANY (ARRAY(SELECT w.id FROM wanted w))"
	" ORDER BY c.id FOR UPDATE SKIP LOCKED"
	"), had AS MATERIALIZED ("
	" SELECT array_agg(h.id) AS ids, coalesce(nullif("
	"  current_setting('foyer.held', true), ''), '{}') AS rooms,"
	"  count(*) = (SELECT count(*) FROM wanted) AS calls FROM held h"
	"), verdict AS MATERIALIZED ("
	" SELECT h.*, h.calls AND (SELECT true FROM rooms x WHERE x.id = $3::uuid"
	"  AND x.no <> ALL (h.rooms::bigint[])) IS NULL AS got FROM had h"
	") SELECT NOT got,"
	"  set_config('foyer.calls', CASE WHEN got THEN coalesce(ids, '{}')::text"
	"   ELSE '{}' END, true),"
	"  set_config('foyer.held', CASE WHEN got THEN rooms ELSE '{}' END, true)"
	" FROM verdict",
};

/* The calls that are still held, and those in $1. */
static const struct stmt tell = {
	"calls_tell",
	"SELECT " CALL_COLUMNS ", c.action, c.acted_by, p.session_id,"
	" coalesce(NOT m.banned, false) FROM calls c JOIN rooms r ON r.no = c.room_no"
	" JOIN call_participants p ON p.call_id = c.id"
	" LEFT JOIN members m ON m.room_no = c.room_no AND m.user_id = p.user_id"
	" WHERE c.id = ANY (coalesce(nullif(current_setting('foyer.calls', true), ''),"
	"  '{}')::uuid[] || $1::uuid[]) ORDER BY " CALL_ORDER,
};

static const char *
only(struct arena *a, const char *call_id)
{
	return db_array(a, &call_id, 1);
}

void
calls_try_start_calls(struct arena *a, const struct call_draft *d,
		      struct db_call out[CALLS_TRY_START_CALLS])
{
	calls_start_calls(a, d, out);
	out[0] = roomlog_try_lock_call(a, d->room_id);
	out[CALLS_TRY_START_LOCK] =
		DB_CALL_IN(a, &try_lock, NULL, d->user_id, d->room_id);
	out[CALLS_START_CALLS] = calls_tell_call(a, only(a, d->id));
}

void
calls_try_move_calls(struct arena *a, const struct call_move *m,
		     struct db_call out[CALLS_TRY_MOVE_CALLS])
{
	calls_move_calls(a, m, out);
	out[CALLS_TRY_MOVE_LOCK] = DB_CALL_IN(a, &try_lock, m->call_id, m->user_id, NULL);
	out[CALLS_MOVE_CALLS] = calls_tell_call(a, NULL);
}

bool
calls_were_busy(const struct rows *lock)
{
	return rows_bool(lock, 0, 0);
}

/* $1 ids, $2 grace. */
static const struct stmt lock_due_among = {
	"calls_lock_due_among",
	CALLS_LOCK("c.id = ANY ($1::uuid[]) AND " CALL_DUE("$2"), " SKIP LOCKED"),
};

void
calls_check_calls(struct arena *a, const char *ids, int64_t grace_s,
		  struct db_call out[CALLS_CHECK_CALLS])
{
	const char *grace = grace_s > 0 ? db_int(a, grace_s) : NULL;

	out[0] = DB_CALL_IN(a, &lock_due_among, ids, grace);
	out[1] = calls_settle_call_(a, NULL, true, grace);
	out[2] = calls_tell_call(a, NULL);
}

/* ---- what has changed ---------------------------------------------------- */

/* $1 milliseconds. */
static const struct stmt look = {
	"calls_look",
	"SELECT id, version, true FROM calls WHERE ended_at IS NULL"
	" UNION ALL SELECT id, version, false FROM calls"
	" WHERE ended_at > now() - $1::bigint * interval '1 ms'",
};

struct db_call
calls_look_call(struct arena *a, int64_t age_ms)
{
	return DB_CALL_IN(a, &look, db_int(a, age_ms + CALLS_LOOK_MARGIN_MS));
}

struct db_call
calls_tell_call(struct arena *a, const char *ids)
{
	return DB_CALL_IN(a, &tell, ids);
}

void
calls_tell_read(struct arena *a, const struct rows *rows, int *out_count,
		struct call **out)
{
	enum { ACTION = CALL_COLUMN_COUNT, BY, SESSION, MEMBER };
	int row = 0;

	calls_read(a, rows, out_count, out);
	for (int i = 0; i < *out_count; i++) {
		struct call *c = &(*out)[i];

		c->action = rows_text(rows, row, ACTION);
		c->by = rows_text(rows, row, BY);
		for (int k = 0; k < c->participant_count; k++, row++) {
			c->participants[k].session_id = rows_text(rows, row, SESSION);
			c->participants[k].is_member = rows_bool(rows, row, MEMBER);
		}
	}
}

/* ---- who is there -------------------------------------------------------- */

/* Takes no lock on the call: nobody waits for what this changes. */
static const struct stmt seen = {
	"calls_seen",
	"UPDATE call_participants p SET seen_at = statement_timestamp() FROM ("
	" SELECT q.call_id, q.user_id FROM"
	"  unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS i (call_id, user_id, session_id)"
	"  JOIN call_participants q ON q.call_id = i.call_id AND q.user_id = i.user_id"
	"  AND q.session_id = i.session_id AND q.state = 'joined'"
	"  FOR UPDATE OF q SKIP LOCKED"
	") s WHERE p.call_id = s.call_id AND p.user_id = s.user_id",
};

struct db_call
calls_seen_call(struct arena *a, const char *call_ids, const char *user_ids,
		const char *session_ids)
{
	return DB_CALL_IN(a, &seen, call_ids, user_ids, session_ids);
}

const struct stmt *const calls_live_statements[] = { &try_lock, &lock_due_among, NULL };
const struct stmt *const calls_look_statements[] = { &look, NULL };
const struct stmt *const calls_tell_statements[] = { &tell, NULL };
const struct stmt *const calls_seen_statements[] = { &seen, NULL };
