#include "tests/unit/broker/fake.h"

/* Answers a read of the log from `after`: events first .. last, and the head. */
static void
answer_log(const char *after, int first, int last, const char *head)
{
	struct question *q = fake_asked("log_heads");

	(void)after;
	assert_int_equal(q->line, LINE_READ);
	fake_answer(q, OK,
		    (struct rows[]){ *fake_log(first, last), *ROWS(2, "7", head) });
	fake_turn_ends();
}

static void
a_wake_up_reads_the_log_once_for_all(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "3");
	fake_join(bob, "3");
	EXPECT(&w1, "joined");
	EXPECT(&w2, "joined");
	fanout_hear_of(&fake.broker, HALL, 4);
	fanout_hear_of(&fake.broker, HALL, 4); /* a duplicate */
	fanout_hear_of(&fake.broker, HALL, 2); /* late */
	fanout_hear_of(&fake.broker, YARD, 9); /* nobody listens there */
	assert_int_equal(fake_waiting(), 1);
	answer_log("3", 4, 5, "5"); /* one more arrived meanwhile */
	EXPECT(&w1, "\"seq\":4,");
	EXPECT(&w1, "\"seq\":5,");
	EXPECT(&w2, "\"seq\":4,");
	EXPECT(&w2, "\"seq\":5,");
	assert_int_equal(fake_waiting(), 0);
}

static void
a_wake_up_before_the_head_is_known_is_not_lost(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_say(ann, "{\"type\":\"join\",\"room_id\":\"" HALL "\"}");
	fanout_hear_of(&fake.broker, HALL, 5);
	fake_member("4"); /* read a moment before */
	fake_turn_ends();
	EXPECT(&w, "\"seq\":4,");
	answer_log("4", 5, 5, "5");
	EXPECT(&w, "\"seq\":5,");
}

static void
a_rumour_is_looked_into_and_forgotten(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	fanout_hear_of(&fake.broker, HALL, 1000);
	answer_log("3", 4, 3, "3");
	assert_int_equal(fake_waiting(), 0);
	fanout_hear_of(&fake.broker, HALL, 4);
	answer_log("3", 4, 4, "4");
	EXPECT(&w, "\"seq\":4,");
}

static void
what_is_told_while_the_log_is_read_is_read_after(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	fanout_hear_of(&fake.broker, HALL, 4);
	fanout_hear_of(&fake.broker, HALL, 6); /* committed after the log was queried */
	answer_log("3", 4, 4, "4");
	EXPECT(&w, "\"seq\":4,");
	answer_log("4", 5, 6, "6");
	EXPECT(&w, "\"seq\":5,");
	EXPECT(&w, "\"seq\":6,");
}

static void
a_removed_room_is_told_once(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob;
	const struct hello hello = { .kind = HELLO_ROOM,
				     .address = "192.0.2.1",
				     .room = HALL };

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w1, "joined");
	bob = fake_conn_at(&w2, BOB, &hello);
	fake_join(bob, "3");
	EXPECT(&w2, "joined");
	fanout_hear_of(&fake.broker, HALL, 4);
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *fake_log(4, 3), *fake_rows(0, 2, NULL) });
	fake_turn_ends();
	EXPECT(&w1, "{\"type\":\"room_removed\",\"room_id\":\"" HALL "\"}");
	EXPECT_NOTHING(&w1);
	assert_int_equal(ann->state, CONN_READY);
	EXPECT(&w2, "room_removed");
	EXPECT(&w2, "close 4404 room_removed"); /* it was for this room only */
	assert_int_equal(rooms_count(&fake.broker.rooms), 0);
}

static void
a_ban_ends_listening_on_all_of_ones_connections(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB),
		    *bob_too = fake_conn(&w3, BOB);

	(void)state;
	fake_join(ann, "3");
	fake_join(bob, "3");
	fake_join(bob_too, "3");
	EXPECT(&w1, "joined");
	EXPECT(&w2, "joined");
	EXPECT(&w3, "joined");
	fanout_hear_of(&fake.broker, HALL, 4);
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *fake_member_event(4, ANN, BOB, "banned"),
				     *ROWS(2, "7", "4") });
	fake_turn_ends();
	EXPECT(&w1, "\"action\":\"banned\"");
	EXPECT(&w2, "\"reason\":\"banned\"");
	EXPECT(&w3, "\"reason\":\"banned\"");
	fanout_hear_of(&fake.broker, HALL, 5);
	answer_log("4", 5, 5, "5");
	EXPECT(&w1, "\"seq\":5,");
	EXPECT_NOTHING(&w2);
	EXPECT_NOTHING(&w3);
}

static void
what_was_before_the_ban_is_still_theirs(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);
	struct rows *ban;

	(void)state;
	fake_join(ann, "3");
	fake_join(bob, "3");
	EXPECT(&w2, "joined");
	fanout_hear_of(&fake.broker, HALL, 5);
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *fake_log(4, 4), *ROWS(2, "7", "5") });
	ban = fake_member_event(5, ANN, BOB, "left"); /* in the same turn */
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *ban, *ROWS(2, "7", "5") });
	fake_turn_ends();
	EXPECT(&w2, "\"seq\":4,");
	EXPECT(&w2, "\"reason\":\"removed\"");
	EXPECT_NOTHING(&w2);
}

static void
one_put_out_while_still_asking_asks_again(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(ann, "3");
	fake_say(bob, "{\"type\":\"join\",\"ref\":\"j\",\"room_id\":\"" HALL "\"}");
	fanout_hear_of(&fake.broker, HALL, 4);
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *fake_member_event(4, ANN, BOB, "banned"),
				     *ROWS(2, "7", "4") });
	fake_member("3"); /* read before the ban: still a member */
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "7", "4", "1", "1", "9", "f", "t", "0", "f"));
	fake_turn_ends();
	EXPECT(&w2, "\"code\":\"forbidden\"");
	EXPECT_NOTHING(&w2);
}

static void
a_gap_in_our_own_commits_is_read(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	fake_say(ann, "{\"type\":\"message\",\"room_id\":\"" HALL "\",\"text\":\"x\"}");
	fake_turn_ends();
	fake_answer(fake_asked_append(), OK,
		    (struct rows[]){ *ROWS(1, "{7}"), *ROWS(6, "ok", "7", "5", "2",
							    "1700000000000", "0") });
	fake_turn_ends();
	EXPECT(&w, "\"ack\"");
	EXPECT_NOTHING(&w); /* 4 is somebody else's and goes first */
	answer_log("3", 4, 5, "5");
	EXPECT(&w, "\"seq\":4,");
	EXPECT(&w, "\"seq\":5,");
	EXPECT_NOTHING(&w);
}

static void
the_comparison_finds_what_nobody_told(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	fanout_compare(&fake.broker);
	fanout_compare(&fake.broker); /* one at a time */
	assert_int_equal(fake_waiting(), 1);
	fake_answer(fake_asked("log_heads"), OK, ROWS(2, "7", "4"));
	answer_log("3", 4, 4, "4");
	EXPECT(&w, "\"seq\":4,");
	fanout_compare(&fake.broker);
	fake_answer(fake_asked("log_heads"), OK, fake_rows(0, 2, NULL));
	fake_turn_ends();
	EXPECT(&w, "room_removed");
}

static void
what_the_line_lost_is_read_when_it_is_up_again(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	fanout_hear_of(&fake.broker, HALL, 4);
	fake_answer(fake_asked("log_heads"), ERR_UNAVAILABLE, NULL);
	assert_int_equal(fake_waiting(), 0);
	fanout_compare(&fake.broker); /* as store.c does */
	fake_answer(fake_asked("log_heads"), OK, ROWS(2, "7", "4"));
	answer_log("3", 4, 4, "4");
	EXPECT(&w, "\"seq\":4,");
}

static void
what_came_after_the_question_makes_no_log_an_old_one(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	fanout_compare(&fake.broker);
	fanout_hear_of(&fake.broker, HALL, 5);
	fake_answer(&fake.questions[--fake.last % QUESTIONS_MAX], OK,
		    (struct rows[]){ *fake_log(4, 5), *ROWS(2, "7", "5") });
	fake_answer(fake_asked("log_heads"), OK, ROWS(2, "7", "3"));
	fake_turn_ends();
	EXPECT(&w, "\"seq\":4,");
	EXPECT(&w, "\"seq\":5,");
	EXPECT_NOTHING(&w);
}

static void
a_log_that_ends_before_what_was_told_ends_all_connections(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN);

	(void)state;
	fake_join(ann, "3");
	fake_conn(&w2, BOB);
	EXPECT(&w1, "joined");
	fanout_compare(&fake.broker);
	fake_answer(fake_asked("log_heads"), OK, ROWS(2, "7", "2"));
	fake_turn_ends();
	EXPECT(&w1, "close 1001 retry_after=");
	EXPECT(&w2, "close 1001 retry_after=");
	assert_int_equal(rooms_count(&fake.broker.rooms), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(a_wake_up_reads_the_log_once_for_all),
		B(a_wake_up_before_the_head_is_known_is_not_lost),
		B(a_rumour_is_looked_into_and_forgotten),
		B(what_is_told_while_the_log_is_read_is_read_after),
		B(a_removed_room_is_told_once),
		B(a_ban_ends_listening_on_all_of_ones_connections),
		B(what_was_before_the_ban_is_still_theirs),
		B(one_put_out_while_still_asking_asks_again),
		B(a_gap_in_our_own_commits_is_read),
		B(the_comparison_finds_what_nobody_told),
		B(what_the_line_lost_is_read_when_it_is_up_again),
		B(what_came_after_the_question_makes_no_log_an_old_one),
		B(a_log_that_ends_before_what_was_told_ends_all_connections),
	};

	return cmocka_run_group_tests_name("fanout", tests, NULL, NULL);
}
