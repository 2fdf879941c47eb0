#include "tests/unit/broker/fake.h"

#define CAT "00000000-0000-4000-8000-00000000000c"

static const struct hello socket_hello = { .kind = HELLO_SOCKET, .address = "192.0.2.1" };

static void
seconds(int s)
{
	for (; s > 0; s--) {
		fake_time(1000);
		conns_tick(&fake.broker);
		fake_turn_ends();
	}
}

static void
an_id_outlives_its_connection_but_not_its_meaning(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN);
	uint64_t id = ann->id;

	(void)state;
	assert_ptr_equal(conns_find(&fake.broker.conns, id), ann);
	conn_on_gone(ann);
	fake_turn_ends();
	assert_null(conns_find(&fake.broker.conns, id));
	fake_conn(&w2, ANN); /* in the same slot */
	assert_null(conns_find(&fake.broker.conns, id));
}

static void
many_connections_come_and_go(void **state)
{
	static struct fake_wire w[500];

	(void)state;
	fake.config.max_connections_per_address = 1000;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 500; i++)
			fake_conn(&w[i], i % 2 ? ANN : BOB);
		assert_int_equal(fake.broker.conns.count, 500);
		for (int i = 0; i < 500; i++) {
			assert_ptr_equal(conns_find(&fake.broker.conns, w[i].conn->id),
					 w[i].conn);
			conn_on_gone(w[i].conn);
		}
		fake_turn_ends();
		assert_int_equal(fake.broker.conns.count, 0);
	}
}

static void
silence_is_4401_after_the_time_for_a_token(void **state)
{
	struct fake_wire w = {};

	(void)state;
	w.conn = conn_new(&fake.broker, &fake_ops, &w, &socket_hello);
	seconds(4);
	EXPECT_NOTHING(&w);
	seconds(2);
	EXPECT(&w, "\"code\":\"token_invalid\"");
	EXPECT(&w, "close 4401 token_invalid");
	assert_false(w.is_closed);
	seconds(CONN_LINGER_S + 1); /* and the client does not answer that either */
	assert_true(w.is_closed);
}

static void
an_address_has_so_many_connections(void **state)
{
	struct fake_wire w[9];

	(void)state;
	for (int i = 0; i < 8; i++)
		fake_conn(&w[i], i % 2 ? ANN : BOB);
	memset(&w[8], 0, sizeof(w[8]));
	w[8].conn = conn_new(&fake.broker, &fake_ops, &w[8], &socket_hello);
	EXPECT(&w[8], "\"code\":\"rate_limited\"");
	EXPECT(&w[8], "close 4429 rate_limited");
	conn_on_gone(w[0].conn);
	memset(&w[0], 0, sizeof(w[0]));
	w[0].conn = conn_new(&fake.broker, &fake_ops, &w[0], &socket_hello);
	EXPECT_NOTHING(&w[0]);
}

static void
a_ready_connection_is_pinged_and_dropped_when_it_is_dead(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN);
	int pings = 0;
	const char *sent;

	(void)state;
	fake_conn(&w2, BOB);
	for (int i = 0; i < 120; i++) {
		seconds(1);
		if (i % 20 == 0)
			conn_on_pong(ann);
	}
	while ((sent = fake_next(fake.arena, &w1)))
		pings += strcmp(sent, "ping") == 0;
	assert_true(pings >= 4 && pings <= 5);
	assert_false(w1.is_closed);
	assert_true(w2.is_closed);
}

static void
a_token_s_end_is_announced_and_then_it_ends(void **state)
{
	struct fake_wire w;
	struct conn *ann;

	(void)state;
	fake.config.ping_interval_s = 300;
	ann = fake_conn(&w, ANN);
	ann->ping_s += 10000;
	ann->who.expires_at_ms = fake.broker.now_ms + 200000;
	conn_start_clock(ann);
	seconds(138);
	EXPECT_NOTHING(&w);
	seconds(4);
	EXPECT(&w, "{\"type\":\"token_expiring\",\"expires_in\":");
	seconds(55);
	EXPECT_NOTHING(&w);
	seconds(4);
	EXPECT(&w, "\"code\":\"token_expired\"");
	EXPECT(&w, "close 4401 token_expired");
}

static void
a_short_token_is_not_expiring_as_soon_as_it_comes(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	ann->ping_s += 10000;
	ann->who.expires_at_ms = fake.broker.now_ms + 10000;
	conn_start_clock(ann);
	seconds(3);
	EXPECT_NOTHING(&w);
	seconds(3);
	EXPECT(&w, "token_expiring");
}

static void
a_goodbye_ends_everything_but_the_wire(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	conn_on_goodbye(ann);
	assert_int_equal(rooms_count(&fake.broker.rooms), 0);
	assert_null(people_find(&fake.broker.people, ANN));
	fake_say(ann, "{\"type\":\"ping\"}");
	fake_turn_ends();
	EXPECT_NOTHING(&w);
	conn_on_gone(ann);
	fake_turn_ends();
	assert_int_equal(fake.broker.conns.count, 0);
}

static void
a_room_s_connection_needs_a_room(void **state)
{
	static const struct {
		struct hello hello;
		const char *close;
	} cases[] = {
		{ { .kind = HELLO_ROOM, .room = "x" }, "close 4404 not_found" },
		{ { .kind = HELLO_ROOM }, "close 4404 not_found" },
		{ { .kind = HELLO_ROOM, .room = HALL, .place_is_bad = true },
		  "close 4400 invalid" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hello hello = cases[i].hello;
		struct fake_wire w = {};

		hello.address = "192.0.2.1";
		w.conn = conn_new(&fake.broker, &fake_ops, &w, &hello);
		EXPECT(&w, "\"type\":\"error\"");
		EXPECT(&w, cases[i].close);
	}
}

static void
whoever_comes_while_we_go_is_told_when_to_come_back(void **state)
{
	struct fake_wire w = {};

	(void)state;
	fake.broker.draining = true;
	w.conn = conn_new(&fake.broker, &fake_ops, &w, &socket_hello);
	EXPECT(&w, "close 1001 retry_after=");
}

static void
what_is_held_back_comes_in_order_after_all(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	conn_move(ann, CONN_CHECKING);
	fake_say(ann, "{\"type\":\"ping\",\"ref\":\"early\"}");
	assert_true(w.is_held);
	fake_turn_ends();
	EXPECT_NOTHING(&w);
	conn_move(ann, CONN_READY);
	conn_release(ann);
	assert_false(w.is_held);
	fake_turn_ends();
	EXPECT(&w, "\"ref\":\"early\"");
}

/* Returns how many wires are cut. */
static int
hang_up(struct fake_wire *w, int count)
{
	int cut = 0;

	for (int i = 0; i < count; i++)
		if (!w[i].is_closed)
			conn_on_hangup(w[i].conn);
	fake_turn_ends();
	for (int i = 0; i < count; i++)
		cut += w[i].is_closed;
	return cut;
}

static void
a_crowd_that_hangs_up_ends_a_few_a_turn_and_others_are_served_between(void **state)
{
	enum { CROWD = 3 * CONN_CUTS_A_TURN + 1 };
	static struct fake_wire w[CROWD];
	struct fake_wire wire;
	struct conn *cat = fake_conn(&wire, CAT);

	(void)state;
	fake.config.max_connections_per_address = 1000;
	for (int i = 0; i < CROWD; i++)
		fake_conn(&w[i], i % 2 ? ANN : BOB);
	for (int turn = 1; turn <= 4; turn++) {
		int cut = turn < 4 ? turn * CONN_CUTS_A_TURN : CROWD;

		fake_say(cat, "{\"type\":\"ping\",\"ref\":\"between\"}");
		assert_int_equal(hang_up(w, CROWD), cut);
		EXPECT(&wire, "\"ref\":\"between\"");
		assert_int_equal(fake.broker.conns.count, 1 + CROWD - cut);
		assert_int_equal(fake.broker.metrics.ended[END_GONE], cut);
		assert_int_equal(conns_have_dying(&fake.broker.conns), turn < 4);
		assert_true(w[cut - 1].is_closed); /* in the order of arrival */
	}
	assert_null(people_find(&fake.broker.people, ANN));
}

static void
who_has_hung_up_is_sent_nothing_more(void **state)
{
	static struct fake_wire w[CONN_CUTS_A_TURN + 1];
	struct fake_wire *last = &w[CONN_CUTS_A_TURN];

	(void)state;
	fake.config.max_connections_per_address = 1000;
	for (int i = 0; i <= CONN_CUTS_A_TURN; i++)
		fake_conn(&w[i], ANN);
	for (int i = 0; i <= CONN_CUTS_A_TURN; i++)
		conn_on_hangup(w[i].conn);
	outbox_push(last->conn, frame_ping());
	fake_turn_ends();
	assert_false(last->is_closed);
	fake_turn_ends();
	assert_true(last->is_closed);
	EXPECT_NOTHING(last);
}

static void
a_drain_waits_for_no_turn(void **state)
{
	static struct fake_wire w[3 * CONN_CUTS_A_TURN];

	(void)state;
	fake.config.max_connections_per_address = 1000;
	for (int i = 0; i < 3 * CONN_CUTS_A_TURN; i++)
		fake_conn(&w[i], ANN);
	fake.broker.draining = true;
	assert_int_equal(hang_up(w, 3 * CONN_CUTS_A_TURN), 3 * CONN_CUTS_A_TURN);
	assert_int_equal(fake.broker.conns.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(an_id_outlives_its_connection_but_not_its_meaning),
		B(many_connections_come_and_go),
		B(silence_is_4401_after_the_time_for_a_token),
		B(an_address_has_so_many_connections),
		B(a_ready_connection_is_pinged_and_dropped_when_it_is_dead),
		B(a_token_s_end_is_announced_and_then_it_ends),
		B(a_short_token_is_not_expiring_as_soon_as_it_comes),
		B(a_goodbye_ends_everything_but_the_wire),
		B(a_room_s_connection_needs_a_room),
		B(whoever_comes_while_we_go_is_told_when_to_come_back),
		B(what_is_held_back_comes_in_order_after_all),
		B(a_crowd_that_hangs_up_ends_a_few_a_turn_and_others_are_served_between),
		B(who_has_hung_up_is_sent_nothing_more),
		B(a_drain_waits_for_no_turn),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
