#include "shared/marks.h"
#include "tests/unit/broker/fake.h"

static void
say(struct conn *c, const char *type, int seq)
{
	fake_say(c, arena_printf(fake.arena,
				 "{\"type\":\"%s\",\"ref\":\"m\",\"room_id\":\"" HALL
				 "\",\"seq\":%d}",
				 type, seq));
}

static void
round_is_over(void)
{
	fake_turn_ends();
	fake_time(RECEIPTS_EVERY_MS + RECEIPTS_ROUND_MS - 1);
	fake_turn_ends();
}

/* One mark: busy, member, moved, read, delivered, shown, large, sends, authors. */
static void
answer(const char *moved, const char *sends, const char *large, const char *authors)
{
	fake_answer(fake_asked("marks_move"), OK,
		    ROWS(9, "f", "t", moved, "4", "5", "t", large, sends, authors));
	fake_turn_ends();
}

static void
join(struct fake_wire *w, struct conn *c)
{
	fake_join(c, "5");
	EXPECT(w, "joined");
}

static void
marks_that_fall_due_in_one_round_are_one_statement(void **state)
{
	struct fake_wire one, two;
	struct conn *ann = fake_conn(&one, ANN), *bob = fake_conn(&two, BOB);
	struct question *q;

	(void)state;
	fake_time(RECEIPTS_ROUND_MS - fake.broker.clock_ms % RECEIPTS_ROUND_MS + 1);
	say(ann, "read", 3);
	fake_turn_ends();
	fake_time(RECEIPTS_ROUND_MS - 2);
	say(bob, "read", 4);
	fake_turn_ends();
	fake_time(RECEIPTS_EVERY_MS);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	fake_time(1);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 1);
	q = fake_asked("marks_move");
	assert_non_null(strstr(q->params[2], "3"));
	assert_non_null(strstr(q->params[2], "4"));
	fake_answer(q, ERR_UNAVAILABLE, NULL);
}

static void
of_many_marks_the_highest_are_written_once_a_round(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	struct question *q;

	(void)state;
	say(ann, "read", 3);
	say(ann, "read", 4);
	say(ann, "read", 2);
	say(ann, "delivered", 5);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	assert_in_range(receipts_next_ms(&fake.broker),
			fake.broker.clock_ms + RECEIPTS_EVERY_MS,
			fake.broker.clock_ms + RECEIPTS_EVERY_MS + RECEIPTS_ROUND_MS - 1);
	assert_int_equal(receipts_next_ms(&fake.broker) % RECEIPTS_ROUND_MS, 0);
	round_is_over();
	assert_int_equal(fake_waiting(), 1);
	q = fake_asked("marks_move");
	assert_int_equal(q->line, LINE_NOTE);
	assert_non_null(strstr(q->params[2], "4"));
	assert_non_null(strstr(q->params[3], "5"));
	assert_false(receipts_are_idle(&fake.broker.receipts));
	fake_answer(q, OK, ROWS(9, "f", "t", "t", "4", "5", "t", "f", "t", NULL));
	assert_true(receipts_are_idle(&fake.broker.receipts));
}

static void
a_mark_that_was_not_written_is_written_with_what_came_since(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	struct question *q;

	(void)state;
	say(ann, "read", 4);
	round_is_over();
	say(ann, "delivered", 5);
	fake_answer(fake_asked("marks_move"), ERR_UNAVAILABLE, NULL);
	round_is_over();
	q = fake_asked("marks_move");
	assert_non_null(strstr(q->params[2], "4"));
	assert_non_null(strstr(q->params[3], "5"));
	fake_answer(q, OK, ROWS(9, "t", "f", "f", "0", "0", NULL, NULL, "t", NULL));
	round_is_over(); /* it was locked */
	answer("t", "t", "f", NULL);
	assert_true(receipts_are_idle(&fake.broker.receipts));
	EXPECT_NOTHING(&w);
}

static void
it_is_told_to_all_but_the_device_that_said_so(void **state)
{
	struct fake_wire a, a_too, b;
	struct conn *ann = fake_conn(&a, ANN);

	(void)state;
	fake_conn(&a_too, ANN);
	join(&b, fake_conn(&b, BOB));
	say(ann, "read", 4);
	round_is_over();
	answer("t", "t", "f", NULL);
	EXPECT(&a_too, "{\"type\":\"receipt\",\"room_id\":\"" HALL "\",\"user_id\":\"" ANN
		       "\",\"delivered_seq\":5,\"read_seq\":4}");
	EXPECT(&b, "\"delivered_seq\":5,\"read_seq\":4}");
	EXPECT_NOTHING(&a);
}

static void
who_keeps_it_to_themselves_is_told_of_as_far_as_it_was_delivered(void **state)
{
	struct fake_wire a, a_too, b;
	struct conn *ann = fake_conn(&a, ANN);

	(void)state;
	fake_conn(&a_too, ANN);
	join(&b, fake_conn(&b, BOB));
	say(ann, "read", 4);
	round_is_over();
	answer("t", "f", "f", NULL);
	EXPECT(&a_too, "\"read_seq\":4}");
	EXPECT(&b, "\"delivered_seq\":5,\"read_seq\":0}");
}

static void
in_a_large_room_the_authors_alone_are_told(void **state)
{
	struct fake_wire a, b, c;
	struct conn *ann = fake_conn(&a, ANN);

	(void)state;
	join(&b, fake_conn(&b, BOB));
	join(&c, fake_conn(&c, "00000000-0000-4000-8000-00000000000c"));
	say(ann, "read", 4);
	round_is_over();
	answer("t", "t", "t", "[\"" BOB "\"]");
	EXPECT(&b, "receipt");
	EXPECT_NOTHING(&c);
	say(ann, "read", 5);
	round_is_over();
	answer("t", "t", "t", NULL);
	EXPECT_NOTHING(&b);
}

static void
nothing_goes_to_who_is_blocked_or_blocks(void **state)
{
	struct fake_wire a, b;
	struct conn *ann = fake_conn(&a, ANN), *bob = fake_conn(&b, BOB);

	(void)state;
	join(&b, bob);
	visitor_set_blocked(bob->visitor, "{" ANN "}");
	say(ann, "read", 4);
	round_is_over();
	answer("t", "t", "f", NULL);
	EXPECT_NOTHING(&b);
}

static void
what_moved_elsewhere_is_told_if_there_is_anybody_to_tell(void **state)
{
	const struct uuid hall = { HALL }, yard = { YARD }, ann = { ANN };
	struct fake_wire b;

	(void)state;
	join(&b, fake_conn(&b, BOB));
	receipts_hear(&fake.broker, &yard, &ann); /* nobody listens there */
	receipts_hear(&fake.broker, &hall, &ann);
	round_is_over();
	assert_int_equal(fake_waiting(), 1);
	answer("f", "t", "f", NULL);
	EXPECT(&b, "\"type\":\"receipt\"");
}

static void
who_is_no_member_hears_so(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say(ann, "read", 4);
	round_is_over();
	fake_answer(fake_asked("marks_move"), OK,
		    ROWS(9, "f", "f", "f", "0", "0", NULL, NULL, "t", NULL));
	fake_turn_ends();
	EXPECT(&w, "{\"type\":\"error\",\"ref\":\"m\",\"room_id\":\"" HALL
		   "\",\"code\":\"not_found\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(marks_that_fall_due_in_one_round_are_one_statement),
		B(of_many_marks_the_highest_are_written_once_a_round),
		B(a_mark_that_was_not_written_is_written_with_what_came_since),
		B(it_is_told_to_all_but_the_device_that_said_so),
		B(who_keeps_it_to_themselves_is_told_of_as_far_as_it_was_delivered),
		B(in_a_large_room_the_authors_alone_are_told),
		B(nothing_goes_to_who_is_blocked_or_blocks),
		B(what_moved_elsewhere_is_told_if_there_is_anybody_to_tell),
		B(who_is_no_member_hears_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
