/* calls_read.c -- see calls.h. Reading. */
#include <assert.h>
#include <string.h>

#include "shared/calls.h"
#include "shared/calls_sql.h"

const char *const call_state_names[] = { "ringing", "active",	 "ended", "declined",
					 "missed",  "cancelled", NULL };
const char *const call_part_names[] = { "ringing", "joined", "declined", "missed",
					"busy",	   "left",   NULL };
const char *const call_happening_names[] = { "start",  "accept", "decline",
					     "cancel", "hangup", "missed",
					     "left",   "ended",	 NULL };

enum {
	ID,
	ROOM_ID,
	KIND,
	STATE,
	INITIATOR,
	STARTED,
	ANSWERED,
	ENDED,
	PART_USER,
	PART_STATE,
	PART_JOINED,
	PART_LEFT,
	VERSION
};
static_assert(VERSION + 1 == CALL_COLUMN_COUNT);

/* $1 call, $2 who reads, $3 the only room. */
static const struct stmt get = {
	"calls_get",
	"SELECT " CALL_COLUMNS " FROM calls c JOIN rooms r ON r.no = c.room_no"
	" LEFT JOIN members m ON m.room_no = c.room_no AND m.user_id = $2::uuid"
	" LEFT JOIN call_participants mine ON mine.call_id = c.id"
	"  AND mine.user_id = $2::uuid"
	" JOIN call_participants p ON p.call_id = c.id"
	" WHERE c.id = $1::uuid AND c.room_no = coalesce($3::bigint, c.room_no)"
	"  AND " CALL_SHOWN " ORDER BY " CALL_ORDER,
};

struct db_call
calls_get_call(struct arena *a, const char *call_id, const char *user_id,
	       const char *room_no)
{
	return DB_CALL_IN(a, &get, call_id, user_id, room_no);
}

static void
read_head(const struct rows *r, int row, struct call *out)
{
	*out = (struct call){
		.id = rows_text(r, row, ID),
		.room_id = rows_text(r, row, ROOM_ID),
		.kind = rows_text(r, row, KIND),
		.state = rows_text(r, row, STATE),
		.initiator_id = rows_text(r, row, INITIATOR),
		.started_at = rows_int(r, row, STARTED),
		.answered_at = rows_int(r, row, ANSWERED),
		.ended_at = rows_int(r, row, ENDED),
		.version = rows_int(r, row, VERSION),
	};
}

static void
read_part(const struct rows *r, int row, struct call_participant *out)
{
	*out = (struct call_participant){
		.user_id = rows_text(r, row, PART_USER),
		.state = rows_text(r, row, PART_STATE),
		.joined_at = rows_int(r, row, PART_JOINED),
		.left_at = rows_int(r, row, PART_LEFT),
	};
}

/* The rows of one call are adjacent. */
void
calls_read(struct arena *a, const struct rows *rows, int *out_count, struct call **out)
{
	struct call *calls = ARENA_ARRAY(a, struct call, (size_t)rows->count);
	struct call_participant *parts =
		ARENA_ARRAY(a, struct call_participant, (size_t)rows->count);
	int count = 0;

	for (int i = 0; i < rows->count; i++) {
		if (count == 0 || strcmp(calls[count - 1].id, rows_text(rows, i, ID))) {
			read_head(rows, i, &calls[count]);
			calls[count++].participants = &parts[i];
		}
		read_part(rows, i, &parts[i]);
		calls[count - 1].participant_count++;
	}
	*out_count = count;
	*out = calls;
}

enum err
calls_get_read(struct arena *a, const struct rows *rows, struct call *out)
{
	struct call *calls;
	int count;

	calls_read(a, rows, &count, &calls);
	if (count == 0)
		return ERR_NOT_FOUND;
	*out = calls[0];
	return OK;
}

bool
call_is_open(const struct call *c)
{
	return c->ended_at == 0;
}

const struct call_participant *
call_part_of(const struct call *c, const char *user_id)
{
	for (int i = 0; i < c->participant_count; i++)
		if (strcmp(c->participants[i].user_id, user_id) == 0)
			return &c->participants[i];
	return NULL;
}

static struct json *
parts_json(struct arena *a, const struct call *c)
{
	struct json *list = json_array_in(a);

	for (int i = 0; i < c->participant_count; i++) {
		const struct call_participant *p = &c->participants[i];
		struct json *o = json_object_in(a);

		json_put_text(o, "user_id", p->user_id);
		json_put_text(o, "state", p->state);
		json_put_time(o, "joined_at", p->joined_at);
		json_put_time(o, "left_at", p->left_at);
		json_push(list, o);
	}
	return list;
}

struct json *
json_call(struct arena *a, const struct call *c)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "id", c->id);
	json_put_text(o, "room_id", c->room_id);
	json_put_text(o, "kind", c->kind);
	json_put_text(o, "state", c->state);
	json_put_text(o, "initiator_id", c->initiator_id);
	json_put(o, "participants", parts_json(a, c));
	json_put_time(o, "started_at", c->started_at);
	json_put_time(o, "answered_at", c->answered_at);
	json_put_time(o, "ended_at", c->ended_at);
	if (c->answered_at && c->ended_at)
		json_put_int(o, "duration", (c->ended_at - c->answered_at) / 1000);
	else
		json_put_null(o, "duration");
	return o;
}

const struct stmt *const calls_read_statements[] = { &get, NULL };
