#include "shared/edits.h"
#include "tests/unit/broker/fake.h"

static void
sits_in_hall(struct conn *c)
{
	const struct crowd_facts hall = { .id = HALL, .no = 7, .seq = 3 };

	audience_add(&fake.broker.audience, c->visitor, &hall);
}

/* Edits the text of message 2 of the room with this number. */
static void
say_edit(struct conn *c, uint64_t room_no, const char *text)
{
	struct uuid id;

	uuid_of_message(fake.instance.id_key, room_no, 2, &id);
	fake_say(
		c,
		arena_printf(
			fake.arena,
			"{\"type\":\"edit\",\"ref\":\"%s\",\"id\":\"%s\",\"text\":\"%s\"}",
			text, id.text, text));
}

static void
say_message(struct conn *c, const char *text)
{
	fake_say(c,
		 arena_printf(fake.arena,
			      "{\"type\":\"message\",\"ref\":\"%s\",\"room_id\":\"" HALL
			      "\",\"text\":\"%s\"}",
			      text, text));
}

static void
answer_edit(const char *result, const char *seq)
{
	struct rows rows[EDITS_CALLS] = { *ROWS(2, "{7}", "f"),
					  *ROWS(5, result, HALL, "7", seq, "0") };

	fake_answer(fake_asked("edits_text"), OK, rows);
	fake_turn_ends();
}

static void
answer_busy(void)
{
	struct rows rows[EDITS_CALLS] = { *ROWS(2, "{}", "t"), *fake_rows(0, 5, NULL) };

	fake_answer(fake_asked("edits_text"), OK, rows);
	fake_turn_ends();
}

static void
answer_message(void)
{
	struct rows rows[2] = { *ROWS(1, "{7}"),
				*ROWS(6, "ok", "7", "4", "4", "1700000000000", "0") };

	fake_answer(fake_asked_append(), OK, rows);
	fake_turn_ends();
}

static void
an_edit_waits_for_ones_messages_there_and_they_for_it(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in_hall(ann);
	say_message(ann, "one");
	say_edit(ann, 7, "edit");
	assert_true(w.is_held);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 1);
	answer_message();
	EXPECT(&w, "\"ref\":\"one\"");
	assert_false(w.is_held);
	say_message(ann, "two");
	assert_true(w.is_held);
	answer_edit("ok", "5");
	EXPECT(&w, "{\"type\":\"ack\",\"ref\":\"edit\",");
	assert_false(w.is_held);
	fake_turn_ends();
	answer_message();
	EXPECT(&w, "\"ref\":\"two\"");
}

static void
what_concerns_another_room_does_not_wait(void **state)
{
	const struct crowd_facts yard = { .id = YARD, .no = 8, .seq = 3 };
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in_hall(ann);
	audience_add(&fake.broker.audience, ann->visitor, &yard);
	say_edit(ann, 8, "far");
	say_message(ann, "near");
	assert_false(w.is_held);
	say_edit(ann, 9, "unknown"); /* could be of any room */
	assert_true(w.is_held);
}

static void
a_room_that_somebody_holds_is_tried_again(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say_edit(ann, 7, "edit");
	answer_busy();
	assert_int_equal(fake_waiting(), 0);
	assert_int_equal(edits_next_ms(&fake.broker),
			 fake.broker.clock_ms + EDITS_REST_MS);
	fake_time(EDITS_REST_MS);
	fake_turn_ends();
	answer_edit("ok", "5");
	EXPECT(&w, "\"seq\":5");
	assert_true(edits_are_idle(&fake.broker.edits));
}

static void
an_outcome_that_is_unknown_is_asked_for_again(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say_edit(ann, 7, "edit");
	fake_answer(fake_asked("edits_text"), ERR_UNAVAILABLE, NULL);
	fake_turn_ends();
	EXPECT_NOTHING(&w);
	fake_time(EDITS_REST_MS);
	fake_turn_ends();
	answer_edit("unchanged", "5");
	EXPECT(&w, "{\"type\":\"ack\",\"ref\":\"edit\",");
	EXPECT_NOTHING(&w);
}

static void
what_waits_too_long_is_given_up(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say_edit(ann, 7, "edit");
	fake_answer(fake_asked("edits_text"), ERR_UNAVAILABLE, NULL);
	fake_time(EDITS_WAIT_MS + 1);
	fake_turn_ends();
	fake_turn_ends();
	EXPECT(&w, "\"code\":\"unavailable\"");
	assert_true(edits_are_idle(&fake.broker.edits));
}

static void
who_has_left_is_not_answered_and_it_is_done_all_the_same(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say_edit(ann, 7, "edit");
	conn_on_gone(ann);
	fake_turn_ends();
	answer_busy();
	fake_time(EDITS_REST_MS);
	fake_turn_ends();
	answer_edit("ok", "5");
	assert_true(edits_are_idle(&fake.broker.edits));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(an_edit_waits_for_ones_messages_there_and_they_for_it),
		B(what_concerns_another_room_does_not_wait),
		B(a_room_that_somebody_holds_is_tried_again),
		B(an_outcome_that_is_unknown_is_asked_for_again),
		B(what_waits_too_long_is_given_up),
		B(who_has_left_is_not_answered_and_it_is_done_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
