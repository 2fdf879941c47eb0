/* frames.c -- what clients say once they are connected: fragments, frames, commands, with
 * answers of a database that is there, is not, or knows nothing, in any order.
 *
 * The input is lines. The first character says what happens, the rest with what:
 *
 *	A B S   a frame comes from Ann, from Bob, from a stranger; a b s: a part of one
 *	# ^     a binary frame from Ann; an empty part
 *	= 0 -   the database answers what it was asked; that there is nothing; not at all
 *	T       a second passes		R	the log is said to have come to that seq
 *	W w     Ann's socket takes nothing; takes all again
 *	P G Q   Ann's pong; her goodbye; she is gone */
#include "fuzz/fuzz.h"
#include "shared/keys.h"
#include "tests/unit/broker/fake.h"

enum {
	LINES_MAX = 100,
	ANN_IS = 0,
	BOB_IS,
	STRANGER_IS,
	WHO_COUNT,
	HEAD = 5,
	PAGE = 200
};

static struct fake_wire wires[WHO_COUNT];
static bool is_here[WHO_COUNT];
static int head;

static unsigned char secret[] = "a key that the corpus does not know";
static struct keys keys = {
	.count = 1,
	.items = { { .kid = "main",
		     .kind = KEY_HS256,
		     .sign = { secret, sizeof(secret) },
		     .verify = { secret, sizeof(secret) } } },
};

static struct conn *
conn_of(int who)
{
	static const struct hello hello = { .kind = HELLO_SOCKET,
					    .address = "192.0.2.9" };
	struct fake_wire *w = &wires[who];

	if (is_here[who])
		return w->conn;
	is_here[who] = true;
	if (who != STRANGER_IS)
		return fake_conn(w, who == ANN_IS ? ANN : BOB);
	memset(w, 0, sizeof(*w));
	return w->conn = conn_new(&fake.broker, &fake_ops, w, &hello);
}

static void
say(int who, const char *text, bool final, bool binary)
{
	struct conn *c = conn_of(who);

	if (!wires[who].is_held)
		conn_on_data(c, text, strlen(text), final, binary, 0);
}

/* ---- the database --------------------------------------------------------- */

static void
answer_append(struct question *q)
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
		row[2] = arena_printf(fake.arena, "%d", ++head);
		row[3] = "1";
		row[4] = "1700000000000";
		row[5] = "0";
	}
	rows[0] = *ROWS(1, "{7}");
	rows[1] = *fake_rows(count, COLUMNS, cells);
	fake_answer(q, OK, rows);
}

static const struct rows *
log_after(const struct question *q, bool is_read)
{
	int64_t after = 0;
	int last = head;

	if (!is_read && text_to_int(q->params[1], &after) != OK)
		return NULL;
	if (is_read) /* the statement before this one was the log's */
		after = head > 2 ? head - 2 : 0;
	if (last > after + PAGE)
		last = (int)after + PAGE;
	return fake_log((int)after + 1, last > after ? last : (int)after);
}

static void
answer(struct question *q)
{
	const char *seq = arena_printf(fake.arena, "%d", head);

	if (strcmp(q->name, "log_listen") == 0)
		fake_answer(q, OK, ROWS(7, "7", seq, "1", "2", "100", "t", "f"));
	else if (text_starts(q->name, "append"))
		answer_append(q);
	else if (strcmp(q->name, "log_after") == 0)
		fake_answer(q, OK, log_after(q, false));
	else if (strcmp(q->name, "log_heads") == 0)
		fake_answer(q, OK,
			    (struct rows[]){ *log_after(q, true), *ROWS(2, "7", seq) });
	else
		fake_answer(q, ERR_INTERNAL, NULL);
}

/* What is asked meanwhile is answered the next time. */
static void
answer_all(char how)
{
	for (int last = fake.last; fake.first < last; fake.first++) {
		struct question q = fake.questions[fake.first % QUESTIONS_MAX];
		bool knows_nothing = how == '0' && text_starts(q.name, "log_");

		if (knows_nothing)
			fake_answer(&q, OK,
				    (struct rows[]){ *fake_log(1, 0), *fake_log(1, 0) });
		else if (how == '=')
			answer(&q);
		else
			fake_answer(&q, ERR_UNAVAILABLE, NULL);
	}
}

/* ---- what is true after each line ------------------------------------------- */

static void
check_sent(struct fake_wire *w)
{
	const char *text;

	while ((text = fake_next(fake.arena, w))) {
		struct json *value;

		if (text[0] != '{')
			continue; /* a ping, or a close */
		CLAIM(json_parse(fake.arena, text, strlen(text), 32, NULL, &value) == OK);
		CLAIM(json_text_of(json_get(value, "type")));
	}
}

static void
turn_ends(void)
{
	fake_turn_ends();
	for (int i = 0; i < WHO_COUNT; i++) {
		if (!is_here[i])
			continue;
		check_sent(&wires[i]);
		is_here[i] = !wires[i].is_closed;
	}
	if (fake_waiting() > QUESTIONS_MAX / 2)
		answer_all('-');
}

/* ---- a line ------------------------------------------------------------------ */

static void
ann_s(char what)
{
	struct conn *c = conn_of(ANN_IS);

	if (what == 'P')
		conn_on_pong(c);
	else if (what == 'G')
		conn_on_goodbye(c);
	else if (what == 'W')
		wires[ANN_IS].is_stuck = true;
	else if (what == 'w')
		conn_on_writable(c);
	if (what == 'w')
		wires[ANN_IS].is_stuck = false;
	if (what != 'Q')
		return;
	wires[ANN_IS].is_closed = true;
	conn_on_gone(c);
}

static void
do_line(const char *line)
{
	static const char who[] = "ABSabs";
	const char *at = *line ? strchr(who, *line) : NULL;
	int64_t seq;

	if (at) {
		say((int)(at - who) % WHO_COUNT, line + 1, at - who < WHO_COUNT, false);
	} else if (*line == '#' || *line == '^') {
		say(ANN_IS, *line == '#' ? line + 1 : "", *line == '#', *line == '#');
	} else if (*line == '=' || *line == '0' || *line == '-') {
		answer_all(*line);
	} else if (*line == 'T') {
		fake_time(1000);
		conns_tick(&fake.broker);
		writer_tick(&fake.broker);
	} else if (*line == 'R' && text_to_int(line + 1, &seq) == OK) {
		fanout_hear_of(&fake.broker, HALL, seq);
	} else if (*line) {
		ann_s(*line);
	}
	turn_ends();
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	void *state;
	char *text, *line;

	fake_setup(&state);
	fake.broker.keys = &keys;
	memset(is_here, 0, sizeof(is_here));
	head = HEAD;
	text = arena_strndup(fake.arena, (const char *)data, len);
	for (int i = 0; i < LINES_MAX && (line = strsep(&text, "\n")); i++)
		do_line(line);
	fake_teardown(&state);
	return 0;
}
