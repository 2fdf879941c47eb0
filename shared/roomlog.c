/* roomlog.c -- see roomlog.h. Appending. */
#include "shared/roomlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/append_sql.h"
#include "shared/file_access.h"
#include "shared/mentions.h"
#include "shared/token.h"
#include "shared/uuid.h"

/* The second statement is sent before the first is answered, so the first leaves the
 * rooms it has locked in a setting of the transaction. The second must not lock them
 * itself: its snapshot would be older than the lock. */
#define LOCK_ROOMS(how)                                                               \
	"SELECT set_config('foyer.held', coalesce(array_agg(h.room_no), '{}')::text," \
	" true) FROM (SELECT h.room_no FROM rooms r"                                  \
	" JOIN room_heads h ON h.room_no = r.no"                                      \
	" WHERE r.id = ANY ($1::uuid[]) ORDER BY h.room_no FOR UPDATE OF h" how ") h"

static const struct stmt lock_rooms = { "lock_rooms", LOCK_ROOMS("") };
static const struct stmt lock_room_no = {
	"lock_room_no",
	"SELECT set_config('foyer.held', coalesce(array_agg(h.room_no), '{}')::text, true)"
	" FROM (SELECT h.room_no FROM room_heads h WHERE h.room_no = $1 FOR UPDATE) h",
};
/* A head that the snapshot sees but that was skipped is locked by another transaction. */
static const struct stmt lock_free_room_no = {
	"lock_free_room_no",
	"SELECT set_config('foyer.held', coalesce(array_agg(h.room_no), '{}')::text, true),"
	" count(*) = 0 AND EXISTS (SELECT FROM room_heads r WHERE r.room_no = $1)"
	" FROM (SELECT h.room_no FROM room_heads h WHERE h.room_no = $1"
	"  FOR UPDATE SKIP LOCKED) h",
};
static const struct stmt lock_free_rooms = { "lock_free_rooms",
					     LOCK_ROOMS(" SKIP LOCKED") };

static const struct stmt wait_so_long = { "wait_so_long",
					  "SELECT set_config('lock_timeout', $1, true)" };

/* ---- appending ----------------------------------------------------------- */

/* One message, without a file or mentions. */
/* clang-format off */
static const struct stmt append_one = {
	"append_one",
	"WITH " HEADS ", input AS ("
	" SELECT $1::uuid AS room_id, $2::uuid AS sender_id, $3::text AS client_id,"
	"  $4::message_kind AS kind, $5::text AS text, $6::jsonb AS data,"
	"  $7::bigint AS reply_to, $8::bigint AS reply_to_room, $9::bigint AS fingerprint"
	"), " CHECKED("", "") ", " NUMBERED("1", "", "checked") ", "
	STORED("data", "data", "SELECT * FROM " ACCEPTED, "SELECT * FROM " ACCEPTED)
	ANSWERED(", NULL, NULL"),
};
/* clang-format on */

/* Several messages, without files or mentions. */
static const struct stmt append = {
	"append",
	APPEND("", "", "", "", "", "data", "data", "", ", NULL, NULL"),
};

/* A token for one room may not carry a file that another room has. */
#define FILE_ELSE FILE_ELSEWHERE("f.id", "room_id")
#define MAY_CARRY \
	FILE_READABLE("f.id", "sender_id") " AND NOT (room_only AND " FILE_ELSE ")"

/* What is known of the file that a message carries, if its sender may read it. */
#define FILE_FACTS                                                             \
	"CASE WHEN file_id IS NOT NULL THEN (SELECT jsonb_strip_nulls("        \
	" jsonb_build_object('file_id', f.id, 'name', f.name, 'size', b.size," \
	" 'mime', b.mime, 'width', b.width, 'height', b.height,"               \
	" 'duration', b.duration_ms / 1000.0, 'has_thumb', b.has_thumb))"      \
	" FROM files f JOIN blobs b ON b.sha256 = f.sha256"                    \
	" WHERE f.id = file_id AND " MAY_CARRY " LIMIT 1) END"

#define MEANT MENTIONS_OF("logins", "no", "sender_id")

/* For a batch in which a message mentions somebody or carries a file. */
static const struct stmt append_more = {
	"append_more",
	APPEND(", $10::text[], $11::uuid[], $12::boolean[]",
	       ", logins, file_id, room_only", ", " FILE_FACTS " AS file",
	       "  WHEN i.file_id IS NOT NULL AND i.file IS NULL THEN 'no_file'"
	       "  WHEN i.kind = 'image' AND i.file->>'mime' NOT LIKE 'image/%' THEN 'no_image'",
	       ", CASE WHEN result = 'ok' THEN " MEANT " END AS meant,"
	       " CASE WHEN file IS NULL THEN data ELSE data || file END AS whole",
	       "data, mentions", "whole, meant",
	       ", named AS ("
	       " INSERT INTO mentions (user_id, room_no, seq)"
	       " SELECT unnest(meant), no, seq FROM " ACCEPTED " AND meant IS NOT NULL"
	       "), carried AS ("
	       " INSERT INTO file_links (room_no, seq, file_id)"
	       " SELECT no, seq, file_id FROM " ACCEPTED " AND file_id IS NOT NULL)",
	       ", array_to_json(meant),"
	       " CASE WHEN result = 'ok' AND file IS NOT NULL THEN whole END"),
};

struct db_call
roomlog_lock_call(struct arena *a, const char *room_id)
{
	return DB_CALL_IN(a, &lock_rooms, db_array(a, &room_id, 1));
}

struct db_call
roomlog_lock_no_call(struct arena *a, int64_t room_no)
{
	return DB_CALL_IN(a, &lock_room_no, db_int(a, room_no));
}

struct db_call
roomlog_try_lock_no_call(struct arena *a, int64_t room_no)
{
	return DB_CALL_IN(a, &lock_free_room_no, db_int(a, room_no));
}

bool
roomlog_is_busy(const struct rows *answer)
{
	return answer->count > 0 && rows_bool(answer, 0, 1);
}

struct db_call
roomlog_try_lock_call(struct arena *a, const char *room_id)
{
	return DB_CALL_IN(a, &lock_free_rooms, db_array(a, &room_id, 1));
}

static const char *const append_result_names[] = {
	[APPEND_OK] = "ok",
	[APPEND_DUPLICATE] = "duplicate",
	[APPEND_MISMATCH] = "mismatch",
	[APPEND_BUSY] = "busy",
	[APPEND_NO_ROOM] = "no_room",
	[APPEND_BANNED] = "banned",
	[APPEND_MUTED] = "muted",
	[APPEND_SLOW] = "slow",
	[APPEND_CANNOT_WRITE] = "cannot_write",
	[APPEND_NO_REPLY] = "no_reply",
	[APPEND_NO_FILE] = "no_file",
	[APPEND_NO_IMAGE] = "no_image",
	[APPEND_RESULT_COUNT] = NULL,
};

const char *
roomlog_key(struct arena *a)
{
	struct uuid id;

	uuid_random(&id);
	return arena_printf(a, "%c%s", ROOMLOG_OWN_KEY, id.text);
}

int64_t
draft_fingerprint(const struct draft *d)
{
	char reply_to[24];

	snprintf(reply_to, sizeof(reply_to), "%" PRId64, d->reply_to_seq);
	return fingerprint((const char *const[]){ message_kind_names[d->kind], d->text,
						  d->data, reply_to, d->carried },
			   d->carried ? 5 : 4);
}

/* ---- the same key twice in a batch ---------------------------------------- */

static bool
has_same_key(const struct draft *d, const struct draft *e)
{
	return strcmp(d->client_id, e->client_id) == 0 &&
	       strcmp(d->sender_id, e->sender_id) == 0 &&
	       strcmp(d->room_id, e->room_id) == 0;
}

/* first[i]: the first draft in the batch with the key of draft i; usually i itself. */
static void
find_firsts(struct arena *a, const struct draft *drafts, int count, int first[])
{
	size_t size = 2 * (size_t)count, at;
	int *seen = ARENA_ARRAY(a, int, size); /* index of a draft plus 1; 0: free */

	for (int i = 0; i < count; i++) {
		const struct draft *d = &drafts[i];
		const char *const key[] = { d->room_id, d->sender_id, d->client_id };

		at = (uint64_t)fingerprint(key, 3) % size;
		while (seen[at] && !has_same_key(d, &drafts[seen[at] - 1]))
			at = (at + 1) % size;
		if (!seen[at])
			seen[at] = i + 1;
		first[i] = seen[at] - 1;
	}
}

/* The result for d, which has the key of an earlier draft in the batch. */
static struct appended
appended_again(const struct draft *d, const struct draft *first,
	       const struct appended *of_first)
{
	bool is_same = d->fingerprint == first->fingerprint;
	struct appended r = *of_first;

	r.mentions = r.data = NULL;
	if (r.result == APPEND_OK || r.result == APPEND_DUPLICATE)
		r.result = is_same ? APPEND_DUPLICATE : APPEND_MISMATCH;
	else if (!is_same) /* the first was refused, which says nothing about this one */
		r.result = APPEND_BUSY;
	return r;
}

/* ---- a batch --------------------------------------------------------------- */

enum {
	ROOM,
	SENDER,
	CLIENT,
	KIND,
	TEXT,
	DATA,
	REPLY_TO,
	REPLY_TO_ROOM,
	FINGERPRINT,
	APPEND_PARAMS, /* of append; append_more takes these too */
	LOGINS = APPEND_PARAMS,
	FILE_ID,
	ROOM_ONLY,
	APPEND_MORE_PARAMS
};

static void
put_draft(struct arena *a, const struct draft *d, const char **column[], int i)
{
	column[ROOM][i] = d->room_id;
	column[SENDER][i] = d->sender_id;
	column[CLIENT][i] = d->client_id;
	column[KIND][i] = message_kind_names[d->kind];
	column[TEXT][i] = d->text;
	column[DATA][i] = d->data;
	if (d->reply_to_seq) {
		column[REPLY_TO][i] = db_int(a, d->reply_to_seq);
		column[REPLY_TO_ROOM][i] = db_int(a, d->reply_to_room_no);
	}
	column[FINGERPRINT][i] = db_int(a, d->fingerprint);
	column[LOGINS][i] = d->logins;
	column[FILE_ID][i] = d->file_id;
	column[ROOM_ONLY][i] = d->room_only ? "true" : "false";
}

/* The rooms to lock. A batch often has many drafts for one room in a row. */
static const char *
rooms_of(struct arena *a, const char *const ids[], int count)
{
	const char **rooms = ARENA_ARRAY(a, const char *, (size_t)count);
	int n = 0;

	for (int i = 0; i < count; i++)
		if (i == 0 || strcmp(ids[i], ids[i - 1]) != 0)
			rooms[n++] = ids[i];
	return db_array(a, rooms, n);
}

void
roomlog_append_calls(struct arena *a, const struct draft *drafts, int count,
		     bool skip_locked, struct db_call out[ROOMLOG_APPEND_CALLS])
{
	int *first = ARENA_ARRAY(a, int, (size_t)count), n = 0;
	const char **column[APPEND_MORE_PARAMS];
	const char *params[APPEND_MORE_PARAMS];
	const struct stmt *s;
	bool more = false;

	for (int c = 0; c < APPEND_MORE_PARAMS; c++)
		column[c] = ARENA_ARRAY(a, const char *, (size_t)count);
	find_firsts(a, drafts, count, first);
	for (int i = 0; i < count; i++) {
		if (first[i] != i)
			continue;
		put_draft(a, &drafts[i], column, n++);
		more |= drafts[i].logins || drafts[i].file_id;
	}
	s = more ? &append_more : n == 1 ? &append_one : &append;
	for (int c = 0; c < APPEND_MORE_PARAMS; c++)
		params[c] = s == &append_one ? column[c][0] : db_array(a, column[c], n);
	out[0] = DB_CALL_IN(a, skip_locked ? &lock_free_rooms : &lock_rooms,
			    rooms_of(a, column[ROOM], n));
	out[1] = db_call_in(a, s, more ? APPEND_MORE_PARAMS : APPEND_PARAMS, params);
}

struct db_call
roomlog_wait_call(struct arena *a, int64_t wait_ms)
{
	return DB_CALL_IN(a, &wait_so_long, db_int(a, wait_ms));
}

static struct appended
appended_from(const struct rows *r, int row)
{
	int result = name_index(append_result_names, rows_text(r, row, 0));

	return (struct appended){
		.result = (enum append_result)result,
		.room_no = rows_int(r, row, 1),
		.seq = rows_int(r, row, 2),
		.ordinal = rows_int(r, row, 3),
		.created_at = rows_int(r, row, 4),
		.retry_after_s = rows_int(r, row, 5),
		.mentions = rows_text(r, row, 6),
		.data = rows_text(r, row, 7),
	};
}

void
roomlog_append_read(struct arena *a, const struct rows rows[ROOMLOG_APPEND_CALLS],
		    const struct draft *drafts, int count, struct appended out[])
{
	int *first = NULL, row = 0; /* NULL: every draft has its own answer */

	if (rows[1].count < count) {
		first = ARENA_ARRAY(a, int, (size_t)count);
		find_firsts(a, drafts, count, first);
	}
	for (int i = 0; i < count; i++)
		out[i] = !first || first[i] == i
				 ? appended_from(&rows[1], row++)
				 : appended_again(&drafts[i], &drafts[first[i]],
						  &out[first[i]]);
}

enum err
append_problem(const struct appended *r, struct problem *p)
{
	switch (r->result) {
	case APPEND_OK:
	case APPEND_DUPLICATE:
		return OK;
	case APPEND_MISMATCH:
		return problem_fail(p, ERR_INVALID, "idempotency_mismatch",
				    "This client_id was used for another message.");
	case APPEND_NO_ROOM:
		return ERR_NOT_FOUND;
	case APPEND_BANNED:
		return problem_fail(p, ERR_FORBIDDEN, NULL,
				    "You are banned from this room.");
	case APPEND_MUTED:
		return problem_fail(p, ERR_FORBIDDEN, NULL,
				    "You are muted in this room.");
	case APPEND_SLOW:
		return problem_retry(
			p, ERR_TOO_MANY, NULL,
			"This room is in slow mode: wait before you post again.",
			r->retry_after_s > 0 ? (int)r->retry_after_s : 1);
	case APPEND_CANNOT_WRITE:
		return allowed_problem(p);
	case APPEND_NO_REPLY:
		problem_field(p, "reply_to", "not_found",
			      "Must be a message in this room.");
		return problem_fields_check(p);
	case APPEND_NO_FILE:
		problem_field(p, "data.file_id", "not_found",
			      "Must be a file that you uploaded or may read.");
		return problem_fields_check(p);
	case APPEND_NO_IMAGE:
		problem_field(p, "data.file_id", "kind", "The file must be an image.");
		return problem_fields_check(p);
	case APPEND_BUSY:
	case APPEND_RESULT_COUNT:
		break;
	}
	return problem_retry(p, ERR_UNAVAILABLE, NULL, "The room is busy; try again.", 1);
}

const struct stmt *const roomlog_append_statements[] = {
	&lock_rooms,   &lock_free_rooms, &lock_room_no, &lock_free_room_no,
	&wait_so_long, &append_one,	 &append,	&append_more,
	NULL
};
