/* fake.h -- a broker without sockets and without a database.
 *
 * The wire collects what is sent, frame by frame; the store keeps each question until the
 * test answers it with rows of its own. This file defines store.h's functions, so
 * programs link these instead of the real ones. */
#pragma once

#include <libpq-fe.h>

#include "broker/broker.h"
#include "broker/store.h"
#include "broker/wire.h"
#include "shared/api_token.h"
#include "shared/body.h"
#include "shared/die.h"
#include "shared/limits.h"
#include "shared/log.h"
#include "tests/unit/test.h"

/* ---- state --------------------------------------------------------------- */

struct question {
	enum store_line line;
	char name[32]; /* the last call's statement */
	char *params[16];
	int param_count, call_count;
	struct { /* all calls */
		const char *name;
		char *params[16];
	} calls[8];
	dbq_done *on_done;
	void *arg;
};

enum { QUESTIONS_MAX = 64 };

static struct {
	struct arena *arena;
	struct broker broker;
	struct config config;
	struct question questions[QUESTIONS_MAX];
	int first, last; /* pending questions */
	bool is_down, is_lost;
	int cuts;
	int (*edit_of)(int seq); /* which events of a log are edits; NULL: none */
	struct db_instance instance;
} fake;

/* ---- the wire ------------------------------------------------------------ */

struct fake_wire {
	char *got; /* everything sent, in the test's arena */
	size_t len, cap, seen;
	int writes;
	int socket;    /* for frames sent past the wire; 0: none */
	bool is_stuck; /* the socket is full: WIRE_KEPT */
	bool is_broken, is_held, is_closed;
	struct conn *conn;
};

static inline enum wire_sent
fake_send(void *wire, const void *frames, size_t len)
{
	struct fake_wire *w = wire;

	if (w->is_broken)
		return WIRE_BROKEN;
	if (w->len + len > w->cap) {
		char *more = arena_alloc(fake.arena, w->cap = 2 * (w->len + len));

		if (w->len)
			memcpy(more, w->got, w->len);
		w->got = more;
	}
	memcpy(w->got + w->len, frames, len);
	w->len += len;
	w->writes++;
	return w->is_stuck ? WIRE_KEPT : WIRE_SENT;
}

static inline void
fake_tell(void *wire, enum wire_wish wish)
{
	struct fake_wire *w = wire;

	w->is_held = wish == WIRE_HOLD;
	if (wish != WIRE_CLOSE)
		return;
	w->is_closed = true;
	conn_on_gone(w->conn);
}

static inline int
fake_fd(const void *wire)
{
	const struct fake_wire *w = wire;

	return w->socket > 0 ? w->socket : -1;
}

static const struct wire_ops fake_ops = {
	.send = fake_send,
	.tell = fake_tell,
	.fd = fake_fd,
};

/* The next frame that was sent, as text ("close 4401 reason" for the last one, "ping");
 * NULL: nothing more. */
static inline const char *
fake_next(struct arena *a, struct fake_wire *w)
{
	const uint8_t *f;
	size_t size, head;

	if (w->seen == w->len)
		return NULL;
	f = (const uint8_t *)w->got + w->seen;
	size = frame_size(f);
	head = f[1] < 126 ? 2 : f[1] == 126 ? 4 : 10;
	assert_true(w->seen + size <= w->len);
	w->seen += size;
	if (f[0] == 0x88)
		return arena_printf(a, "close %d %.*s", f[2] << 8 | f[3], (int)size - 4,
				    (const char *)f + 4);
	if (f[0] == 0x89)
		return "ping";
	assert_int_equal(f[0], 0x81);
	return arena_strndup(a, (const char *)f + head, size - head);
}

/* The next frame must contain this part. */
#define EXPECT(wire, part)                                         \
	do {                                                       \
		const char *sent_ = fake_next(fake.arena, (wire)); \
		if (!sent_ || !strstr(sent_, (part)))              \
			fail_msg("expected %s, got %s", (part),    \
				 sent_ ? sent_ : "nothing");       \
	} while (0)
#define EXPECT_NOTHING(wire) assert_null(fake_next(fake.arena, (wire)))

/* ---- the store ----------------------------------------------------------- */

static inline void
fake_note_calls(struct question *q, const struct db_call *calls, int count)
{
	q->call_count = count;
	assert_true((size_t)count <= COUNT(q->calls));
	for (int i = 0; i < count; i++) {
		q->calls[i].name = calls[i].stmt->name;
		for (int k = 0; k < calls[i].param_count; k++)
			q->calls[i].params[k] =
				arena_strdup(fake.arena, calls[i].params[k]);
	}
}

/* A parameter of this statement in a question. */
static inline const char *
fake_param(const struct question *q, const char *name, int param)
{
	for (int i = 0; i < q->call_count; i++)
		if (strcmp(q->calls[i].name, name) == 0)
			return q->calls[i].params[param];
	fail_msg("no statement %s", name);
	return NULL;
}

enum err
store_send(struct store *s, enum store_line line, const struct db_call *calls, int count,
	   dbq_done *on_done, void *arg)
{
	const struct db_call *call = &calls[count - 1];
	struct question *q = &fake.questions[fake.last % QUESTIONS_MAX];

	(void)s;
	if (fake.is_down)
		return ERR_UNAVAILABLE;
	assert_true(fake.last - fake.first < QUESTIONS_MAX);
	fake.last++;
	*q = (struct question){ .line = line, .on_done = on_done, .arg = arg };
	snprintf(q->name, sizeof(q->name), "%s", call->stmt->name);
	q->param_count = call->param_count;
	fake_note_calls(q, calls, count);
	for (int i = 0; i < call->param_count; i++)
		q->params[i] = arena_strdup(fake.arena, call->params[i]);
	return OK;
}

bool
store_is_up(const struct store *s, enum store_line line)
{
	(void)s;
	(void)line;
	return !fake.is_down;
}

bool
store_is_lost(const struct store *s)
{
	(void)s;
	return fake.is_lost;
}

const struct db_instance *
store_instance(const struct store *s)
{
	(void)s;
	return &fake.instance;
}

void
store_cut(struct store *s, enum store_line line)
{
	(void)s;
	(void)line;
	fake.cuts++;
}

/* Index of the last question with this statement; less than fake.first if there is
 * none. */
static inline int
fake_place(const char *name)
{
	int at = fake.last - 1;

	while (at >= fake.first && strcmp(fake.questions[at % QUESTIONS_MAX].name, name))
		at--;
	return at;
}

/* Takes the last question with this statement, to be answered now. */
static inline struct question *
fake_asked(const char *name)
{
	int at = fake_place(name);
	struct question *q = arena_alloc(fake.arena, sizeof(*q));

	if (at < fake.first)
		fail_msg("expected a question %s, there is none", name);
	*q = fake.questions[at % QUESTIONS_MAX];
	for (fake.last--; at < fake.last; at++)
		fake.questions[at % QUESTIONS_MAX] =
			fake.questions[(at + 1) % QUESTIONS_MAX];
	return q;
}

/* The question that appends: a single message has a statement of its own. */
static inline struct question *
fake_asked_append(void)
{
	return fake_asked(fake_place("append_one") < fake.first ? "append"
								: "append_one");
}

static inline int
fake_waiting(void)
{
	return fake.last - fake.first;
}

static inline void
fake_clear_result(void *result)
{
	PQclear(result);
}

/* Rows of text: count rows of `columns` each. */
static inline struct rows *
fake_rows(int count, int columns, const char *const *cells)
{
	PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc attributes[96] = {};
	static char name[] = "c";

	for (int c = 0; c < columns; c++)
		attributes[c].name = name;
	assert_true(PQsetResultAttrs(r, columns, attributes));
	for (int i = 0; i < count * columns; i++)
		assert_true(PQsetvalue(r, i / columns, i % columns,
				       (char *)(uintptr_t)cells[i],
				       cells[i] ? (int)strlen(cells[i]) : -1));
	struct rows *rows = ARENA_NEW(fake.arena, struct rows);

	arena_defer(fake.arena, fake_clear_result, r);
	*rows = (struct rows){ count, r };
	return rows;
}
#define ROWS(columns, ...)                                                          \
	fake_rows((int)(COUNT(((const char *const[]){ __VA_ARGS__ })) / (columns)), \
		  (columns), (const char *const[]){ __VA_ARGS__ })

static inline void
fake_answer(struct question *q, enum err err, const struct rows *rows)
{
	struct question copy = *q;

	copy.on_done(copy.arg, err, rows);
}

/* ---- turns and people ---------------------------------------------------- */

static inline void
fake_turn_ends(void)
{
	int64_t clock_ms = fake.broker.clock_ms, now_ms = fake.broker.now_ms;

	broker_turn_ends(&fake.broker);
	fake.broker.clock_ms = clock_ms;
	fake.broker.now_ms = now_ms;
}

static inline void
fake_time(int64_t ms)
{
	fake.broker.clock_ms += ms;
	fake.broker.now_ms += ms;
}

static inline int
fake_setup(void **state)
{
	memset(&fake, 0, sizeof(fake));
	fake.arena = arena_new();
	fake.config = (struct config){
		.prefix = "",
		.public_url = "",
		.issuer = "foyer",
		.max_frame_bytes = 131072,
		.max_json_depth = 32,
		.max_text_chars = 8000,
		.max_rooms_per_connection = 4,
		.max_connections_per_user = 8,
		.max_connections_per_address = 8,
		.max_outbox_bytes = 65536,
		.max_outbox_frames = 256,
		.auth_timeout_s = 5,
		.ping_interval_s = 25,
		.messages_per_second = 1000,
		.messages_burst = 1000,
		.requests_per_second = 1000,
		.requests_burst = 1000,
		.received_bytes_per_second = 1 << 20,
		.received_bytes_burst = 8 << 20,
		.address_people = 50,
		.newcomers_per_second = 500,
		.handshakes_per_second = 100,
		.handshakes_burst = 1000,
	};
	body_set_max_text(8000);
	assert_int_equal(log_open("test", "/dev/null", 0, LOG_ERROR), OK);
	strcpy(fake.instance.epoch, "0123456789abcdef");
	fake.broker.config = &fake.config;
	assert_int_equal(limits_open("/nowhere/limits", &fake.broker.limits), OK);
	broker_init(&fake.broker);
	*state = fake.arena;
	return 0;
}

static inline int
fake_teardown(void **state)
{
	(void)state;
	for (int s = 0; s <= CONN_DYING; s++)
		LIST_EACH(&fake.broker.conns.states[s], item)
			conn_on_gone(CONTAINER(item, struct conn, in_state));
	fake_turn_ends();
	while (fake_waiting())
		fake_answer(&fake.questions[fake.first++ % QUESTIONS_MAX],
			    ERR_UNAVAILABLE, NULL);
	broker_done(&fake.broker);
	limits_close(fake.broker.limits);
	arena_free(fake.arena);
	return 0;
}

#define B(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

/* A connection that has received `ready`. id: 36 characters. */
static inline struct conn *
fake_conn_at(struct fake_wire *w, const char *id, const struct hello *hello)
{
	const struct user user = { .id = id, .login = "ann" };
	struct conn *c;

	memset(w, 0, sizeof(*w));
	c = w->conn = conn_new(&fake.broker, &fake_ops, w, hello);
	c->who.scopes = TOKEN_SCOPES;
	c->who.expires_at_ms = fake.broker.now_ms + 900000;
	people_enter(&fake.broker.people, c, &user);
	conn_move(c, CONN_READY);
	conn_start_clock(c);
	return c;
}

static inline struct conn *
fake_conn(struct fake_wire *w, const char *id)
{
	const struct hello hello = { .kind = HELLO_SOCKET, .address = "192.0.2.1" };

	return fake_conn_at(w, id, &hello);
}

static inline void
fake_say(struct conn *c, const char *frame)
{
	conn_on_data(c, frame, strlen(frame), true, false, 0);
}

#define ANN "00000000-0000-4000-8000-00000000000a"
#define BOB "00000000-0000-4000-8000-00000000000b"
#define HALL "10000000-0000-4000-8000-000000000001"
#define YARD "10000000-0000-4000-8000-000000000002"

/* The database's answer for a member: room number 7, with this head. */
static inline void
fake_member(const char *seq)
{
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "7", seq, "1", "2", "100", "t", "f", "1", "f"));
}

/* The same in a room whose members see only what is sent since they joined, at
 * joined_seq. */
static inline void
fake_member_since(int seq, int joined_seq)
{
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "7", arena_printf(fake.arena, "%d", seq), "1", "2", "100",
			 "t", "f", arena_printf(fake.arena, "%d", joined_seq), "t"));
}

static inline void
fake_join(struct conn *c, const char *seq)
{
	fake_say(c, "{\"type\":\"join\",\"ref\":\"j\",\"room_id\":\"" HALL "\"}");
	fake_member(seq);
	fake_turn_ends();
}

enum { EVENT_COLUMNS = ROOMLOG_COLUMN_COUNT };

/* Events first .. last of the log, each "m<seq>" by ANN: a message, or the edit of the
 * message that fake.edit_of names. */
static inline struct rows *
fake_log(int first, int last)
{
	int count = last - first + 1;
	const char **cells = ARENA_ARRAY(fake.arena, const char *,
					 (size_t)(count > 0 ? count : 0) * EVENT_COLUMNS);

	for (int i = 0; i < count; i++) {
		const char **row = cells + i * EVENT_COLUMNS;

		row[0] = "7";
		row[1] = row[2] = arena_printf(fake.arena, "%d", first + i);
		int of = fake.edit_of ? fake.edit_of(first + i) : 0;

		row[3] = of ? "edited" : "message";
		row[4] = "1700000000000";
		row[5] = arena_printf(fake.arena, "%d", of);
		row[10] = row[11] = "0";
		row[7] = "text";
		row[8] = arena_printf(fake.arena, "m%d", first + i);
		row[13] = ANN;
		row[14] = "ann";
	}
	return fake_rows(count > 0 ? count : 0, EVENT_COLUMNS, cells);
}

/* A member event in the log. */
static inline struct rows *
fake_member_event(int seq, const char *actor, const char *subject, const char *action)
{
	const char *row[EVENT_COLUMNS] = {
		[0] = "7",
		[1] = arena_printf(fake.arena, "%d", seq),
		[2] = "0",
		[3] = "member",
		[4] = "1700000000000",
		[5] = "0",
		[9] = arena_printf(fake.arena,
				   "{\"action\": \"%s\", \"role\": \"member\"}", action),
		[10] = "0",
		[11] = "0",
		[13] = actor,
		[14] = "actor",
		[18] = subject,
		[19] = "subject",
	};

	return fake_rows(1, EVENT_COLUMNS, row);
}
