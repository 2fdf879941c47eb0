#include "broker/signal_peers.h"
#include "shared/calls_live.h"
#include "tests/unit/broker/fake.h"

#define EVE "00000000-0000-4000-8000-00000000000e"
#define CALL "20000000-0000-4000-8000-000000000001"
#define ANN_HERE "30000000-0000-4000-8000-00000000000a"
#define BOB_HERE "30000000-0000-4000-8000-00000000000b"

/* ANN and BOB, with one device each. */
static struct fake_wire wires[4];
static struct conn *ann, *bob;

static struct conn *
device(struct fake_wire *w, const char *who, const char *session)
{
	struct conn *c = fake_conn(w, who);

	strcpy(c->who.session_id.text, session);
	return c;
}

static void
two_devices(void)
{
	fake.config.signals_per_second = fake.config.signals_burst = 1000;
	fake.config.max_signal_bytes = 1024;
	fake.config.call_grace_s = 30;
	ann = device(&wires[0], ANN, ANN_HERE);
	bob = device(&wires[1], BOB, BOB_HERE);
}

static const struct call_participant both[] = {
	{ .user_id = ANN, .state = "joined", .session_id = ANN_HERE, .is_member = true },
	{ .user_id = BOB, .state = "joined", .session_id = BOB_HERE, .is_member = true },
};

/* A call as it is read from the database. */
static struct call
call_of(int64_t version, const char *state, const struct call_participant parts[2])
{
	struct call_participant *copy =
		ARENA_ARRAY(fake.arena, struct call_participant, 2);

	memcpy(copy, parts, 2 * sizeof(*copy));
	return (struct call){
		.id = CALL,
		.room_id = HALL,
		.kind = "audio",
		.state = state,
		.initiator_id = ANN,
		.started_at = 1700000000000,
		.ended_at = strcmp(state, "ended") == 0 ? 1700000009000 : 0,
		.version = version,
		.action = "accept",
		.by = BOB,
		.participant_count = 2,
		.participants = copy,
	};
}

static void
take(const struct call *call)
{
	calls_take(&fake.broker, call, NULL);
	fake_turn_ends();
}

static void
active_call(void)
{
	struct call call = call_of(1, "active", both);

	two_devices();
	take(&call);
	EXPECT(&wires[0], "\"call\"");
	EXPECT(&wires[1], "\"call\"");
}

static void
what_was_read_before_is_told_to_nobody_again(void **state)
{
	struct call old, call;

	(void)state;
	active_call();
	old = call_of(1, "active", both);
	take(&old);
	call = call_of(3, "ended", both);
	fake.broker.calls.is_loaded = true;
	take(&call);
	old = call_of(2, "active", both);
	take(&old);
	for (int i = 0; i < 2; i++) {
		EXPECT(&wires[i], "\"ended\"");
		EXPECT_NOTHING(&wires[i]);
	}
	assert_false(live_call_is_open(calls_find(&fake.broker.calls, CALL)));
	fake_time((CALLS_KEPT_S + 1) * 1000);
	calls_forget_old(&fake.broker);
	assert_null(calls_find(&fake.broker.calls, CALL));
}

static void
what_was_over_before_we_came_is_no_news(void **state)
{
	struct call call = call_of(5, "ended", both);

	(void)state;
	two_devices();
	take(&call);
	EXPECT_NOTHING(&wires[0]);
}

static void
who_is_put_out_of_the_room_hears_so_and_no_more(void **state)
{
	struct call_participant parts[2];
	struct call call;

	(void)state;
	active_call();
	memcpy(parts, both, sizeof(parts));
	parts[1].state = "left";
	parts[1].is_member = false;
	call = call_of(2, "active", parts);
	take(&call);
	EXPECT(&wires[1], "\"left\"");
	call.version = 3;
	take(&call);
	EXPECT(&wires[0], "\"left\"");
	EXPECT(&wires[0], "\"left\"");
	EXPECT_NOTHING(&wires[1]);
}

static void
who_comes_hears_of_their_calls(void **state)
{
	struct conn *again, *eve;

	(void)state;
	active_call();
	again = device(&wires[2], BOB, BOB_HERE);
	call_tell_greet(again);
	eve = device(&wires[3], EVE, ANN_HERE);
	call_tell_greet(eve);
	fake_turn_ends();
	EXPECT(&wires[2], CALL);
	EXPECT_NOTHING(&wires[2]);
	EXPECT_NOTHING(&wires[3]);
}

/* ---- signals ------------------------------------------------------------- */

#define SIGNAL(to, data)                                                           \
	"{\"type\":\"signal\",\"ref\":\"s\",\"call_id\":\"" CALL "\",\"to\":\"" to \
	"\",\"data\":" data "}"

static void
a_signal_goes_to_the_device_as_it_is(void **state)
{
	struct conn *tab;

	(void)state;
	active_call();
	tab = device(&wires[2], BOB, BOB_HERE);
	device(&wires[3], BOB, EVE); /* another session */
	fake_say(ann, SIGNAL(BOB, "{\"x\":[1,null]}"));
	fake_turn_ends();
	for (int i = 1; i <= 2; i++)
		EXPECT(&wires[i], "\"from\":\"" ANN "\",\"data\":{\"x\":[1,null]}}");
	fake_say(tab, SIGNAL(ANN, "1"));
	fake_say(ann, SIGNAL(BOB, "2"));
	fake_turn_ends();
	EXPECT(&wires[2], "\"data\":2}");
	for (int i = 1; i < 4; i++)
		EXPECT_NOTHING(&wires[i]);
	EXPECT(&wires[0], "\"data\":1}");
	EXPECT_NOTHING(&wires[0]);
}

static void
a_signal_that_reaches_nobody_is_refused(void **state)
{
	static const struct {
		const char *frame, *error;
	} cases[] = {
		{ SIGNAL(ANN, "1"), "\"conflict\"" },
		{ SIGNAL(EVE, "1"), "\"not_found\"" },
		{ SIGNAL(BOB, "null"), "\"data\"" },
		{ "{\"type\":\"signal\",\"call_id\":\"" HALL "\",\"to\":\"" BOB
		  "\",\"data\":1}",
		  "\"not_found\"" },
	};

	(void)state;
	active_call();
	for (size_t i = 0; i < COUNT(cases); i++) {
		fake_say(ann, cases[i].frame);
		fake_turn_ends();
		EXPECT(&wires[0], cases[i].error);
	}
	conn_on_gone(bob);
	fake_say(ann, SIGNAL(BOB, "1"));
	fake_turn_ends();
	EXPECT(&wires[0], "\"conflict\"");
}

static void
who_does_not_read_signals_is_not_cut_off_by_them(void **state)
{
	const char *data =
		arena_printf(fake.arena, "\"%.*s\"", 1000,
			     (char *)memset(arena_alloc(fake.arena, 1001), 'x', 1000));
	const char *frame = arena_printf(fake.arena,
					 "{\"type\":\"signal\",\"call_id\":\"" CALL
					 "\",\"to\":\"" BOB "\",\"data\":%s}",
					 data);
	int refused = 0;

	(void)state;
	active_call();
	wires[1].is_stuck = true;
	for (int i = 0; i < 100; i++) {
		const char *said;

		fake_say(ann, frame);
		fake_turn_ends();
		said = fake_next(fake.arena, &wires[0]);
		refused += said && strstr(said, "\"unavailable\"") != NULL;
	}
	assert_true(refused > 0 && refused < 100);
	assert_int_equal(bob->state, CONN_READY);
}

static void
signals_come_no_faster_than_they_may(void **state)
{
	(void)state;
	active_call();
	fake.config.signals_per_second = fake.config.signals_burst = 2;
	for (int i = 0; i < 3; i++)
		fake_say(ann, SIGNAL(BOB, "1"));
	fake_turn_ends();
	EXPECT(&wires[0], "\"rate_limited\"");
	EXPECT(&wires[1], "\"data\":1}");
	EXPECT(&wires[1], "\"data\":1}");
	EXPECT_NOTHING(&wires[1]);
}

/* ---- other brokers ------------------------------------------------------- */

#define ID "40000000-0000-4000-8000-000000000001"
#define PART(id, part, parts, text) \
	"signal " id " " part " " parts " " CALL " " ANN " " BOB " " text

static void
what_another_broker_hands_on_comes_whole_or_not_at_all(void **state)
{
	struct question *q;

	(void)state;
	active_call();
	assert_false(signal_hear(&fake.broker, "room " HALL " 1"));
	assert_true(signal_hear(&fake.broker, "signal"
					      " x"));
	assert_true(signal_hear(&fake.broker, PART(ID, "1", "2", "lost\"")));
	assert_true(signal_hear(&fake.broker, PART(ID, "0", "3", "\"a b")));
	assert_true(signal_hear(&fake.broker, PART(ID, "2", "3", "d\"")));
	assert_true(signal_hear(&fake.broker, PART(ID, "0", "2", "\"a b")));
	assert_true(signal_hear(&fake.broker, PART(HALL, "1", "2", "c\"")));
	assert_true(signal_hear(&fake.broker, PART(ID, "0", "1", "\"a\x1f\"")));
	assert_true(signal_hear(&fake.broker, PART(ID, "0", "1", "1}, {")));
	assert_int_equal(fake_waiting(), 0);
	assert_true(signal_hear(&fake.broker, PART(ID, "0", "2", "\"a b ")));
	assert_true(signal_hear(&fake.broker, PART(ID, "1", "2", " c\"")));
	fake_turn_ends();
	EXPECT(&wires[1], "\"data\":\"a b  c\"}");
	EXPECT_NOTHING(&wires[1]);
	q = fake_asked("peers_tell");
	assert_string_equal(q->params[0], "{\"heard " ID "\"}");
	fake_answer(q, OK, ROWS(1, ""));
}

static void
what_no_broker_hears_is_refused_in_a_while(void **state)
{
	(void)state;
	active_call();
	conn_on_gone(bob);
	fake.broker.peers.others = 1;
	fake_say(ann, SIGNAL(BOB, "1"));
	fake_turn_ends();
	assert_non_null(
		strstr(fake_asked("peers_tell")->params[0], CALL " " ANN " " BOB));
	EXPECT_NOTHING(&wires[0]);
	fake_time(SIGNAL_HEARD_MS);
	signals_tick(&fake.broker);
	fake_turn_ends();
	EXPECT(&wires[0], "\"ref\":\"s\"");
	fake.broker.peers.others = 0;
}

/* ---- looking ------------------------------------------------------------- */

static void
a_call_that_went_with_its_room_is_over(void **state)
{
	(void)state;
	active_call();
	calls_tick(&fake.broker);
	fake_answer(fake_asked("calls_look"), OK, fake_rows(0, 3, NULL));
	fake_turn_ends();
	fake_answer(fake_asked("calls_tell"), OK, fake_rows(0, 17, NULL));
	fake_turn_ends();
	for (int i = 0; i < 2; i++) {
		EXPECT(&wires[i], "\"ended\"");
		EXPECT_NOTHING(&wires[i]);
	}
}

static void
what_came_during_a_look_is_not_missed_in_it(void **state)
{
	struct call call = call_of(1, "active", both);

	(void)state;
	two_devices();
	calls_tick(&fake.broker);
	take(&call);
	fake_answer(fake_asked("calls_look"), OK, fake_rows(0, 3, NULL));
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	assert_true(live_call_is_open(calls_find(&fake.broker.calls, CALL)));
}

/* The grace period that a check applies, "30"; NULL: absence does not count yet. */
static const char *
grace_asked(void)
{
	struct question *q;

	calls_tick(&fake.broker);
	calls_tick(&fake.broker);
	q = fake_asked("calls_tell"); /* the end of a check */
	fake_answer(q, ERR_UNAVAILABLE, NULL);
	while (fake_waiting())
		fake_answer(&fake.questions[fake.first++ % QUESTIONS_MAX],
			    ERR_UNAVAILABLE, NULL);
	return fake.broker.calls.steady_s < 0 ? NULL : "30";
}

static void
nobody_is_out_because_we_were_not_there(void **state)
{
	(void)state;
	active_call();
	assert_int_equal(fake.broker.calls.steady_s, -1);
	calls_tick(&fake.broker);
	fake_answer(fake_asked("calls_look"), OK, ROWS(3, CALL, "1", "t"));
	assert_true(fake.broker.calls.steady_s >= 0);
	assert_null(grace_asked());
}

/* ---- changing ------------------------------------------------------------ */

#define MOVE(action, ref)                                             \
	"{\"type\":\"call\",\"ref\":\"" ref "\",\"action\":\"" action \
	"\",\"call_id\":\"" CALL "\"}"

static void
a_change_whose_answer_is_lost_is_said_to_be_unavailable(void **state)
{
	(void)state;
	two_devices();
	fake_say(bob, MOVE("accept", "1"));
	fake_say(ann, MOVE("cancel", "2"));
	fake_answer(fake_asked("calls_tell"), ERR_UNAVAILABLE, NULL);
	fake_turn_ends();
	EXPECT(&wires[0], "\"unavailable\"");
	EXPECT_NOTHING(&wires[1]);
	conn_on_gone(bob); /* the answer finds no connection */
}

static void
the_next_change_waits_for_the_one_before(void **state)
{
	(void)state;
	two_devices();
	fake_say(bob, MOVE("accept", "1"));
	assert_false(wires[1].is_held);
	fake_say(bob, MOVE("hangup", "2"));
	assert_true(wires[1].is_held);
	assert_int_equal(fake_waiting(), 1);
	fake_answer(fake_asked("calls_tell"), ERR_UNAVAILABLE, NULL);
	assert_int_equal(fake_waiting(), 1);
	assert_false(wires[1].is_held);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(what_was_read_before_is_told_to_nobody_again),
		B(what_was_over_before_we_came_is_no_news),
		B(who_is_put_out_of_the_room_hears_so_and_no_more),
		B(who_comes_hears_of_their_calls),
		B(a_signal_goes_to_the_device_as_it_is),
		B(a_signal_that_reaches_nobody_is_refused),
		B(who_does_not_read_signals_is_not_cut_off_by_them),
		B(signals_come_no_faster_than_they_may),
		B(what_another_broker_hands_on_comes_whole_or_not_at_all),
		B(what_no_broker_hears_is_refused_in_a_while),
		B(a_call_that_went_with_its_room_is_over),
		B(what_came_during_a_look_is_not_missed_in_it),
		B(nobody_is_out_because_we_were_not_there),
		B(a_change_whose_answer_is_lost_is_said_to_be_unavailable),
		B(the_next_change_waits_for_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
