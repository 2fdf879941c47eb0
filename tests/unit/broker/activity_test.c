#include "broker/activity.h"
#include "tests/unit/broker/fake.h"

#define B_ (&fake.broker)

static void
sits_in(struct conn *c, const char *room_id, int64_t no)
{
	const struct crowd_facts room = { .id = room_id, .no = no, .seq = 3 };

	audience_add(&B_->audience, c->visitor, &room);
	c->visitor->seats.are_known = true;
}

/* Writes a row of the answer; text NULL: another row carries the last message. */
static const char **
put_row(const char **cell, const char *room_id, const char *user_id, const char *seq,
	const char *unread, const char *text)
{
	memset(cell, 0, (6 + EVENT_COLUMNS) * sizeof(*cell));
	cell[0] = room_id;
	cell[1] = user_id;
	cell[2] = seq;
	cell[3] = unread;
	cell[4] = "0";
	cell[5] = "t";
	if (text) {
		cell[6] = "7";
		cell[7] = cell[8] = seq;
		cell[9] = "message";
		cell[10] = "1700000000000";
		cell[13] = "text";
		cell[14] = text;
		cell[19] = ANN;
		cell[20] = "ann";
	}
	return cell + 6 + EVENT_COLUMNS;
}

/* Answers the whole question: this seq, so many unread. */
static struct question *
answer(const char *room_id, const char *const *user_ids, int count, const char *seq,
       const char *unread)
{
	const char **cells = ARENA_ARRAY(fake.arena, const char *,
					 (size_t)count *(6 + EVENT_COLUMNS)),
		   **at = cells;
	struct question *q = fake_asked("activity");

	for (int i = 0; i < count; i++)
		at = put_row(at, room_id, user_ids[i], seq, unread, i ? NULL : "hello");
	fake_answer(q, OK, fake_rows(count, 6 + EVENT_COLUMNS, cells));
	fake_turn_ends();
	return q;
}
#define ANSWER(room, seq, unread, ...)                       \
	answer((room), (const char *const[]){ __VA_ARGS__ }, \
	       (int)COUNT(((const char *const[]){ __VA_ARGS__ })), (seq), (unread))

static void
tick(int64_t ms)
{
	fake_time(ms);
	activity_tick(B_);
}

static void
who_has_not_joined_hears_what_goes_on(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);
	struct question *q;

	(void)state;
	fake_conn(&w3, BOB); /* another device of Bob's */
	sits_in(ann, HALL, 7);
	sits_in(bob, HALL, 7);
	fake_join(bob, "3");
	EXPECT(&w2, "joined");
	activity_hear(B_, HALL, 4);
	tick(100);
	q = ANSWER(HALL, "4", "1", BOB, ANN);
	assert_int_equal(q->line, LINE_NOTE);
	assert_string_equal(q->params[0], "{7,7}");
	EXPECT(&w1, "{\"type\":\"activity\",\"room_id\":\"" HALL
		    "\",\"seq\":4,\"unread\":1,\"mentions\":0,\"last_message\":{");
	EXPECT(&w3, "\"text\":\"hello\"");
	EXPECT_NOTHING(&w2); /* listens to the room's log */
}

static void
what_was_heard_before_moves_nothing(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in(ann, HALL, 7);
	activity_hear(B_, HALL, 3);
	activity_hear(B_, HALL, 2);
	activity_hear(B_, YARD, 9); /* no member is connected here */
	tick(100);
	assert_int_equal(fake_waiting(), 0);
}

static void
a_room_is_told_of_at_most_once_a_second(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in(ann, HALL, 7);
	activity_hear(B_, HALL, 4);
	tick(100);
	activity_hear(B_, HALL, 5); /* while the question is pending */
	ANSWER(HALL, "4", "1", ANN);
	EXPECT(&w, "\"seq\":4,");
	for (int i = 0; i < 10; i++) {
		tick(100);
		activity_hear(B_, HALL, 6 + i);
	}
	assert_int_equal(fake_waiting(), 0);
	tick(200);
	ANSWER(HALL, "15", "12", ANN);
	EXPECT(&w, "\"seq\":15,");
	tick(5000);
	assert_int_equal(fake_waiting(), 0); /* nothing has changed since */
}

static void
who_read_is_owed_it_once(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in(ann, HALL, 7);
	activity_owe(B_, ANN, HALL);
	activity_owe(B_, ANN, HALL);
	activity_owe(B_, BOB, HALL); /* not connected */
	activity_owe(B_, ANN, YARD); /* not a member */
	tick(100);
	ANSWER(HALL, "3", "0", ANN);
	EXPECT(&w, "\"unread\":0,");
	activity_owe(B_, ANN, HALL);
	tick(500);
	assert_int_equal(fake_waiting(), 0); /* too soon */
	tick(700);
	ANSWER(HALL, "3", "0", ANN);
	EXPECT(&w, "\"unread\":0,");
}

static void
what_a_backlog_swallowed_is_told_later(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in(ann, HALL, 7);
	w.is_stuck = true;
	fake_say(ann, "{\"type\":\"ping\"}");
	fake_turn_ends();
	EXPECT(&w, "pong");
	activity_hear(B_, HALL, 4);
	tick(100);
	ANSWER(HALL, "4", "1", ANN);
	EXPECT_NOTHING(&w);
	w.is_stuck = false;
	conn_on_writable(ann);
	tick(1200);
	ANSWER(HALL, "4", "1", ANN);
	EXPECT(&w, "\"seq\":4,");
	tick(1200);
	assert_int_equal(fake_waiting(), 0);
}

static void
a_question_that_was_lost_is_asked_again(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in(ann, HALL, 7);
	activity_hear(B_, HALL, 4);
	tick(100);
	fake_answer(fake_asked("activity"), ERR_UNAVAILABLE, NULL);
	fake.is_down = true;
	tick(100);
	fake.is_down = false;
	tick(100);
	ANSWER(HALL, "4", "1", ANN);
	EXPECT(&w, "\"seq\":4,");
}

enum { MANY = 450 };

/* Any number of people: a bounded number a question, everybody in the end, and other
 * rooms do not wait for a busy one. */
static void
a_large_room_is_told_by_pieces_and_keeps_nobody_waiting(void **state)
{
	static struct fake_wire wires[MANY], w;
	static struct conn *people[MANY];
	int asked = 0, questions = 0;
	struct conn *ann;

	(void)state;
	fake.config.max_connections_per_address = MANY + 1;
	for (int i = 0; i < MANY; i++) {
		char *id = arena_printf(fake.arena, "00000000-0000-4000-9000-%012d", i);

		people[i] = fake_conn(&wires[i], id);
		sits_in(people[i], HALL, 7);
	}
	ann = fake_conn(&w, ANN);
	sits_in(ann, YARD, 8);
	activity_hear(B_, HALL, 4);
	activity_hear(B_, YARD, 4);
	while (asked < MANY + 1) {
		struct question *q;
		int count = 1;

		tick(100);
		q = fake_asked("activity");
		for (const char *s = q->params[0]; *s; s++)
			count += *s == ',';
		assert_true(count <= ACTIVITY_ASK_MAX);
		if (questions++ == 0)
			assert_non_null(strstr(q->params[1], ANN));
		asked += count;
		fake_answer(q, OK, fake_rows(0, 6 + EVENT_COLUMNS, NULL));
	}
	assert_int_equal(asked, MANY + 1);
	tick(1000); /* the more recipients, the longer a room pauses */
	activity_hear(B_, HALL, 5);
	tick(100);
	assert_int_equal(fake_waiting(), 0);
	tick(ACTIVITY_ROOM_MS + MANY * ACTIVITY_PERSON_MS);
	fake_answer(fake_asked("activity"), OK, fake_rows(0, 6 + EVENT_COLUMNS, NULL));
}

static void
who_comes_while_a_room_waits_for_its_turn_is_told_too(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	sits_in(ann, HALL, 7);
	activity_hear(B_, HALL, 4);
	tick(100);
	ANSWER(HALL, "4", "1", ANN);
	activity_hear(B_, HALL, 5);
	tick(100);
	sits_in(bob, HALL, 7);
	activity_hear(B_, HALL, 6);
	tick(1200);
	ANSWER(HALL, "6", "1", ANN, BOB);
	EXPECT(&w2, "\"seq\":6,");
}

static void
a_comparison_finds_what_moved_and_what_is_gone(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	sits_in(ann, HALL, 7);
	sits_in(ann, YARD, 8);
	activity_compare(B_); /* with so few rooms, one a second */
	fake_answer(fake_asked("log_heads"), OK, ROWS(2, "7", "9"));
	activity_compare(B_);
	fake_answer(fake_asked("log_heads"), OK, fake_rows(0, 2, NULL));
	fake_turn_ends();
	EXPECT(&w, "{\"type\":\"room_left\",\"room_id\":\"" YARD
		   "\",\"reason\":\"room_removed\"}");
	tick(100);
	ANSWER(HALL, "9", "6", ANN);
	EXPECT(&w, "\"seq\":9,");
	audience_check(&B_->audience);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(who_has_not_joined_hears_what_goes_on),
		B(what_was_heard_before_moves_nothing),
		B(a_room_is_told_of_at_most_once_a_second),
		B(who_read_is_owed_it_once),
		B(what_a_backlog_swallowed_is_told_later),
		B(a_question_that_was_lost_is_asked_again),
		B(a_large_room_is_told_by_pieces_and_keeps_nobody_waiting),
		B(who_comes_while_a_room_waits_for_its_turn_is_told_too),
		B(a_comparison_finds_what_moved_and_what_is_gone),
	};

	return cmocka_run_group_tests_name("activity", tests, NULL, NULL);
}
