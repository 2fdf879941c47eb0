/* frames.c -- what clients send once they are connected: fragments, frames and commands,
 * with a database that answers, fails, or finds nothing, in any order.
 *
 * The input is lines. The first character says what happens, the rest is its argument:
 *
 *	A B S   a frame from Ann, from Bob, from a stranger; a b s: a fragment of one
 *	# ^     a binary frame from Ann; an empty fragment
 *	=N 0 -  the database answers pending questions: with outcome N (a digit; none: 0);
 *		that there is nothing; not at all
 *	T       a second passes		R	a wake-up: the log has reached that seq
 *	H	this arrives from another program or broker: a wake-up or part of a signal
 *	W w     Ann's socket takes nothing; takes everything again
 *	P G Q   Ann's pong; her close frame; her connection is gone */
#include <ctype.h>

#include "broker/wakes.h"
#include "fuzz/frames_db.h"
#include "fuzz/fuzz.h"
#include "shared/keys.h"

enum { LINES_MAX = 100, ANN_IS = 0, BOB_IS, STRANGER_IS, WHO_COUNT };

static struct fake_wire wires[WHO_COUNT];
static bool is_here[WHO_COUNT];

static unsigned char secret[] = "a key that the corpus does not know";
static struct keys keys = {
	.count = 1,
	.items = { { .kid = "main",
		     .kind = KEY_HS256,
		     .sign = { secret, sizeof(secret) },
		     .verify = { secret, sizeof(secret) } } },
};

/* Connects Ann or Bob, each by a session of their own, in the hall and present for
 * others. */
static struct conn *
come(struct fake_wire *w, bool is_ann)
{
	const struct crowd_facts hall = { .id = HALL, .no = 7, .seq = DB_HEAD };
	const struct user user = { .id = is_ann ? ANN : BOB, .status = "online" };
	struct conn *c = fake_conn(w, user.id);

	strcpy(c->who.session_id.text, is_ann ? ANN_HERE : BOB_HERE);
	audience_add(&fake.broker.audience, c->visitor, &hall);
	presence_enter(c, &user);
	return c;
}

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
		return come(w, who == ANN_IS);
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

/* Questions asked meanwhile are answered the next time. */
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
			db_answer(&q);
		else
			fake_answer(&q, ERR_UNAVAILABLE, NULL);
	}
}

/* ---- what must hold after each line ----------------------------------------- */

static void
check_sent(struct fake_wire *w)
{
	const char *text;

	while ((text = fake_next(fake.arena, w))) {
		struct json *value;

		if (text[0] != '{')
			continue; /* a ping or a close frame */
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
a_second_passes(void)
{
	fake_time(1000);
	conns_tick(&fake.broker);
	typing_tick(&fake.broker);
	writer_tick(&fake.broker);
	presence_tick(&fake.broker);
	calls_tick(&fake.broker);
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
		db.outcome = *line == '=' && isdigit((unsigned char)line[1])
				     ? line[1] - '0'
				     : 0;
		answer_all(*line);
	} else if (*line == 'T') {
		a_second_passes();
	} else if (*line == 'R' && text_to_int(line + 1, &seq) == OK) {
		fanout_hear_of(&fake.broker, HALL, seq);
	} else if (*line == 'H') {
		wakes_hear(&fake.broker, line + 1);
	} else if (*line) {
		ann_s(*line);
	}
	turn_ends();
}

static void
set_limits(struct config *config)
{
	config->signals_per_second = config->signals_burst = 1000;
	config->max_signal_bytes = 1024;
	config->max_call_participants = 8;
	config->call_ring_s = config->call_grace_s = 30;
	config->max_call_s = 3600;
	config->presence_grace_s = 2;
	config->away_after_s = 3;
	config->presence_room_members = 100;
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	void *state;
	char *text, *line;

	fake_setup(&state);
	fake.broker.keys = &keys;
	fake.broker.peers.has_row = true;
	fake.broker.peers.others = 1;
	set_limits(&fake.config);
	memset(is_here, 0, sizeof(is_here));
	db.head = DB_HEAD;
	db.version = 0;
	text = arena_strndup(fake.arena, (const char *)data, len);
	for (int i = 0; i < LINES_MAX && (line = strsep(&text, "\n")); i++)
		do_line(line);
	fake_teardown(&state);
	return 0;
}
