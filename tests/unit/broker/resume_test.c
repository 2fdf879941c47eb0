/* The way from where a listener was to what is live: nothing is missed, nothing comes
 * twice, whatever is written meanwhile. */
#include "tests/unit/broker/fake.h"

/* Another of our commits, next in line. */
static void
commit(int seq)
{
	struct draft draft = { .room_id = HALL, .sender_id = ANN, .client_id = "k" };
	struct appended done = { .result = APPEND_OK, .room_no = 7, .seq = seq };
	struct post *p;

	draft.text = arena_printf(fake.arena, "m%d", seq);
	p = post_new(&draft, NULL);
	p->author = people_find(&fake.broker.people, ANN);
	fanout_committed(&fake.broker, p, &done);
	post_free(p);
}

static void
expect_messages(struct fake_wire *w, int first, int last)
{
	for (int seq = first; seq <= last; seq++)
		EXPECT(w, arena_printf(fake.arena, "\"seq\":%d,", seq));
}

static void
join_after(struct conn *c, int after)
{
	fake_say(c,
		 arena_printf(fake.arena,
			      "{\"type\":\"join\",\"room_id\":\"" HALL "\",\"after\":%d}",
			      after));
}

/* The page query, answered. */
static void
page(int first, int last, const char *after)
{
	struct question *q = fake_asked("log_after");

	assert_int_equal(q->line, LINE_PAGE);
	assert_string_equal(q->params[1], after);
	fake_answer(q, OK, fake_log(first, last));
}

static void
what_was_missed_comes_before_what_is_live(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob;

	(void)state;
	fake_join(ann, "10");
	bob = fake_conn(&w2, BOB);
	join_after(bob, 7);
	fake_member("10");
	fake_turn_ends();
	EXPECT(&w2, "\"recovered\":true");
	commit(11); /* after the page was asked for */
	fake_turn_ends();
	EXPECT_NOTHING(&w2);
	page(8, 10, "7");
	commit(12);
	fake_turn_ends();
	expect_messages(&w2, 8, 12);
	EXPECT_NOTHING(&w2);
	commit(13);
	fake_turn_ends();
	expect_messages(&w2, 13, 13);
}

static void
a_page_that_knows_more_than_we_do_brings_no_double(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	join_after(bob, 8);
	fake_member("10");
	fake_turn_ends();
	EXPECT(&w2, "joined");
	page(9, 13, "8"); /* 11 to 13 were committed, and we hear of it only now */
	fake_turn_ends();
	expect_messages(&w2, 9, 13);
	for (int seq = 11; seq <= 14; seq++)
		commit(seq);
	fake_turn_ends();
	expect_messages(&w2, 14, 14);
	EXPECT(&w1, "joined");
	expect_messages(&w1, 11, 14);
}

static void
a_long_way_is_read_page_by_page_as_it_drains(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "500");
	join_after(bob, 0);
	fake_member("500");
	fake_turn_ends();
	EXPECT(&w2, "joined");
	page(1, 200, "0");
	fake_turn_ends();
	expect_messages(&w2, 1, 200);
	w2.is_stuck = true;
	page(201, 400, "200");
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0); /* it has not taken all, so none is read */
	assert_true(fake.broker.resumes.bytes > 0);
	commit(501);
	w2.is_stuck = false;
	conn_on_writable(bob);
	fake_turn_ends();
	expect_messages(&w2, 201, 400);
	page(401, 501, "400");
	commit(502);
	fake_turn_ends();
	expect_messages(&w2, 401, 502);
	EXPECT_NOTHING(&w2);
	assert_int_equal(fake_waiting(), 0);
}

static void
those_who_ask_the_same_share_a_page(void **state)
{
	enum { CROWD = 6 };
	struct fake_wire w[CROWD];
	struct conn *c[CROWD];

	(void)state;
	fake_join(c[0] = fake_conn(&w[0], ANN), "10");
	EXPECT(&w[0], "joined");
	for (int i = 1; i < CROWD; i++) {
		join_after(c[i] = fake_conn(&w[i], BOB), 4);
		fake_member("10");
	}
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 1);
	conn_on_gone(c[3]); /* one of them leaves before it is here */
	page(5, 10, "4");
	fake_turn_ends();
	for (int i = 1; i < CROWD; i++) {
		EXPECT(&w[i], "joined");
		if (i != 3)
			expect_messages(&w[i], 5, 10);
		EXPECT_NOTHING(&w[i]);
	}
	assert_int_equal(fake.broker.resumes.bytes, 0);
	assert_true(list_is_empty(&rooms_find(&fake.broker.rooms, HALL)->pages));
}

static void
all_readers_may_leave_while_it_is_read(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	join_after(bob, 4);
	fake_member("10");
	fake_turn_ends();
	conn_on_gone(bob);
	conn_on_gone(ann); /* and the room with them */
	fake_turn_ends();
	assert_int_equal(rooms_count(&fake.broker.rooms), 0);
	page(5, 10, "4");
	assert_int_equal(fake.broker.resumes.bytes, 0);
	assert_int_equal(fake.broker.resumes.reads, 0);
}

static void
what_the_ring_still_has_is_not_read(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	for (int seq = 11; seq <= 20; seq++)
		commit(seq);
	fake_turn_ends();
	join_after(bob, 12);
	fake_member("20");
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	EXPECT(&w2, "\"recovered\":true");
	expect_messages(&w2, 13, 20);
	EXPECT_NOTHING(&w2);
}

static void
another_epoch_and_a_seq_ahead_are_not_recovered(void **state)
{
	static const char *const places[] = {
		"\"after\":3,\"epoch\":\"ffffffffffffffff\"",
		"\"after\":\"ffffffffffffffff.3\"",
		"\"after\":11",
		"\"after\":9007199254740991",
		"\"after\":9223372036854775807",
		"\"after\":0", /* log_listen says: kept from 5 on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct fake_wire w;
		struct conn *c = fake_conn(&w, ANN);

		fake_say(c,
			 arena_printf(fake.arena,
				      "{\"type\":\"join\",\"room_id\":\"" HALL "\",%s}",
				      places[i]));
		fake_answer(fake_asked("log_listen"), OK,
			    ROWS(8, "7", "10", "5", "2", "100", "t", "f", "0"));
		fake_turn_ends();
		EXPECT(&w,
		       "\"seq\":10,\"epoch\":\"0123456789abcdef\",\"recovered\":false");
		EXPECT_NOTHING(&w);
		assert_int_equal(fake_waiting(), 0);
		conn_on_gone(c);
		fake_turn_ends();
	}
}

static void
a_lost_line_asks_again(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	join_after(bob, 7);
	fake_member("10");
	fake_turn_ends();
	EXPECT(&w2, "joined");
	fake.is_down = true;
	fake_answer(fake_asked("log_after"), ERR_UNAVAILABLE, NULL);
	fake_turn_ends();
	commit(11);
	fake_turn_ends();
	EXPECT_NOTHING(&w2);
	fake.is_down = false;
	fake_turn_ends();
	page(8, 11, "7");
	fake_turn_ends();
	expect_messages(&w2, 8, 11);
	EXPECT_NOTHING(&w2);
}

static void
a_hole_in_the_log_is_told(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	join_after(bob, 4);
	fake_member("10");
	fake_turn_ends();
	EXPECT(&w2, "\"recovered\":true");
	page(7, 10, "4"); /* 5 and 6 are gone */
	fake_turn_ends();
	EXPECT(&w2, "\"seq\":10,\"epoch\":\"0123456789abcdef\",\"recovered\":false");
	commit(11);
	fake_turn_ends();
	expect_messages(&w2, 11, 11);
}

static void
who_is_put_out_while_catching_up_hears_no_more(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "9");
	join_after(bob, 8);
	fake_member("9");
	fake_turn_ends();
	EXPECT(&w2, "joined");
	/* the page is read after the ban, which we have not heard of */
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(9, ANN, BOB, "unbanned"));
	fake_turn_ends();
	EXPECT(&w2, "unbanned"); /* what was so before the join puts nobody out */
	conn_on_gone(bob);
	bob = fake_conn(&w2, BOB);
	join_after(bob, 8);
	fake_member("8");
	fake_turn_ends();
	EXPECT(&w2, "joined");
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(9, ANN, BOB, "banned"));
	fake_turn_ends();
	EXPECT(&w2, "\"room_left\",\"room_id\":\"" HALL "\",\"reason\":\"banned\"");
	EXPECT_NOTHING(&w2);
	assert_null(rooms_listener(bob, HALL));
}

static void
a_shared_page_may_put_one_out_at_once(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *eve = fake_conn(&w2, ANN),
		    *bob = fake_conn(&w3, BOB);

	(void)state;
	fake_join(ann, "9");
	w2.is_stuck = true;
	fake_say(eve, "{\"type\":\"ping\"}");
	fake_turn_ends();
	join_after(eve, 8);
	fake_member("9");
	fake_turn_ends();
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(9, ANN, BOB, "banned"));
	fake_turn_ends(); /* the page is here, and waits for eve */
	join_after(bob, 8);
	fake_member("8"); /* read before the ban, answered after it */
	fake_turn_ends();
	EXPECT(&w3, "joined");
	EXPECT(&w3, "\"reason\":\"banned\"");
	EXPECT_NOTHING(&w3);
	assert_int_equal(fake_waiting(), 0);
}

/* What came before is sent by then, and the connection, which is for this room alone,
 * ends behind it. */
static void
the_page_after_one_may_put_out_whom_it_is_written_to(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *eve = fake_conn(&w2, ANN),
		    *bob = fake_conn(&w3, BOB);

	(void)state;
	fake_join(ann, "209");
	w2.is_stuck = true;
	fake_say(eve, "{\"type\":\"ping\"}");
	fake_turn_ends();
	join_after(eve, 208);
	fake_member("209");
	fake_turn_ends();
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(209, ANN, BOB, "banned"));
	fake_turn_ends(); /* the page is here, and waits for eve */
	strcpy(bob->default_room.text, HALL);
	join_after(bob, 8);
	fake_member("208"); /* read before the ban, answered after it */
	fake_turn_ends();
	page(9, 208, "8");
	fake_turn_ends();
	EXPECT(&w3, "joined");
	expect_messages(&w3, 9, 208);
	EXPECT(&w3, "\"reason\":\"banned\"");
	EXPECT(&w3, "close 4403 banned");
	EXPECT_NOTHING(&w3);
}

static void
a_ban_of_old_puts_nobody_out(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	join_after(bob, 9);
	fake_member("10"); /* a member again, at 10 */
	fake_turn_ends();
	EXPECT(&w2, "joined");
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(10, ANN, BOB, "banned"));
	fake_turn_ends();
	EXPECT(&w2, "\"action\":\"banned\"");
	assert_non_null(rooms_listener(bob, HALL));
}

/* Everything at once, at random, against the one rule: 1, 2, 3 … for every listener. */
static void
at_random_every_listener_has_the_log(void **state)
{
	enum { EARS = 8, ROUNDS = 3000 };
	static struct fake_wire w[EARS];
	struct conn *c[EARS];
	int have[EARS] = {}, head = 40, told = 40;
	unsigned seed = 11;

	(void)state;
	fake.config.max_outbox_bytes = 1 << 30;
	fake.config.max_outbox_frames = 1 << 30;
	fake_join(fake_conn(&w[0], ANN), "40"); /* keeps the room */
	for (int i = 1; i < EARS; i++)
		c[i] = NULL;
	for (int round = 0; round < ROUNDS; round++) {
		int i = 1 + rand_r(&seed) % (EARS - 1);

		switch (rand_r(&seed) % 8) {
		case 0: /* somebody comes back, or for the first time */
			if (c[i])
				conn_on_gone(c[i]);
			c[i] = fake_conn(&w[i], BOB);
			join_after(c[i], have[i]);
			fake_member(arena_printf(fake.arena, "%d", head));
			break;
		case 1: /* somebody else writes, and we hear of it later, or never */
			head += 1 + rand_r(&seed) % 3;
			if (rand_r(&seed) % 2)
				fanout_hear_of(&fake.broker, HALL, head);
			break;
		case 2: /* we write: next in line for the database, for us perhaps not */
			commit(++head);
			break;
		case 3:
			if (c[i])
				w[i].is_stuck = !w[i].is_stuck;
			if (c[i] && !w[i].is_stuck)
				conn_on_writable(c[i]);
			break;
		default: /* the database answers */
			if (fake_waiting()) {
				struct question *q =
					&fake.questions[fake.first++ % QUESTIONS_MAX];
				bool is_page = q->line == LINE_PAGE;
				int after = atoi(is_page ? q->params[1] : "0");
				struct rows rows[2];

				if (!is_page) { /* the log is read from where the ring
						   ends */
					after = (int)room_seq(
						rooms_find(&fake.broker.rooms, HALL));
				}
				rows[0] = *fake_log(
					after + 1,
					is_page && head > after + RESUME_PAGE_EVENTS
						? after + RESUME_PAGE_EVENTS
						: head);
				rows[1] = *ROWS(2, "7",
						arena_printf(fake.arena, "%d", head));
				if (rand_r(&seed) % 5 == 0)
					fake_answer(q, ERR_UNAVAILABLE, NULL);
				else
					fake_answer(q, OK, rows);
			}
		}
		fake_turn_ends();
		for (int k = 1; k < EARS; k++) {
			const char *text;

			while (c[k] && (text = fake_next(fake.arena, &w[k]))) {
				const char *seq = strstr(text, "\"seq\":");

				if (strstr(text, "\"joined\""))
					continue;
				assert_int_equal(atoi(seq + 6), have[k] + 1);
				have[k]++;
			}
		}
		told = have[1] > told ? have[1] : told;
	}
	assert_true(told > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(what_was_missed_comes_before_what_is_live),
		B(a_page_that_knows_more_than_we_do_brings_no_double),
		B(a_long_way_is_read_page_by_page_as_it_drains),
		B(those_who_ask_the_same_share_a_page),
		B(all_readers_may_leave_while_it_is_read),
		B(what_the_ring_still_has_is_not_read),
		B(another_epoch_and_a_seq_ahead_are_not_recovered),
		B(a_lost_line_asks_again),
		B(a_hole_in_the_log_is_told),
		B(who_is_put_out_while_catching_up_hears_no_more),
		B(a_ban_of_old_puts_nobody_out),
		B(a_shared_page_may_put_one_out_at_once),
		B(the_page_after_one_may_put_out_whom_it_is_written_to),
		B(at_random_every_listener_has_the_log),
	};

	return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
