/* Resuming, from a listener's position until it is live: nothing is missed and nothing
 * arrives twice, whatever is written meanwhile. */
#include "tests/unit/broker/fake.h"

/* Another commit of this broker, next in line. */
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

/* Answers the page query. */
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
	commit(11); /* after the page was requested */
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
	page(9, 13, "8"); /* 11 to 13: this broker did not know of them yet */
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
	assert_int_equal(fake_waiting(), 0); /* the page is not taken yet */
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
	conn_on_gone(c[3]); /* one leaves before the page arrives */
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
	conn_on_gone(ann); /* and with them the room */
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
		"\"after\":0", /* log_listen says: the log begins at 5 */
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
			    ROWS(9, "7", "10", "5", "2", "100", "t", "f", "0", "f"));
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
	/* the page is read after the ban, of which this broker does not know yet */
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(9, ANN, BOB, "unbanned"));
	fake_turn_ends();
	EXPECT(&w2, "unbanned"); /* events before the join remove nobody */
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
stick(struct fake_wire *w, struct conn *c)
{
	w->is_stuck = true;
	fake_say(c, "{\"type\":\"ping\"}");
	fake_turn_ends();
}

static void
unstick(struct fake_wire *w, struct conn *c)
{
	w->is_stuck = false;
	conn_on_writable(c);
	fake_turn_ends();
}

static void
a_shared_page_may_put_one_out_at_once(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *eve = fake_conn(&w2, ANN),
		    *bob = fake_conn(&w3, BOB);

	(void)state;
	fake_join(ann, "9");
	stick(&w2, eve);
	join_after(eve, 8);
	fake_member("9");
	fake_turn_ends();
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(9, ANN, BOB, "banned"));
	fake_turn_ends(); /* the page has arrived and waits for eve */
	join_after(bob, 8);
	fake_member("8"); /* read before the ban, answered after it */
	fake_turn_ends();
	EXPECT(&w3, "joined");
	EXPECT(&w3, "\"reason\":\"banned\"");
	EXPECT_NOTHING(&w3);
	assert_int_equal(fake_waiting(), 0);
}

/* By then the earlier page is sent. The connection, which is for this room only, ends
 * after it. */
static void
the_page_after_one_may_put_out_whom_it_is_written_to(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *eve = fake_conn(&w2, ANN),
		    *bob = fake_conn(&w3, BOB);

	(void)state;
	fake_join(ann, "209");
	stick(&w2, eve);
	join_after(eve, 208);
	fake_member("209");
	fake_turn_ends();
	fake_answer(fake_asked("log_after"), OK,
		    fake_member_event(209, ANN, BOB, "banned"));
	fake_turn_ends(); /* the page has arrived and waits for eve */
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

/* ---- slow listeners ------------------------------------------------------------ */

static void
who_does_not_take_it_has_one_page_waiting(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "10");
	stick(&w2, bob);
	join_after(bob, 7);
	fake_member("10");
	fake_turn_ends();
	page(8, 10, "7");
	fake_say(bob, "{\"type\":\"join\",\"room_id\":\"" YARD "\",\"after\":4}");
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "8", "6", "1", "2", "100", "t", "f", "1", "f"));
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	unstick(&w2, bob);
	EXPECT(&w2, "pong");
	EXPECT(&w2, "joined");
	EXPECT(&w2, "joined");
	expect_messages(&w2, 8, 10);
	fake_turn_ends();
	fake_answer(fake_asked("log_after"), OK, fake_log(5, 6));
	fake_turn_ends();
	expect_messages(&w2, 5, 6);
	EXPECT_NOTHING(&w2);
}

static void
what_nobody_takes_makes_room_for_others(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB), *eve;
	size_t others;

	(void)state;
	fake_join(ann, "10");
	stick(&w2, bob);
	join_after(bob, 4);
	fake_member("10");
	fake_turn_ends();
	page(5, 10, "4"); /* the end of the log: bob is live after it */
	others = RESUME_BYTES_MAX - fake.broker.resumes.bytes;
	fake.broker.resumes.bytes += others;
	eve = fake_conn(&w3, BOB);
	join_after(eve, 6);
	fake_member("10");
	fake_turn_ends();
	EXPECT(&w3, "joined");
	assert_int_equal(fake_waiting(), 0);
	fake_time(RESUME_HOLD_MS);
	fake_turn_ends();
	page(7, 10, "6");
	fake.broker.resumes.bytes -= others;
	commit(11);
	fake_turn_ends();
	expect_messages(&w3, 7, 11);
	assert_int_equal(fake_waiting(), 0); /* bob's page is read when he takes more */
	unstick(&w2, bob);
	EXPECT(&w2, "pong");
	EXPECT(&w2, "joined");
	EXPECT_NOTHING(&w2);
	page(5, 11, "4");
	commit(12);
	fake_turn_ends();
	expect_messages(&w2, 5, 12);
	EXPECT_NOTHING(&w2);
	assert_int_equal(fake.broker.resumes.bytes, 0);
}

static void
what_was_sent_of_a_page_is_not_read_again(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB), *eve;
	const char *text, *after;
	size_t others;
	int got = 0;

	(void)state;
	fake_join(ann, "200");
	join_after(bob, 0);
	fake_member("200");
	fake_turn_ends();
	EXPECT(&w2, "joined");
	w2.is_stuck = true;
	page(1, 200, "0");
	fake_turn_ends();
	while ((text = fake_next(fake.arena, &w2)))
		got += strstr(text, "\"message\"") != NULL;
	assert_in_range(got, 1, 199);
	others = RESUME_BYTES_MAX - fake.broker.resumes.bytes;
	fake.broker.resumes.bytes += others;
	eve = fake_conn(&w3, BOB);
	join_after(eve, 190);
	fake_member("200");
	fake_time(RESUME_HOLD_MS);
	fake_turn_ends();
	fake.broker.resumes.bytes -= others;
	page(191, 200, "190");
	unstick(&w2, bob);
	after = arena_printf(fake.arena, "%d", got);
	page(got + 1, 200, after);
	commit(201);
	fake_turn_ends();
	expect_messages(&w2, got + 1, 201);
	EXPECT_NOTHING(&w2);
}

/* ---- since_join: the eleventh event is an edit of the third ------------------ */

static int
eleventh(int seq)
{
	return seq == 11 ? 3 : 0;
}

static struct conn *
come_back(struct fake_wire *w, const char *who, int after, int head, int joined_seq)
{
	struct conn *c = fake_conn(w, who);

	join_after(c, after);
	fake_member_since(head, joined_seq);
	fake_turn_ends();
	EXPECT(w, "joined");
	return c;
}

/* Somebody else's edit, event 11, is announced and read. */
static void
hear_of_eleventh(void)
{
	fanout_hear_of(&fake.broker, HALL, 11);
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *fake_log(11, 11), *ROWS(2, "7", "11") });
	fake_turn_ends();
}

static void
an_edit_that_came_while_the_page_was_read_is_told_without_its_text(void **state)
{
	struct fake_wire w1, w2, w3;

	(void)state;
	fake.edit_of = eleventh;
	come_back(&w1, ANN, 10, 10, 1);
	come_back(&w2, BOB, 7, 10, 5);
	come_back(&w3, BOB, 7, 10, 2);
	hear_of_eleventh();
	EXPECT(&w1, "\"text\":\"m11\"");
	page(8, 10, "7");
	fake_turn_ends();
	expect_messages(&w2, 8, 10);
	expect_messages(&w3, 8, 10);
	page(11, 11, "10"); /* once for each of the two */
	fake_turn_ends();
	page(11, 11, "10");
	commit(12);
	fake_turn_ends();
	EXPECT(&w2, "\"text\":null");
	EXPECT(&w3, "\"text\":\"m11\"");
	expect_messages(&w2, 12, 12);
	expect_messages(&w3, 12, 12);
	assert_int_equal(fake_waiting(), 0);
}

static void
so_is_one_that_came_before_the_page_was_taken(void **state)
{
	struct fake_wire w1, w2;
	struct conn *bob;

	(void)state;
	fake.edit_of = eleventh;
	come_back(&w1, ANN, 10, 10, 1);
	bob = come_back(&w2, BOB, 7, 10, 5);
	stick(&w2, bob);
	page(8, 10, "7");
	fake_turn_ends();
	hear_of_eleventh();
	commit(12);
	unstick(&w2, bob);
	EXPECT(&w2, "pong");
	expect_messages(&w2, 8, 10);
	EXPECT_NOTHING(&w2);
	page(11, 12, "10");
	commit(13);
	fake_turn_ends();
	EXPECT(&w2, "\"text\":null");
	expect_messages(&w2, 12, 13);
	EXPECT_NOTHING(&w2);
}

static void
those_who_may_see_the_same_share_a_page(void **state)
{
	static const int came[] = { 2, 5, 9, 3 };
	struct fake_wire keeper, w[COUNT(came)];

	(void)state;
	fake.edit_of = eleventh;
	come_back(&keeper, ANN, 11, 11, 1);
	for (size_t i = 0; i < COUNT(came); i++)
		come_back(&w[i], BOB, 10, 11, came[i]);
	assert_int_equal(fake_waiting(), 1);
	page(11, 11, "10");
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 1);
	page(11, 11, "10");
	fake_turn_ends();
	for (size_t i = 0; i < COUNT(came); i++)
		EXPECT(&w[i], came[i] > 3 ? "\"text\":null" : "\"text\":\"m11\"");
	assert_int_equal(fake_waiting(), 0);
	assert_true(list_is_empty(&rooms_find(&fake.broker.rooms, HALL)->pages));
}

static void
what_one_lacks_of_the_ring_comes_before_an_edit(void **state)
{
	struct fake_wire w1, w2;
	struct conn *bob;

	(void)state;
	fake.edit_of = eleventh;
	come_back(&w1, ANN, 8, 8, 1);
	bob = come_back(&w2, BOB, 8, 8, 5);
	stick(&w2, bob);
	commit(9);
	fake_turn_ends();
	commit(10);
	hear_of_eleventh();
	commit(12);
	unstick(&w2, bob);
	EXPECT(&w2, "pong");
	expect_messages(&w2, 9, 10);
	EXPECT(&w2, "\"text\":null");
	expect_messages(&w2, 12, 12);
	EXPECT_NOTHING(&w2);
	assert_int_equal(fake_waiting(), 0);
}

static void
hear_of_setting(const char *seq, const char *history)
{
	const char *row[EVENT_COLUMNS] = {
		[0] = "7",
		[1] = seq,
		[2] = "0",
		[3] = "room",
		[4] = "1700000000000",
		[5] = "0",
		[9] = arena_printf(fake.arena, "{\"settings\": {\"history\": \"%s\"}}",
				   history),
		[10] = "0",
		[11] = "0",
		[13] = ANN,
	};

	fanout_hear_of(&fake.broker, HALL, atoi(seq));
	fake_answer(
		fake_asked("log_heads"), OK,
		(struct rows[]){ *fake_rows(1, EVENT_COLUMNS, row), *ROWS(2, "7", seq) });
	fake_turn_ends();
}

static void
where_the_setting_changes_what_came_before_is_read_no_further(void **state)
{
	struct fake_wire w1, w2;
	struct conn *bob;

	(void)state;
	fake_join(fake_conn(&w1, ANN), "500");
	bob = fake_conn(&w2, BOB);
	join_after(bob, 0);
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "7", "500", "1", "2", "100", "t", "f", "450", "f"));
	w2.is_stuck = true;
	fake_turn_ends();
	page(1, 200, "0");
	hear_of_setting("501", "since_join");
	w2.is_stuck = false;
	conn_on_writable(bob);
	fake_turn_ends();
	EXPECT(&w2, "joined");
	expect_messages(&w2, 1, 200); /* the page was read before the change */
	page(450, 500, "449");
	fake_turn_ends();
	expect_messages(&w2, 450, 500);
	EXPECT(&w2, "\"room\"");
	hear_of_setting("502", "all");
	EXPECT(&w2, "\"seq\":502,");
	EXPECT_NOTHING(&w2);
}

/* joined_seq 0: the member sees the whole history. */
static void
let_in(int seq, int joined_seq)
{
	if (joined_seq)
		fake_member_since(seq, joined_seq);
	else
		fake_member(arena_printf(fake.arena, "%d", seq));
	fake_turn_ends();
}

static void
expect_veil(const char *frame, int seq, int joined_seq)
{
	int of = fake.edit_of(seq);

	if (!of)
		assert_non_null(strstr(frame, "\"type\":\"message\""));
	else if (of < joined_seq)
		assert_non_null(strstr(frame, "\"text\":null"));
	else
		assert_non_null(strstr(frame, "\"text\":\"m"));
}

/* Everything at once, at random, against one rule: every listener gets 1, 2, 3 … from
 * where it began, and edits of messages before that without their text. */
static void
at_random(const int *came, unsigned seed, bool has_room)
{
	enum { EARS = 8, ROUNDS = 3000 };
	static struct fake_wire w[EARS];
	struct conn *c[EARS], *keeper = fake_conn(&w[0], ANN);
	int have[EARS] = {}, head = 40, told = 40;

	fake.config.max_outbox_bytes = 1 << 30;
	fake.config.max_outbox_frames = 1 << 30;
	fake_say(keeper, "{\"type\":\"join\",\"room_id\":\"" HALL "\"}");
	let_in(40, came ? 1 : 0);
	for (int i = 1; i < EARS; i++) {
		c[i] = NULL;
		have[i] = came ? came[i] - 1 : 0;
	}
	for (int round = 0; round < ROUNDS; round++) {
		int i = 1 + rand_r(&seed) % (EARS - 1);

		if (!has_room) /* kept pages are dropped now and then */
			fake_time(RESUME_HOLD_MS / 20);

		switch (rand_r(&seed) % 8) {
		case 0: /* somebody resumes, or joins for the first time */
			if (c[i])
				conn_on_gone(c[i]);
			c[i] = fake_conn(&w[i], BOB);
			join_after(c[i], have[i] < 30 ? 0 : have[i]);
			let_in(head, came ? came[i] : 0);
			break;
		case 1: /* another broker writes, and is heard later or never */
			head += 1 + rand_r(&seed) % 3;
			if (rand_r(&seed) % 2)
				fanout_hear_of(&fake.broker, HALL, head);
			break;
		case 2: /* this broker writes: perhaps not the next one it knows */
			if (fake.edit_of && fake.edit_of(++head))
				fanout_hear_of(&fake.broker, HALL, head);
			else
				commit(fake.edit_of ? head : ++head);
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
				if (rand_r(&seed) % 5 == 0 ||
				    strncmp(q->name, "log_", 4) != 0)
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
				if (came)
					expect_veil(text, have[k], came[k]);
			}
		}
		told = have[1] > told ? have[1] : told;
	}
	assert_true(told > 500);
}

static void
at_random_every_listener_has_the_log(void **state)
{
	(void)state;
	at_random(NULL, 11, true);
}

static int
every_third(int seq)
{
	return seq % 3 ? 0 : 1 + seq * 7 % 37;
}

static void
at_random_nobody_is_told_by_an_edit_what_was_before_them(void **state)
{
	static const int came[] = { 0, 2, 5, 5, 12, 20, 33, 39 };

	(void)state;
	fake.edit_of = every_third;
	at_random(came, 12, true);
}

static void
so_they_have_where_there_is_room_for_a_page(void **state)
{
	static const int came[] = { 0, 2, 5, 5, 12, 20, 33, 39 };

	(void)state;
	fake.edit_of = every_third;
	fake.broker.resumes.bytes = RESUME_BYTES_MAX - 1;
	at_random(came, 13, false);
	fake.broker.resumes.bytes -= RESUME_BYTES_MAX - 1;
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
		B(who_does_not_take_it_has_one_page_waiting),
		B(what_nobody_takes_makes_room_for_others),
		B(what_was_sent_of_a_page_is_not_read_again),
		B(an_edit_that_came_while_the_page_was_read_is_told_without_its_text),
		B(so_is_one_that_came_before_the_page_was_taken),
		B(those_who_may_see_the_same_share_a_page),
		B(what_one_lacks_of_the_ring_comes_before_an_edit),
		B(where_the_setting_changes_what_came_before_is_read_no_further),
		B(at_random_every_listener_has_the_log),
		B(at_random_nobody_is_told_by_an_edit_what_was_before_them),
		B(so_they_have_where_there_is_room_for_a_page),
	};

	return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
