#include "broker/peers.h"
#include "tests/unit/broker/fake.h"

#define P (&fake.broker.peers)

/* The answer to a heartbeat: how many other brokers there are. */
static void
others(const char *count, const char *is_new)
{
	peers_beat(&fake.broker);
	fake_answer(fake_asked("peers_beat"), OK, ROWS(4, count, count, is_new, HALL));
}

static void
alone_it_tells_nobody(void **state)
{
	(void)state;
	others("0", "t");
	peers_tell_room(&fake.broker, HALL, 4);
	peers_tell(&fake.broker, "room " HALL " 4");
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	assert_int_equal(peers_next_ms(&fake.broker), -1);
}

static void
a_room_is_told_once_by_its_highest_seq(void **state)
{
	struct question *q;

	(void)state;
	others("1", "f");
	peers_tell_room(&fake.broker, HALL, 4);
	peers_tell_room(&fake.broker, HALL, 6);
	peers_tell(&fake.broker, "room " HALL " 5"); /* from the socket */
	peers_tell_room(&fake.broker, YARD, 1);
	peers_tell(&fake.broker, "what is this");
	fake_turn_ends();
	q = fake_asked("peers_tell");
	assert_int_equal(q->line, LINE_READ);
	assert_string_equal(q->params[0], "{\"room " HALL " 6\",\"room " YARD " 1\"}");
	fake_answer(q, OK, ROWS(1, "", ""));
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
}

static void
what_comes_while_they_are_told_waits_for_the_next_time(void **state)
{
	struct question *q;

	(void)state;
	others("2", "f");
	peers_tell_room(&fake.broker, HALL, 4);
	fake_turn_ends();
	q = fake_asked("peers_tell");
	peers_tell_room(&fake.broker, HALL, 5);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	fake_answer(q, ERR_UNAVAILABLE, NULL); /* lost without consequences */
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0); /* too soon */
	fake_time(PEERS_REST_MS);
	assert_true(peers_next_ms(&fake.broker) <= fake.broker.clock_ms);
	fake_turn_ends();
	assert_string_equal(fake_asked("peers_tell")->params[0], "{\"room " HALL " 5\"}");
	fake.broker.bus.telling = 0;
}

static void
what_we_commit_is_told(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	others("1", "f");
	fake_say(ann,
		 "{\"type\":\"message\",\"room_id\":\"" HALL "\",\"client_id\":\"k\","
		 "\"text\":\"one\"}");
	fake_turn_ends();
	fake_answer(fake_asked_append(), OK,
		    (struct rows[]){ {},
				     *ROWS(8, "ok", "7", "9", "1", "1700000000000", "0",
					   NULL, NULL) });
	fake_turn_ends();
	assert_string_equal(fake_asked("peers_tell")->params[0], "{\"room " HALL " 9\"}");
	fake.broker.bus.telling = 0;
}

static void
one_that_comes_says_so_to_those_that_are_there(void **state)
{
	struct question *q;

	(void)state;
	others("1", "t");
	q = fake_asked("peers_tell");
	assert_string_equal(q->params[0], "{\"broker\"}");
	fake_answer(q, OK, ROWS(1, ""));
	assert_true(peers_hear(&fake.broker, "broker"));
	fake_answer(fake_asked("peers_beat"), OK, ROWS(4, "2", "2", "f", HALL));
	assert_int_equal(P->others, 2);
	assert_int_equal(fake_waiting(), 0);
	assert_false(peers_hear(&fake.broker, "brokers"));
}

static void
the_last_other_one_that_goes_is_told_nothing_more(void **state)
{
	(void)state;
	others("1", "f");
	peers_tell_room(&fake.broker, HALL, 4);
	others("0", "f");
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(alone_it_tells_nobody),
		B(a_room_is_told_once_by_its_highest_seq),
		B(what_comes_while_they_are_told_waits_for_the_next_time),
		B(what_we_commit_is_told),
		B(one_that_comes_says_so_to_those_that_are_there),
		B(the_last_other_one_that_goes_is_told_nothing_more),
	};

	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
