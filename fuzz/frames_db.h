/* frames_db.h -- the database of frames.c: its answers to everything that frames make the
 * broker ask.
 *
 * It keeps only the end of the hall's log and the version of its one call. If a statement
 * has several outcomes, a number in the input chooses one. */
#pragma once

#include "shared/calls_live.h"
#include "shared/edits.h"
#include "tests/unit/broker/fake.h"

#define CALL "20000000-0000-4000-8000-000000000001"
#define ANN_HERE "30000000-0000-4000-8000-00000000000a"
#define BOB_HERE "30000000-0000-4000-8000-00000000000b"

enum { DB_HEAD = 5, DB_PAGE = 200, DB_ROWS_MAX = 8 };

static struct {
	int head, version;
	int outcome; /* of the present answer */
} db;

#define PICK(words) (words[(size_t)db.outcome % COUNT(words)])

static const char *
db_head(void)
{
	return arena_printf(fake.arena, "%d", db.head);
}

/* Returns count identical rows. */
static const struct rows *
db_repeat(int count, int columns, const char *const *row)
{
	const char **cells = ARENA_ARRAY(fake.arena, const char *,
					 (size_t)(count > 0 ? count * columns : 1));

	for (int i = 0; i < count * columns; i++)
		cells[i] = row[i % columns];
	return fake_rows(count, columns, cells);
}
#define REPEAT(count, ...)                                                     \
	db_repeat((count), (int)COUNT(((const char *const[]){ __VA_ARGS__ })), \
		  (const char *const[]){ __VA_ARGS__ })

/* Counts the elements of an array parameter. */
static int
db_count(const char *array)
{
	int count = array && array[0] == '{' && array[1] != '}';

	for (; array && *array; array++)
		count += *array == ',';
	return count;
}

/* ---- the log --------------------------------------------------------------- */

static void
db_append(struct question *q)
{
	enum { COLUMNS = 8 };
	int count = fake.broker.writer.batch_count;
	const char **cells =
		ARENA_ARRAY(fake.arena, const char *, COLUMNS *(size_t)count);
	struct rows rows[2];

	for (int i = 0; i < count; i++) {
		const char **row = cells + COLUMNS * i;

		row[0] = i % 5 == 4 ? "busy" : "ok";
		row[1] = "7";
		row[2] = arena_printf(fake.arena, "%d", ++db.head);
		row[3] = "1";
		row[4] = "1700000000000";
		row[5] = "0";
	}
	rows[0] = *ROWS(1, "{7}");
	rows[1] = *fake_rows(count, COLUMNS, cells);
	fake_answer(q, OK, rows);
}

static const struct rows *
db_log_after(const struct question *q, bool is_read)
{
	int64_t after = 0;
	int last = db.head;

	if (!is_read && text_to_int(q->params[1], &after) != OK)
		return NULL;
	if (is_read) /* the log's parameters are gone: log_heads followed */
		after = db.head > 2 ? db.head - 2 : 0;
	if (last > after + DB_PAGE)
		last = (int)after + DB_PAGE;
	return fake_log((int)after + 1, last > after ? last : (int)after);
}

static void
db_log(struct question *q)
{
	if (strcmp(q->name, "log_listen") == 0)
		fake_answer(q, OK,
			    ROWS(9, "7", db_head(), "1", "2", "100", "t", "f", "2",
				 db.outcome == 9 ? "t" : "f"));
	else if (strcmp(q->name, "log_after") == 0)
		fake_answer(q, OK, db_log_after(q, false));
	else if (strcmp(q->name, "log_heads") == 0)
		fake_answer(q, OK,
			    (struct rows[]){ *db_log_after(q, true),
					     *ROWS(2, "7", db_head()) });
	else
		fake_answer(q, ERR_INTERNAL, NULL);
}

/* ---- edits, marks, typing ---------------------------------------------------- */

static void
db_edit(struct question *q)
{
	static const char *const results[] = { "ok",	    "unchanged", "no_message",
					       "forbidden", "muted",	 "deleted",
					       "no_text",   "too_many" };
	const char *result = PICK(results);
	struct rows rows[EDITS_CALLS];

	rows[0] = *ROWS(2, "{7}", db.outcome == 9 ? "t" : "f"); /* 9: locked */
	if (strcmp(result, "ok") == 0)
		db.head++;
	rows[1] = *ROWS(5, result, HALL, "7", db_head(), "1");
	fake_answer(q, OK, rows);
}

/* busy, member, moved, read, delivered, shown, large, sends, authors */
static void
db_marks(struct question *q)
{
	int n = db.outcome;

	fake_answer(q, OK,
		    REPEAT(db_count(q->params[0]), n == 9 ? "t" : "f",
			   n == 9 || n == 8 ? "f" : "t", n == 7 ? "f" : "t", db_head(),
			   db_head(), n == 6 ? "f" : "t", n == 5 || n == 4 ? "t" : "f",
			   n == 3 ? "f" : "t", n == 5 ? "[\"" BOB "\"]" : NULL));
}

static void
db_typing(struct question *q)
{
	static const char *const words[] = { "ok", "no_room", "banned", "muted",
					     "cannot_write" };

	fake_answer(q, OK, REPEAT(db_count(q->params[0]), PICK(words)));
}

/* ---- presence ---------------------------------------------------------------- */

static void
db_presence(struct question *q)
{
	static const char *const shown[] = { "online", "away", "offline", "busy" };
	static const char *const last_seen[] = { "everyone", "contacts", "nobody" };
	static const char *const ids[] = { ANN, BOB };
	int count = db_count(q->params[0]);
	const char *text = db.outcome % 2 ? "here" : NULL;
	const char **cells =
		ARENA_ARRAY(fake.arena, const char *, 13 * (size_t)count + 1);
	struct rows rows[4] = {};

	for (int i = 0; i < count; i++) {
		const char *row[13] = { ids[i % 2],
					db.outcome == 9 ? NULL : "login",
					"",
					"",
					NULL,
					PICK(shown),
					PICK(shown),
					text,
					"1700000000000",
					PICK(last_seen),
					"{" BOB "}",
					db.outcome == 8 ? "{" ANN "}" : "{}",
					"{" HALL "}" };

		memcpy(cells + 13 * (size_t)i, row, sizeof(row));
	}
	rows[3] = *fake_rows(count, 13, cells);
	fake_answer(q, OK, rows);
}

/* ---- calls ------------------------------------------------------------------- */

enum { CALL_CELLS = 17 };

/* The columns as in participants() of tests/unit/broker/calls_test.c: id, room, kind,
 * state, initiator, started, answered, ended; who, state, joined, left; version, action,
 * by; session, member. */
static const struct rows *
db_call(const char *id)
{
	static const char *const states[] = { "active", "ringing",  "ended",
					      "missed", "declined", "cancelled" };
	static const char *const parts[] = { "joined", "ringing",  "left",
					     "missed", "declined", "busy" };
	static const char *const people[] = { ANN, BOB };
	static const char *const sessions[] = { ANN_HERE, BOB_HERE };
	const char *version = arena_printf(fake.arena, "%d", ++db.version);
	const char *cells[2 * CALL_CELLS];
	bool is_open = db.outcome % (int)COUNT(states) < 2;

	for (int i = 0; i < 2; i++) {
		bool is_in = i == 0 || db.outcome != 7;
		const char *row[CALL_CELLS] = { id,
						HALL,
						"audio",
						PICK(states),
						ANN,
						"1700000000000",
						db.outcome == 0 ? "1700000000001" : "0",
						is_open ? "0" : "1700000009000",
						people[i],
						is_in ? PICK(parts) : "left",
						"1700000000001",
						"0",
						version,
						"accept",
						people[i],
						sessions[i],
						is_in ? "t" : "f" };

		memcpy(cells + (ptrdiff_t)CALL_CELLS * i, row, sizeof(row));
	}
	return fake_rows(db.outcome == 8 ? 0 : 2, CALL_CELLS, cells);
}

/* The first call that the parameters name, or the one there is. */
static const char *
db_call_id(const struct question *q)
{
	const char *named = q->params[0] ? q->params[0] : "";

	named += strspn(named, "{\"");
	if (strlen(named) < UUID_TEXT_SIZE)
		return CALL;
	return arena_strndup(fake.arena, named, UUID_TEXT_SIZE - 1);
}

static void
db_tell_calls(struct question *q)
{
	static const char *const results[] = { "ok",	    "unchanged", "none",
					       "forbidden", "muted",	 "state",
					       "live",	    "busy",	 "alone" };
	const struct rows *told = db_call(db_call_id(q));
	const struct rows *outcome = ROWS(4, PICK(results), CALL, "active", NULL);
	const struct rows *lock = ROWS(1, db.outcome == 9 ? "t" : "f");
	struct rows rows[DB_ROWS_MAX] = { [0] = *lock };

	rows[q->call_count - 1] = *told;
	if (q->call_count == CALLS_TRY_START_CALLS) {
		rows[CALLS_TRY_START_LOCK] = *lock;
		rows[CALLS_TRY_START_OUTCOME] = *outcome;
	} else if (q->call_count == CALLS_TRY_MOVE_CALLS) {
		rows[CALLS_TRY_MOVE_OUTCOME] = *outcome;
	}
	fake_answer(q, OK, rows);
}

static void
db_look_at_calls(struct question *q)
{
	const char *version = arena_printf(fake.arena, "%d", db.version + 1);

	fake_answer(q, OK, REPEAT(db.outcome % 2, CALL, version, "t"));
}

/* ---- one question ------------------------------------------------------------ */

static void
db_nothing(struct question *q)
{
	struct rows rows[DB_ROWS_MAX] = {};

	fake_answer(q, OK, rows);
}

static const struct {
	const char *begins; /* of the statement's name */
	void (*answer)(struct question *q);
} db_answers[] = {
	{ "append", db_append },	 { "log_", db_log },
	{ "edits_", db_edit },		 { "marks_move", db_marks },
	{ "typing_may", db_typing },	 { "presence_read", db_presence },
	{ "presence_", db_nothing },	 { "status_set", db_nothing },
	{ "calls_tell", db_tell_calls }, { "calls_look", db_look_at_calls },
	{ "calls_seen", db_nothing },	 { "peers_tell", db_nothing },
};

static void
db_answer(struct question *q)
{
	for (size_t i = 0; i < COUNT(db_answers); i++)
		if (text_starts(q->name, db_answers[i].begins)) {
			db_answers[i].answer(q);
			return;
		}
	fake_answer(q, ERR_INTERNAL, NULL);
}
