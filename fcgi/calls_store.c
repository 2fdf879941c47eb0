/* calls_store.c -- see calls_store.h. */
#include "fcgi/calls_store.h"
#include "shared/calls_sql.h"

/* ---- beginning, with a key ----------------------------------------------- */

/* Claims an Idempotency-Key, or locks its row, after the room's head, in the same order
 * as removing the room: the next statement then sees what another request with this key
 * made. A key whose call was never made, or is gone, is free. $2 key, $3 fingerprint, $4
 * id. */
static const struct stmt claim_key = {
	"call_claim_key",
	"INSERT INTO idempotency_keys AS k"
	" (user_id, route, key, fingerprint, thing_id, status)"
	" VALUES ($1, 'POST /calls', $2, $3, $4, 201)"
	" ON CONFLICT (user_id, route, key) DO UPDATE SET created_at = k.created_at",
};

/* $10 key, $11 fingerprint. */
static const struct stmt start_keyed = {
	"call_start_keyed",
	CALL_START(" WHEN (SELECT true FROM idempotency_keys k JOIN calls c"
		   "  ON c.id = k.thing_id WHERE k.user_id = $2::uuid"
		   "  AND k.route = 'POST /calls' AND k.key = $10) THEN 'was_there'",
		   ", keyed AS ("
		   " UPDATE idempotency_keys SET thing_id = $4::uuid,"
		   "  fingerprint = $11::bigint FROM verdict WHERE result = 'ok'"
		   "  AND user_id = $2::uuid AND route = 'POST /calls' AND key = $10)"),
};

/* Runs last: deletes the key if its call, $3, was not made. */
static const struct stmt free_key = {
	"call_free_key",
	"DELETE FROM idempotency_keys k WHERE k.user_id = $1 AND k.route = 'POST /calls'"
	" AND k.key = $2 AND k.thing_id = $3"
	" AND (SELECT true FROM calls c WHERE c.id = k.thing_id) IS NULL",
};

static const struct stmt find_key = {
	"call_key",
	"SELECT thing_id, fingerprint FROM idempotency_keys"
	" WHERE user_id = $1 AND route = 'POST /calls' AND key = $2",
};

/* The call that an earlier request with this key made. */
static enum err
call_of_key(struct db *db, struct arena *a, const struct call_draft *d,
	    struct call_outcome *outcome, struct call *out)
{
	struct rows key;

	TRY(db_query(db, a, &DB_CALL(&find_key, d->user_id, d->key), &key));
	if (key.count == 0)
		return ERR_CONFLICT; /* its room was removed a moment ago */
	if (rows_int(&key, 0, 1) != d->fingerprint) {
		outcome->result = CALL_MISMATCH;
		return OK;
	}
	return call_get(db, a, rows_text(&key, 0, 0), d->user_id, NULL, out);
}

enum err
call_start(struct db *db, struct arena *a, const struct call_draft *d,
	   struct call_outcome *out_outcome, struct call *out)
{
	enum { CLAIM = 1, START = 4, GET = 6, FREE, COUNT };
	const char *fingerprint = db_int(a, d->fingerprint);
	struct db_call begun[CALLS_START_CALLS], calls[COUNT];
	struct rows rows[COUNT];
	int skip = d->key ? 0 : 1, count = d->key ? COUNT : FREE;

	calls_start_calls(a, d, begun);
	calls[skip] = begun[0];
	if (d->key) {
		calls[CLAIM] =
			DB_CALL_IN(a, &claim_key, d->user_id, d->key, fingerprint, d->id);
		begun[START - CLAIM] = DB_CALL_IN(
			a, &start_keyed, CALL_START_PARAMS(a, d), d->key, fingerprint);
	}
	for (int i = 1; i < CALLS_START_CALLS; i++)
		calls[CLAIM + i] = begun[i];
	calls[GET] = calls_get_call(a, d->id, d->user_id, NULL);
	if (d->key)
		calls[FREE] = DB_CALL_IN(a, &free_key, d->user_id, d->key, d->id);
	TRY(db_batch(db, a, calls + skip, count - skip, rows + skip));
	calls_outcome_read(&rows[START], out_outcome);
	if (out_outcome->result == CALL_WAS_THERE)
		return call_of_key(db, a, d, out_outcome, out);
	return out_outcome->result == CALL_OK ? calls_get_read(a, &rows[GET], out) : OK;
}

/* ---- going on ------------------------------------------------------------ */

enum err
call_move(struct db *db, struct arena *a, const struct call_move *m,
	  struct call_outcome *out_outcome, struct call *out)
{
	struct db_call calls[CALLS_MOVE_CALLS + 1];
	struct rows rows[CALLS_MOVE_CALLS + 1];

	calls_move_calls(a, m, calls);
	calls[CALLS_MOVE_CALLS] = calls_get_call(a, m->call_id, m->user_id, m->room_no);
	TRY(db_batch(db, a, calls, CALLS_MOVE_CALLS + 1, rows));
	calls_outcome_read(&rows[CALLS_MOVE_CALLS - 2], out_outcome);
	if (out_outcome->result > CALL_UNCHANGED)
		return OK;
	return calls_get_read(a, &rows[CALLS_MOVE_CALLS], out);
}

enum err
call_get(struct db *db, struct arena *a, const char *call_id, const char *user_id,
	 const char *room_no, struct call *out)
{
	struct db_call calls[CALLS_SETTLE_CALLS + 1];
	struct rows rows[CALLS_SETTLE_CALLS + 1];

	calls_settle_calls(a, call_id, NULL, NULL, calls);
	calls[CALLS_SETTLE_CALLS] = calls_get_call(a, call_id, user_id, room_no);
	TRY(db_batch(db, a, calls, CALLS_SETTLE_CALLS + 1, rows));
	return calls_get_read(a, &rows[CALLS_SETTLE_CALLS], out);
}

enum err
calls_sweep(struct db *db, struct arena *a, int64_t limit, int64_t *out_count)
{
	struct db_call calls[CALLS_SETTLE_CALLS];
	struct rows rows[CALLS_SETTLE_CALLS];

	calls_settle_due_calls(a, limit, calls);
	TRY(db_batch(db, a, calls, CALLS_SETTLE_CALLS, rows));
	*out_count = calls_settled(&rows[0]);
	return OK;
}

/* ---- lists --------------------------------------------------------------- */

/* $1 whose, $2 $3 the place, $4 how many. */
static const struct stmt list_mine = {
	"calls_list_mine",
	"WITH page AS MATERIALIZED ("
	" SELECT mine.call_id AS id, mine.called_at AS at FROM call_participants mine"
	" JOIN calls c ON c.id = mine.call_id"
	" LEFT JOIN members m ON m.room_no = c.room_no AND m.user_id = $1::uuid"
	" WHERE mine.user_id = $1::uuid AND m.banned IS NOT TRUE"
	"  AND (mine.called_at, mine.call_id)"
	"   < (coalesce($2::timestamptz, 'infinity'), $3::uuid)"
	" ORDER BY mine.called_at DESC, mine.call_id DESC LIMIT $4::bigint + 1"
	") SELECT " CALL_COLUMNS " FROM page JOIN calls c ON c.id = page.id"
	" JOIN rooms r ON r.no = c.room_no JOIN call_participants p ON p.call_id = c.id"
	" ORDER BY " CALL_ORDER,
};

static const struct stmt list_room = {
	"calls_list_room",
	"WITH page AS MATERIALIZED ("
	" SELECT c.id FROM rooms r JOIN members m ON m.room_no = r.no"
	"  AND m.user_id = $1::uuid AND NOT m.banned"
	" JOIN calls c ON c.room_no = r.no"
	" LEFT JOIN call_participants mine ON mine.call_id = c.id"
	"  AND mine.user_id = $1::uuid"
	" WHERE r.id = $5::uuid AND " CALL_SHOWN
	"  AND (c.started_at, c.id) < (coalesce($2::timestamptz, 'infinity'), $3::uuid)"
	" ORDER BY c.started_at DESC, c.id DESC LIMIT $4::bigint + 1"
	") SELECT " CALL_COLUMNS " FROM page JOIN calls c ON c.id = page.id"
	" JOIN rooms r ON r.no = c.room_no JOIN call_participants p ON p.call_id = c.id"
	" ORDER BY " CALL_ORDER,
};

static const struct stmt is_member = {
	"calls_is_member",
	"SELECT true FROM rooms r JOIN members m ON m.room_no = r.no"
	" AND m.user_id = $1 AND NOT m.banned WHERE r.id = $2",
};

enum err
calls_list(struct db *db, struct arena *a, const char *user_id, const char *room_id,
	   const struct call_place *before, int64_t limit, struct call_list *out)
{
	enum { LIST = CALLS_SETTLE_CALLS, MEMBER, COUNT };
	const char *at = before ? db_time(a, before->started_at) : NULL;
	const char *id = before ? before->id : "ffffffff-ffff-ffff-ffff-ffffffffffff";
	struct db_call calls[COUNT];
	struct rows rows[COUNT];

	calls_settle_calls(a, NULL, room_id ? NULL : user_id, room_id, calls);
	calls[LIST] =
		room_id ? DB_CALL_IN(a, &list_room, user_id, at, id, db_int(a, limit),
				     room_id)
			: DB_CALL_IN(a, &list_mine, user_id, at, id, db_int(a, limit));
	calls[MEMBER] = DB_CALL_IN(a, &is_member, user_id, room_id);
	TRY(db_batch(db, a, calls, room_id ? COUNT : COUNT - 1, rows));
	if (room_id && rows[MEMBER].count == 0)
		return ERR_NOT_FOUND;
	calls_read(a, &rows[LIST], &out->count, &out->items);
	return OK;
}

const struct stmt *const calls_store_statements[] = {
	&claim_key, &free_key,	&start_keyed, &find_key,
	&list_mine, &list_room, &is_member,   NULL,
};
