#include "broker/presence_store.h"
#include "shared/session.h"
#include "tests/unit/broker/fake.h"

#define P (&fake.broker.presence)

/* The `presence` frame of somebody who chose this status. */
#define TOLD(who, status) \
	"{\"type\":\"presence\",\"user_id\":\"" who "\",\"status\":\"" status "\""

static struct fake_wire wires[4];

static void
ready_to_write(void)
{
	P->sweep_s = INT64_MAX;
	fake.config.presence_grace_s = 10;
	fake.config.away_after_s = 60;
	fake.config.presence_room_members = 100;
	fake.broker.peers.has_row = true;
	fake.broker.peers.others = 1;
}

static struct conn *
comes(struct fake_wire *w, const char *id)
{
	const struct user user = { .id = id, .status = "online" };
	const struct crowd_facts hall = { .id = HALL, .no = 7, .seq = 3 };
	struct conn *c = fake_conn(w, id);

	audience_add(&fake.broker.audience, c->visitor, &hall);
	presence_enter(c, &user);
	return c;
}

static void
tick(void)
{
	presence_tick(&fake.broker);
	fake_turn_ends();
}

static void
seconds(int s)
{
	fake_time((int64_t)s * 1000);
	tick();
}

/* Answers a batch in which one person was read, with the status that others see. */
static void
answer(const char *who, const char *shown)
{
	struct rows rows[4] = {};

	rows[3] = *ROWS(13, who, "login", "", "", NULL, shown, "online", NULL,
			"1700000000000", "everyone", "{}", "{}", "{" HALL "}");
	fake_answer(fake_asked("presence_read"), OK, rows);
	fake_turn_ends();
}

/* Answers a batch of so many arrivals that nobody is to be told of. */
static void
answer_batch(int count)
{
	static const char *const gone[13] = { [8] = "0" };
	const char **cells =
		ARENA_ARRAY(fake.arena, const char *, 13 * (size_t)count + 1);
	struct rows rows[4] = {};

	for (int i = 0; i < count; i++)
		memcpy(cells + (ptrdiff_t)13 * i, gone, sizeof(gone));
	rows[3] = *fake_rows(count, 13, cells);
	fake_answer(fake_asked("presence_read"), OK, rows);
	fake_turn_ends();
}

static const struct question *
batch(void)
{
	const struct question *q = &fake.questions[fake.first % QUESTIONS_MAX];

	assert_int_equal(fake_waiting(), 1);
	assert_string_equal(q->name, "presence_read");
	return q;
}

static void
peers_are_told(void)
{
	fake_answer(fake_asked("peers_tell"), OK, ROWS(1, ""));
	fake_time(PEERS_REST_MS); /* otherwise the next notice would wait */
}

/* Somebody arrives, and everything that follows is done. */
static struct conn *
is_here(struct fake_wire *w, const char *id)
{
	struct conn *c = comes(w, id);

	tick();
	answer(id, "online");
	peers_are_told();
	w->seen = w->len;
	return c;
}

static void
who_comes_is_written_and_told_in_one_batch(void **state)
{
	(void)state;
	ready_to_write();
	is_here(&wires[1], BOB);
	comes(&wires[0], ANN);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0); /* changes are batched */
	tick();
	assert_int_equal(batch()->line, LINE_NOTE);
	assert_int_equal(batch()->call_count, 4);
	assert_string_equal(fake_param(batch(), "presence_put", 1), "{\"" ANN "\"}");
	assert_string_equal(fake_param(batch(), "presence_put", 2), "{\"false\"}");
	assert_string_equal(fake_param(batch(), "presence_remove", 1), "{}");
	assert_string_equal(fake_param(batch(), "presence_seen", 0), "{\"" ANN "\"}");
	assert_string_equal(fake_param(batch(), "presence_read", 0), "{\"" ANN "\"}");
	answer(ANN, "online");
	EXPECT(&wires[1], TOLD(ANN, "online"));
	EXPECT_NOTHING(&wires[1]);
	EXPECT_NOTHING(&wires[0]);
	assert_string_equal(fake_asked("peers_tell")->params[0], "{\"person " ANN "\"}");
	assert_int_equal(fake_waiting(), 0);
}

static void
who_is_back_within_the_grace_has_never_left(void **state)
{
	struct conn *ann;

	(void)state;
	ready_to_write();
	ann = is_here(&wires[0], ANN);
	conn_on_gone(ann);
	fake_turn_ends();
	seconds(9);
	comes(&wires[1], ANN);
	seconds(20);
	assert_int_equal(fake_waiting(), 0);
	assert_int_equal(P->people.count, 1);
}

static void
who_is_gone_for_longer_is_told_of_and_forgotten(void **state)
{
	struct conn *ann;

	(void)state;
	ready_to_write();
	is_here(&wires[1], BOB);
	ann = is_here(&wires[0], ANN);
	wires[1].seen = wires[1].len;
	conn_on_gone(ann);
	fake_turn_ends();
	seconds(11);
	assert_string_equal(fake_param(batch(), "presence_put", 1), "{}");
	assert_string_equal(fake_param(batch(), "presence_remove", 1), "{\"" ANN "\"}");
	assert_string_equal(fake_param(batch(), "presence_seen", 1), "{11000}");
	assert_string_equal(fake_param(batch(), "presence_seen", 2), "{\"true\"}");
	answer(ANN, "offline");
	EXPECT(&wires[1], TOLD(ANN, "offline"));
	EXPECT_NOTHING(&wires[1]);
	assert_int_equal(P->people.count, 1); /* BOB */
}

static void
who_does_nothing_is_away_until_they_do(void **state)
{
	struct conn *ann;

	(void)state;
	ready_to_write();
	is_here(&wires[1], BOB);
	ann = is_here(&wires[0], ANN);
	wires[1].seen = wires[1].len;
	presence_act(wires[1].conn);
	seconds(30);
	presence_act(wires[1].conn);
	seconds(30);
	assert_string_equal(fake_param(batch(), "presence_put", 2), "{\"true\"}");
	answer(ANN, "away");
	EXPECT(&wires[1], TOLD(ANN, "away"));
	peers_are_told();
	presence_act(ann);
	tick();
	answer(ANN, "online");
	EXPECT(&wires[1], TOLD(ANN, "online"));
	EXPECT_NOTHING(&wires[1]);
}

static void
the_next_batch_goes_when_the_last_is_done(void **state)
{
	enum { PEOPLE = PRESENCE_BATCH + 2 };
	static struct fake_wire many[PEOPLE];

	(void)state;
	ready_to_write();
	for (int i = 0; i < PEOPLE; i++)
		comes(&many[i],
		      arena_printf(fake.arena, "00000000-0000-4000-8000-%012x", i));
	tick();
	tick();
	batch();
	answer_batch(PRESENCE_BATCH);
	batch();
	answer_batch(PEOPLE - PRESENCE_BATCH);
	assert_int_equal(fake_waiting(), 0);
}

/* Answers one question for each PRESENCE_BATCH people, in turn; returns how many there
 * were. */
static int
answer_batches(int people)
{
	int count = 0;

	for (; people > 0; people -= PRESENCE_BATCH, count++) {
		batch();
		answer_batch(people < PRESENCE_BATCH ? people : PRESENCE_BATCH);
	}
	assert_int_equal(fake_waiting(), 0);
	return count;
}

static void
what_a_crowd_costs_grows_with_its_changes_alone(void **state)
{
	enum { PEOPLE = 2000, BATCHES = (PEOPLE + PRESENCE_BATCH - 1) / PRESENCE_BATCH };
	struct fake_wire *crowd = ARENA_ARRAY(*state, struct fake_wire, PEOPLE);

	ready_to_write();
	for (int i = 0; i < PEOPLE; i++)
		comes(&crowd[i],
		      arena_printf(fake.arena, "00000000-0000-4000-8000-%012x", i));
	tick();
	assert_int_equal(answer_batches(PEOPLE), BATCHES);
	tick();
	assert_int_equal(fake_waiting(), 0);
	for (int i = 0; i < PEOPLE; i++)
		conn_on_gone(crowd[i].conn);
	fake_turn_ends();
	seconds(11);
	assert_int_equal(answer_batches(PEOPLE), BATCHES);
	assert_int_equal(P->people.count, 0);
}

static void
a_batch_that_failed_is_made_again_whole(void **state)
{
	(void)state;
	ready_to_write();
	comes(&wires[0], ANN);
	tick();
	fake_answer(fake_asked("presence_read"), ERR_UNAVAILABLE, NULL);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	seconds(1);
	assert_string_equal(fake_param(batch(), "presence_put", 1), "{\"" ANN "\"}");
	assert_string_equal(fake_param(batch(), "presence_seen", 0), "{\"" ANN "\"}");
	assert_string_equal(fake_param(batch(), "presence_read", 0), "{\"" ANN "\"}");
}

static void
without_a_row_of_the_broker_or_a_database_it_waits(void **state)
{
	(void)state;
	ready_to_write();
	fake.broker.peers.has_row = false;
	comes(&wires[0], ANN);
	seconds(60);
	assert_int_equal(fake_waiting(), 0);
	fake.broker.peers.has_row = true;
	fake.is_down = true;
	seconds(1);
	fake.is_down = false;
	seconds(1);
	batch();
}

static void
what_changes_in_flight_is_looked_at_when_it_is_back(void **state)
{
	struct conn *ann;

	(void)state;
	ready_to_write();
	ann = comes(&wires[0], ANN);
	tick();
	conn_on_gone(ann);
	fake_turn_ends();
	presence_changed(&fake.broker, ANN);
	seconds(11);
	answer(ANN, "online");
	peers_are_told();
	tick();
	assert_string_equal(fake_param(batch(), "presence_remove", 1), "{\"" ANN "\"}");
	answer(ANN, "offline");
	assert_int_equal(P->people.count, 0);
}

static void
what_others_changed_is_read_and_told_if_it_shows(void **state)
{
	(void)state;
	ready_to_write();
	is_here(&wires[0], ANN);
	presence_changed(&fake.broker, BOB); /* not connected here */
	tick();
	assert_string_equal(fake_param(batch(), "presence_put", 1), "{}");
	assert_string_equal(fake_param(batch(), "presence_seen", 0), "{}");
	answer(BOB, "busy");
	EXPECT(&wires[0], TOLD(BOB, "busy"));
	assert_int_equal(fake_waiting(), 0); /* other brokers hear it from the origin */
	assert_int_equal(P->people.count, 1);
	presence_changed(&fake.broker, ANN);
	tick();
	answer(ANN, "online"); /* perhaps her name changed */
	EXPECT_NOTHING(&wires[0]);
	assert_int_equal(fake_waiting(), 0);
}

static void
what_the_table_has_lost_is_written_again(void **state)
{
	struct conn *bob;

	(void)state;
	ready_to_write();
	is_here(&wires[0], ANN);
	bob = is_here(&wires[1], BOB);
	conn_on_gone(bob);
	fake_turn_ends();
	seconds(11);
	answer(BOB, "offline");
	peers_are_told();
	presence_write_again(&fake.broker);
	tick();
	assert_string_equal(fake_param(batch(), "presence_put", 1), "{\"" ANN "\"}");
	wires[0].seen = wires[0].len;
	answer(ANN, "online"); /* known here, but others may know otherwise */
	EXPECT_NOTHING(&wires[0]);
	assert_string_equal(fake_asked("peers_tell")->params[0], "{\"person " ANN "\"}");
}

static void
who_goes_while_the_table_has_lost_them_is_told_of(void **state)
{
	const struct crowd_facts hall = { .id = HALL, .no = 7, .seq = 3 };
	struct conn *ear = fake_conn(&wires[0], ANN), *bob;

	(void)state;
	ready_to_write();
	audience_add(&fake.broker.audience, ear->visitor, &hall);
	bob = is_here(&wires[1], BOB);
	fake.broker.peers.has_row = false;
	presence_write_again(&fake.broker);
	conn_on_gone(bob);
	fake_turn_ends();
	seconds(11);
	fake.broker.peers.has_row = true;
	wires[0].seen = wires[0].len;
	tick();
	answer(BOB, "offline");
	EXPECT(&wires[0], TOLD(BOB, "offline"));
}

static void
those_of_a_broker_that_is_no_more_are_told_of(void **state)
{
	(void)state;
	ready_to_write();
	strcpy(fake.broker.peers.id.text, HALL);
	is_here(&wires[0], ANN);
	P->sweep_s = 0;
	tick();
	assert_string_equal(fake.questions[fake.first % QUESTIONS_MAX].params[1], HALL);
	fake_answer(fake_asked("presence_sweep"), OK, ROWS(1, BOB));
	fake_turn_ends();
	assert_string_equal(fake_asked("peers_tell")->params[0], "{\"person " BOB "\"}");
	tick();
	answer(BOB, "offline");
	EXPECT(&wires[0], TOLD(BOB, "offline"));
}

static void
a_script_is_nobody_who_is_here(void **state)
{
	const struct user user = { .id = ANN, .status = "online" };
	struct conn *c;

	(void)state;
	ready_to_write();
	c = fake_conn(&wires[0], ANN);
	c->who.is_script = true;
	presence_enter(c, &user);
	presence_act(c);
	seconds(1);
	assert_int_equal(P->people.count, 0);
}

static void
who_is_hidden_or_blocked_is_not_shown_as_here(void **state)
{
	const struct user hidden = { .id = ANN, .status = "offline" };
	const struct visitor *ann, *bob;

	(void)state;
	ready_to_write();
	ann = fake_conn(&wires[0], ANN)->visitor;
	presence_enter(wires[0].conn, &hidden);
	bob = comes(&wires[1], BOB)->visitor;
	assert_true(presence_shows(&fake.broker, ann, ann));
	assert_false(presence_shows(&fake.broker, ann, bob));
	assert_true(presence_shows(&fake.broker, bob, ann));
	visitor_set_blocked((struct visitor *)(uintptr_t)ann, "{" BOB "}");
	assert_false(presence_shows(&fake.broker, bob, ann));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(who_comes_is_written_and_told_in_one_batch),
		B(who_is_back_within_the_grace_has_never_left),
		B(who_is_gone_for_longer_is_told_of_and_forgotten),
		B(who_does_nothing_is_away_until_they_do),
		B(the_next_batch_goes_when_the_last_is_done),
		B(what_a_crowd_costs_grows_with_its_changes_alone),
		B(a_batch_that_failed_is_made_again_whole),
		B(without_a_row_of_the_broker_or_a_database_it_waits),
		B(what_changes_in_flight_is_looked_at_when_it_is_back),
		B(what_others_changed_is_read_and_told_if_it_shows),
		B(what_the_table_has_lost_is_written_again),
		B(who_goes_while_the_table_has_lost_them_is_told_of),
		B(those_of_a_broker_that_is_no_more_are_told_of),
		B(a_script_is_nobody_who_is_here),
		B(who_is_hidden_or_blocked_is_not_shown_as_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
