#include "fcgi/messages_store.h"
#include "fcgi/receipts_store.h"
#include "fcgi/rooms_store.h"
#include "shared/marks.h"

/* From here on the log is open to member m of room r. */
#define VISIBLE_FROM \
	"(CASE WHEN r.settings->>'history' = 'all' THEN 0 ELSE m.joined_seq END)"

#define ROOM_OF_MEMBER                                                            \
	" FROM rooms r"                                                           \
	" JOIN members m ON m.room_no = r.no AND m.user_id = $1 AND NOT m.banned" \
	" JOIN room_heads h ON h.room_no = r.no"

/* ---- posting ------------------------------------------------------------- */

/* A new message was read by nobody yet, and a repeated answer is the first one. */
static const struct stmt by_key = {
	"message_by_key",
	"SELECT CASE WHEN r.kind <> 'public' AND h.member_count <= $4::bigint THEN 'sent' END,"
	" " ROOMLOG_MESSAGE(
		"$2") " FROM rooms r JOIN room_heads h ON h.room_no = r.no"
		      " JOIN log l ON l.room_no = r.no AND l.actor_id = $2 AND l.client_id = $3" ROOMLOG_SENDER
		      " WHERE r.id = $1",
};

/* What room_direct_call() answers where the other one does not let them. */
static bool
is_refused(const struct rows *r)
{
	return r->count && name_index((const char *const[]){ "refused", NULL },
				      rows_text(r, 0, 0)) == 0;
}

enum err
message_insert(struct db *db, struct arena *a, const struct draft *d,
	       const char *direct_with, struct appended *out_appended,
	       struct event *out_message)
{
	struct db_call calls[1 + ROOMLOG_APPEND_CALLS + 1];
	struct rows rows[1 + ROOMLOG_APPEND_CALLS + 1];
	int first = direct_with ? 1 : 0, last = first + ROOMLOG_APPEND_CALLS;

	if (direct_with)
		calls[0] = room_direct_call(a, d->room_id, d->sender_id, direct_with);
	roomlog_append_calls(a, d, 1, false, &calls[first]);
	calls[last] = DB_CALL_IN(a, &by_key, d->room_id, d->sender_id, d->client_id,
				 db_int(a, RECEIPTS_MEMBERS_MAX));
	TRY(db_batch(db, a, calls, last + 1, rows));
	roomlog_append_read(&rows[first], 1, out_appended);
	if (direct_with && is_refused(&rows[0])) /* and there may be no room at all */
		out_appended->result = APPEND_CANNOT_WRITE;
	if (rows[last].count == 1) {
		roomlog_event_from(&rows[last], 0, 1, d->room_id, out_message);
		out_message->status = rows_text(&rows[last], 0, 0);
	}
	return OK;
}

static const struct stmt wants_file = {
	"message_wants_file",
	"SELECT coalesce((SELECT l.seq IS NULL AND NOT m.banned"
	" AND coalesce(m.muted_until <= now(), true) FROM rooms r"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $2"
	" LEFT JOIN log l ON l.room_no = r.no AND l.actor_id = $2 AND l.client_id = $3"
	" WHERE r.id = $1), $4::boolean)",
};

enum err
message_wants_file(struct db *db, struct arena *a, const struct draft *d, bool makes_room,
		   bool *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&wants_file, d->room_id, d->sender_id, d->client_id,
			      makes_room ? "true" : "false"),
		     &rows));
	*out = rows_bool(&rows, 0, 0);
	return OK;
}

static const struct stmt user_of_login = {
	"user_of_login",
	"SELECT id FROM users WHERE login_key = $1",
};

enum err
user_id_of_login(struct db *db, struct arena *a, const char *login_key, const char **out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&user_of_login, login_key), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = rows_text(&rows, 0, 0);
	return OK;
}

/* ---- reading one --------------------------------------------------------- */

static const struct stmt get = {
	"message_get",
	"SELECT r.id, " ROOMLOG_MESSAGE(
		"$1") " FROM log l JOIN rooms r ON r.no = l.room_no"
		      " JOIN members m ON m.room_no = r.no AND m.user_id = $1 AND NOT m.banned" ROOMLOG_SENDER
		      " WHERE l.room_no = $2 AND l.seq = $3 AND l.type = 'message'"
		      " AND l.seq >= " VISIBLE_FROM,
};

/* The message, and what its author is told of it. */
static void
message_from(const struct rows *found, const struct rows *others, struct event *out)
{
	const struct receipts r = receipts_from(others);

	roomlog_event_from(found, 0, 1, rows_text(found, 0, 0), out);
	out->status = receipts_status(out, &r);
}

enum err
message_get(struct db *db, struct arena *a, const char *viewer, int64_t no, int64_t seq,
	    struct event *out)
{
	const struct db_call calls[] = {
		DB_CALL(&get, viewer, db_int(a, no), db_int(a, seq)),
		receipts_call(a, viewer, NULL, db_int(a, no)),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	if (rows[0].count == 0)
		return ERR_NOT_FOUND;
	message_from(&rows[0], &rows[1], out);
	return OK;
}

/* ---- changing ------------------------------------------------------------ */

enum err
message_edit(struct db *db, struct arena *a, const struct edit_of *of, const char *text,
	     struct edit_outcome *out_outcome, struct event *out)
{
	enum { FOUND = EDITS_CALLS, OTHERS, COUNT };
	struct db_call calls[COUNT];
	struct rows rows[COUNT];

	edits_text_calls(a, of, text, calls);
	calls[FOUND] =
		DB_CALL(&get, of->by_id, db_int(a, of->room_no), db_int(a, of->seq));
	calls[OTHERS] = receipts_call(a, of->by_id, NULL, db_int(a, of->room_no));
	TRY(db_batch(db, a, calls, COUNT, rows));
	edits_read(rows, out_outcome);
	if (rows[FOUND].count)
		message_from(&rows[FOUND], &rows[OTHERS], out);
	return OK;
}

static enum err
run_edit(struct db *db, struct arena *a, const struct db_call calls[EDITS_CALLS],
	 struct edit_outcome *out)
{
	struct rows rows[EDITS_CALLS];

	TRY(db_batch(db, a, calls, EDITS_CALLS, rows));
	edits_read(rows, out);
	return OK;
}

enum err
message_delete(struct db *db, struct arena *a, const struct edit_of *of,
	       struct edit_outcome *out)
{
	struct db_call calls[EDITS_CALLS];

	edits_delete_calls(a, of, calls);
	return run_edit(db, a, calls, out);
}

enum err
message_react(struct db *db, struct arena *a, const struct edit_of *of, const char *emoji,
	      bool on, struct edit_outcome *out)
{
	struct db_call calls[EDITS_CALLS];

	edits_react_calls(a, of, emoji, on, calls);
	return run_edit(db, a, calls, out);
}

enum err
room_read(struct db *db, struct arena *a, const char *room_id, const char *reader,
	  int64_t seq, bool *out_moved)
{
	struct db_call call = marks_read_call(a, room_id, reader, seq);
	struct rows rows;

	TRY(db_query(db, a, &call, &rows));
	TRY(marks_read_result(&rows));
	*out_moved = marks_read_moved(&rows);
	return OK;
}

/* ---- reading a room ------------------------------------------------------ */

static const struct stmt get_seq = {
	"room_seq",
	"SELECT h.seq" ROOM_OF_MEMBER " WHERE r.id = $2",
};

enum err
room_seq(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	 int64_t *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get_seq, viewer, room_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = rows_int(&rows, 0, 0);
	return OK;
}

/* Messages before $3 (null: the newest) or after it, $4 and one more, which tells
 * that there are more; whether there are any on the other side stands in each
 * row. An empty page is one row without a message. */
static const struct stmt history_before = {
	"history_before",
	"SELECT h.seq, h.last_message >= greatest($3::bigint, " VISIBLE_FROM ")"
	" AND $3 IS NOT NULL, " ROOMLOG_MESSAGE("$1") ROOM_OF_MEMBER
	" LEFT JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = r.no"
	"  AND e.type = 'message' AND e.seq < coalesce($3, h.seq + 1)"
	"  AND e.seq >= " VISIBLE_FROM
	" ORDER BY e.seq DESC LIMIT $4::bigint + 1) l ON true" ROOMLOG_SENDER
	" WHERE r.id = $2 ORDER BY l.seq DESC",
};

static const struct stmt history_after = {
	"history_after",
	"SELECT h.seq, other.side IS NOT NULL, " ROOMLOG_MESSAGE("$1") ROOM_OF_MEMBER
	" LEFT JOIN LATERAL (SELECT true AS side FROM log e WHERE e.room_no = r.no"
	"  AND e.type = 'message' AND e.seq <= $3::bigint"
	"  AND e.seq >= " VISIBLE_FROM " LIMIT 1) other ON true"
	" LEFT JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = r.no"
	"  AND e.type = 'message' AND e.seq > $3::bigint"
	"  AND e.seq >= " VISIBLE_FROM
	" ORDER BY e.seq LIMIT $4::bigint + 1) l ON true" ROOMLOG_SENDER
	" WHERE r.id = $2 ORDER BY l.seq",
};

/* One side of a page, as its statement gave it. */
struct half {
	const struct rows *rows;
	int count;	  /* at most limit */
	bool more, other; /* beyond it; on the other side of seq */
};

enum { HALF_SEQ, HALF_OTHER, HALF_EVENT };

static struct half
half_of(const struct rows *rows, int64_t limit)
{
	int found = rows->count && !rows_is_null(rows, 0, HALF_EVENT) ? rows->count : 0;

	return (struct half){
		.rows = rows,
		.count = found > limit ? (int)limit : found,
		.more = found > limit,
		.other = rows->count && rows_bool(rows, 0, HALF_OTHER),
	};
}

/* The earlier half comes newest first. */
static void
join_halves(struct arena *a, const char *room_id, const struct half *before,
	    const struct half *after, struct history *out)
{
	out->count = before->count + after->count;
	out->items = ARENA_ARRAY(a, struct event, (size_t)out->count);
	for (int i = 0; i < before->count; i++)
		roomlog_event_from(before->rows, before->count - 1 - i, HALF_EVENT,
				   room_id, &out->items[i]);
	for (int i = 0; i < after->count; i++)
		roomlog_event_from(after->rows, i, HALF_EVENT, room_id,
				   &out->items[before->count + i]);
	for (int i = 0; i < out->count; i++)
		out->items[i].status = receipts_status(&out->items[i], &out->receipts);
}

static struct db_call
half_call(struct arena *a, const struct stmt *s, const char *viewer, const char *room_id,
	  const char *seq, int64_t limit)
{
	return DB_CALL_IN(a, s, viewer, room_id, seq, db_int(a, limit));
}

enum err
history_read(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	     int side, int64_t seq, int64_t limit, struct history *out)
{
	bool down = side != HISTORY_AFTER, up = side >= HISTORY_AFTER;
	int64_t first = down && up ? limit / 2 : down ? limit : 0, second = limit - first;
	const char *at = side == HISTORY_NEWEST ? NULL : db_int(a, seq);
	struct half before = {}, after = {};
	struct db_call calls[3];
	struct rows rows[3];
	int count = 0;

	if (down)
		calls[count++] =
			half_call(a, &history_before, viewer, room_id, at, first);
	if (up) /* what is around a seq is itself and what follows */
		calls[count++] = half_call(a, &history_after, viewer, room_id,
					   db_int(a, down ? seq - 1 : seq), second);
	calls[count] = receipts_call(a, viewer, room_id, NULL);
	TRY(db_batch(db, a, calls, count + 1, rows));
	if (rows[0].count == 0)
		return ERR_NOT_FOUND;
	if (down)
		before = half_of(&rows[0], first);
	if (up)
		after = half_of(&rows[count - 1], second);
	out->seq = rows_int(&rows[count - 1], 0, HALF_SEQ);
	out->receipts = receipts_from(&rows[count]);
	out->has_before = down ? before.more : after.other;
	out->has_after = up ? after.more : before.other;
	join_halves(a, room_id, &before, &after, out);
	return OK;
}

static const struct stmt log_after = {
	"room_log",
	"SELECT h.seq, h.first_seq, " ROOMLOG_COLUMNS ROOM_OF_MEMBER
	" LEFT JOIN LATERAL (SELECT * FROM log e WHERE e.room_no = r.no"
	"  AND e.seq > $3::bigint AND e.seq >= " VISIBLE_FROM
	"  ORDER BY e.seq LIMIT $4) l ON true" ROOMLOG_JOINS
	" WHERE r.id = $2 ORDER BY l.seq",
};

enum err
log_read(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	 int64_t after, int64_t limit, struct log_page *out)
{
	enum { SEQ, FIRST_SEQ, EVENT };
	struct rows rows;

	TRY(db_query(
		db, a,
		&DB_CALL(&log_after, viewer, room_id, db_int(a, after), db_int(a, limit)),
		&rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = (struct log_page){
		.seq = rows_int(&rows, 0, SEQ),
		.first_seq = rows_int(&rows, 0, FIRST_SEQ),
		.count = rows_is_null(&rows, 0, EVENT) ? 0 : rows.count,
	};
	out->items = ARENA_ARRAY(a, struct event, (size_t)out->count);
	for (int i = 0; i < out->count; i++)
		roomlog_event_from(&rows, i, EVENT, room_id, &out->items[i]);
	return OK;
}

const struct stmt *const messages_statements[] = {
	&by_key,	 &wants_file,	 &user_of_login, &get, &get_seq,
	&history_before, &history_after, &log_after,	 NULL,
};
