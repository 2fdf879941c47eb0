#include "fcgi/messages_store.h"

#include <string.h>

#include "fcgi/history_store.h"
#include "fcgi/receipts_store.h"
#include "fcgi/rooms_store.h"
#include "shared/marks.h"

/* ---- posting ------------------------------------------------------------- */

#define STATUS_OF_NEW                \
	"CASE WHEN " RECEIPTS_SHOWN( \
		RECEIPTS_TEXT(RECEIPTS_MEMBERS_MAX)) " THEN 'sent' END"

/* Nobody has read a new message yet, and a repeated request gets the first answer again;
 * with what others have added since only if the sender may still see the message. */
/* clang-format off */
static const struct stmt by_key = {
	"message_by_key",
	"SELECT " STATUS_OF_NEW ", m.user_id IS NOT NULL, " ROOMLOG_MESSAGE("$2::uuid")
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	" JOIN log l ON l.room_no = r.no AND l.actor_id = $2::uuid AND l.client_id = $3"
	" LEFT JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid"
	"  AND NOT m.banned AND l.seq >= " VISIBLE_FROM
	ROOMLOG_SENDER " WHERE r.id = $1",
};
/* clang-format on */

/* The fields of a new message that its draft does not have. */
static const struct stmt of_new = {
	"message_of_new",
	"SELECT " STATUS_OF_NEW ", u.id, u.login, u.first_name, u.last_name, u.avatar"
	" FROM rooms r JOIN room_heads h ON h.room_no = r.no"
	" LEFT JOIN users u ON u.id = $2 WHERE r.id = $1",
};

/* Mere text is stored exactly as in the draft. */
static bool
is_plain(const struct draft *d)
{
	return !d->data && !d->file_id && !d->logins;
}

static void
event_of_plain(const struct draft *d, const struct appended *r, const struct rows *of,
	       struct event *out)
{
	*out = (struct event){
		.type = EVENT_MESSAGE,
		.room_no = r->room_no,
		.room_id = d->room_id,
		.seq = r->seq,
		.ordinal = r->ordinal,
		.created_at = r->created_at,
		.actor = roomlog_person_from(of, 0, 1),
		.target_seq = d->reply_to_seq,
		.client_id = d->client_id,
		.kind = d->kind,
		.text = d->text,
		.status = rows_text(of, 0, 0),
	};
	out->actor.id = d->sender_id;
}

static void
event_by_key(const struct draft *d, const struct rows *r, struct event *out)
{
	if (r->count == 0)
		return;
	roomlog_event_from(r, 0, 2, d->room_id, out);
	out->status = rows_text(r, 0, 0);
	if (!rows_bool(r, 0, 1))
		out->reactions = NULL;
}

/* Why room_direct_call() created no room. */
static enum append_result
refused_as(const struct rows *r)
{
	static const char *const words[] = {
		[APPEND_CANNOT_WRITE] = "refused",
		[APPEND_NO_FILE] = "no_file",
		[APPEND_NO_IMAGE] = "no_image",
	};

	for (size_t i = 0; r->count && i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] && strcmp(words[i], rows_text(r, 0, 0)) == 0)
			return (enum append_result)i;
	return APPEND_NO_ROOM;
}

/* The appended message; answer: to of_new or, unless the draft is plain, to by_key, run
 * in the same transaction. */
static enum err
read_appended(struct db *db, struct arena *a, const struct draft *d,
	      const struct appended *r, const struct rows *answer, struct event *out)
{
	struct rows stored;

	if (!is_plain(d)) {
		event_by_key(d, answer, out);
	} else if (r->result == APPEND_OK) {
		event_of_plain(d, r, answer, out);
	} else if (r->result == APPEND_DUPLICATE) {
		TRY(db_query(db, a,
			     &DB_CALL(&by_key, d->room_id, d->sender_id, d->client_id),
			     &stored));
		if (stored.count == 0) /* the room was removed just now */
			return ERR_NOT_FOUND;
		event_by_key(d, &stored, out);
	}
	return OK;
}

enum err
message_insert(struct db *db, struct arena *a, const struct draft *d,
	       const char *direct_with, struct appended *out_appended,
	       struct event *out_message)
{
	struct db_call calls[1 + ROOMLOG_APPEND_CALLS + 1];
	struct rows rows[1 + ROOMLOG_APPEND_CALLS + 1];
	bool makes_room = direct_with && !d->reply_to_seq; /* a reply needs a room */
	int first = makes_room ? 1 : 0, last = first + ROOMLOG_APPEND_CALLS;

	if (makes_room)
		calls[0] = room_direct_call(a, d->room_id, d->sender_id, direct_with, d);
	roomlog_append_calls(a, d, 1, false, &calls[first]);
	calls[last] = is_plain(d) ? DB_CALL_IN(a, &of_new, d->room_id, d->sender_id)
				  : DB_CALL_IN(a, &by_key, d->room_id, d->sender_id,
					       d->client_id);
	TRY(db_batch(db, a, calls, last + 1, rows));
	roomlog_append_read(a, &rows[first], d, 1, out_appended);
	if (direct_with && out_appended->result == APPEND_NO_ROOM)
		out_appended->result =
			makes_room ? refused_as(&rows[0]) : APPEND_NO_REPLY;
	return read_appended(db, a, d, out_appended, &rows[last], out_message);
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

/* The message, and the status that its author sees. */
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
		receipts_call(a, viewer, db_int(a, no)),
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
	calls[OTHERS] = receipts_call(a, of->by_id, db_int(a, of->room_no));
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

const struct stmt *const messages_statements[] = {
	&by_key, &of_new, &wants_file, &user_of_login, &get, NULL,
};
