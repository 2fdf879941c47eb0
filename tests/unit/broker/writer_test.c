#include "tests/unit/broker/fake.h"

static void
say(struct conn *c, const char *text)
{
	fake_say(c,
		 arena_printf(fake.arena,
			      "{\"type\":\"message\",\"ref\":\"%s\",\"room_id\":\"" HALL
			      "\",\"client_id\":\"%s\",\"text\":\"%s\"}",
			      text, text, text));
}

/* Answers a batch: result and seq of each draft. */
static void
answer(int count, const char *const results[], const int seqs[])
{
	const char **cells = ARENA_ARRAY(fake.arena, const char *, 6 * (size_t)count);
	struct rows rows[2];

	for (int i = 0; i < count; i++) {
		cells[6 * i] = results[i];
		cells[6 * i + 1] = "7";
		cells[6 * i + 2] = arena_printf(fake.arena, "%d", seqs[i]);
		cells[6 * i + 3] = "1";
		cells[6 * i + 4] = "1700000000000";
		cells[6 * i + 5] = "0";
	}
	rows[0] = *ROWS(1, "{7}");
	rows[1] = *fake_rows(count, 6, cells);
	fake_answer(fake_asked_append(), OK, rows);
}

static void
an_ack_comes_after_the_commit_with_the_event(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	w.writes = 0;
	say(ann, "a");
	fake_turn_ends();
	EXPECT_NOTHING(&w);
	answer(1, (const char *const[]){ "ok" }, (const int[]){ 4 });
	fake_turn_ends();
	assert_int_equal(w.writes, 1); /* both in one */
	EXPECT(&w, "{\"type\":\"ack\",\"ref\":\"a\",\"client_id\":\"a\",\"id\":\"");
	EXPECT(&w, "\"seq\":4,");
}

static void
what_comes_while_a_batch_is_committed_is_the_next_one(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say(ann, "a");
	fake_turn_ends();
	say(ann, "b");
	say(ann, "c");
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 1);
	answer(1, (const char *const[]){ "ok" }, (const int[]){ 1 });
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 1);
	answer(2, (const char *const[]){ "ok", "ok" }, (const int[]){ 2, 3 });
	fake_turn_ends();
	EXPECT(&w, "\"ref\":\"a\"");
	EXPECT(&w, "\"ref\":\"b\"");
	EXPECT(&w, "\"ref\":\"c\"");
	assert_true(writer_is_idle(&fake.broker.writer));
}

static void
where_much_waits_the_next_batch_goes_before_the_answer_is_told(void **state)
{
	const char *results[WRITER_PLENTY];
	int seqs[WRITER_PLENTY];
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say(ann, "a");
	fake_turn_ends();
	for (int i = 0; i < WRITER_PLENTY; i++) {
		results[i] = "ok";
		seqs[i] = 2 + i;
		say(ann, arena_printf(fake.arena, "b%d", i));
	}
	answer(1, (const char *const[]){ "ok" }, (const int[]){ 1 });
	assert_int_equal(fake_waiting(), 1);
	fake_turn_ends();
	EXPECT(&w, "\"ref\":\"a\"");
	answer(WRITER_PLENTY, results, seqs);
	assert_int_equal(fake_waiting(), 0);
	fake_turn_ends();
	for (int i = 0; i < WRITER_PLENTY; i++)
		EXPECT(&w, arena_printf(fake.arena, "\"ref\":\"b%d\"", i));
	assert_true(writer_is_idle(&fake.broker.writer));
}

static void
an_unknown_outcome_is_asked_again_and_acked_once(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	say(ann, "a");
	say(ann, "b");
	fake_turn_ends();
	fake_answer(fake_asked_append(), ERR_UNAVAILABLE, NULL);
	fake_turn_ends();
	EXPECT_NOTHING(&w);
	fake_time(100);
	fake_turn_ends();
	/* a had been committed by the first try */
	answer(2, (const char *const[]){ "duplicate", "ok" }, (const int[]){ 4, 5 });
	fake_turn_ends();
	EXPECT(&w, "\"ack\",\"ref\":\"a\"");
	EXPECT(&w, "\"ack\",\"ref\":\"b\"");
	/* a may have been changed since it was stored, so the log is read */
	fake_answer(fake_asked("log_heads"), OK,
		    (struct rows[]){ *fake_log(4, 5), *ROWS(2, "7", "5") });
	fake_turn_ends();
	EXPECT(&w, "\"seq\":4,"); /* delivered once */
	EXPECT(&w, "\"seq\":5,");
	EXPECT_NOTHING(&w);
	assert_int_equal(fake_waiting(), 0);
}

static void
a_locked_room_is_tried_again_a_little_later(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say(ann, "a");
	fake_turn_ends();
	answer(1, (const char *const[]){ "busy" }, (const int[]){ 0 });
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	assert_int_equal(writer_next_ms(&fake.broker),
			 fake.broker.clock_ms + LANE_REST_MS);
	say(ann, "b"); /* waits behind a */
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	fake_time(LANE_REST_MS);
	fake_turn_ends();
	answer(2, (const char *const[]){ "ok", "ok" }, (const int[]){ 1, 2 });
	fake_turn_ends();
	EXPECT(&w, "\"ref\":\"a\"");
	EXPECT(&w, "\"ref\":\"b\"");
}

/* Answers a batch that waited for its room, which has one more statement before the
 * others. */
static void
answer_after_waiting(const char *result)
{
	const char *cells[] = { result, "7", "1", "1", "1700000000000", "0" };
	struct rows rows[3];

	rows[0] = *ROWS(1, "50");
	rows[1] = *ROWS(1, "{7}");
	rows[2] = *fake_rows(1, 6, cells);
	fake_answer(fake_asked_append(), OK, rows);
}

/* The room is locked so many times; after LANE_RESTS_MAX the batch waits for it. */
static void
be_locked_out(int times)
{
	while (times-- > 0) {
		fake_turn_ends();
		assert_false(fake.broker.writer.is_waiting);
		answer(1, (const char *const[]){ "busy" }, (const int[]){ 0 });
		fake_time(LANE_REST_MS);
	}
	fake_turn_ends();
	assert_true(fake.broker.writer.is_waiting);
}

static void
a_room_that_is_locked_again_and_again_is_waited_for(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say(ann, "a");
	be_locked_out(LANE_RESTS_MAX);
	fake_answer(fake_asked_append(), ERR_UNAVAILABLE, NULL); /* waited in vain */
	fake_time(LANE_REST_MS);
	be_locked_out(LANE_RESTS_MAX - 1);
	answer_after_waiting("ok");
	fake_turn_ends();
	EXPECT(&w, "\"ref\":\"a\"");
	assert_true(writer_is_idle(&fake.broker.writer));
}

static void
each_refusal_says_why(void **state)
{
	static const struct {
		const char *result, *says;
	} cases[] = {
		{ "mismatch", "idempotency_mismatch" },
		{ "no_room", "not_found" },
		{ "banned", "forbidden" },
		{ "slow", "retry_after" },
		{ "no_reply", "\"field\":\"reply_to\"" },
	};
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		say(ann, "a");
		fake_turn_ends();
		answer(1, &cases[i].result, (const int[]){ 0 });
		fake_turn_ends();
		EXPECT(&w, cases[i].says);
	}
}

static void
only_the_one_that_the_database_refuses_fails(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	int errors = 0, acks = 0;
	const char *sent;

	(void)state;
	for (int i = 0; i < 20; i++)
		say(ann, arena_printf(fake.arena, i == 13 ? "bad" : "m%d", i));
	fake_turn_ends();
	for (int seq = 1; fake_waiting();) {
		struct question *q = fake_asked_append();
		int count = 1;
		const char *results[20];
		int seqs[20];

		for (const char *p = q->params[2]; *p; p++)
			count += *p == ',';
		if (strstr(q->params[2], "bad")) {
			fake_answer(q, ERR_INVALID, NULL);
		} else {
			for (int i = 0; i < count; i++) {
				results[i] = "ok";
				seqs[i] = seq++;
			}
			fake.questions[fake.last++ % QUESTIONS_MAX] = *q;
			answer(count, results, seqs);
		}
		fake_turn_ends();
	}
	while ((sent = fake_next(fake.arena, &w))) {
		if (strstr(sent, "\"ack\""))
			acks++;
		else if (strstr(sent, "\"ref\":\"bad\"") && strstr(sent, "\"invalid\""))
			errors++;
	}
	assert_int_equal(acks, 19);
	assert_int_equal(errors, 1);
}

static void
what_waits_too_long_is_unavailable(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake.is_down = true;
	say(ann, "a");
	fake_turn_ends();
	fake_time(WRITER_WAIT_MS / 2);
	writer_tick(&fake.broker);
	fake_turn_ends();
	EXPECT_NOTHING(&w);
	fake_time(WRITER_WAIT_MS);
	writer_tick(&fake.broker);
	fake_turn_ends();
	EXPECT(&w, "\"ref\":\"a\",\"room_id\":\"" HALL "\",\"code\":\"unavailable\"");
	assert_true(writer_is_idle(&fake.broker.writer));
}

static void
where_the_database_is_lost_nothing_more_is_taken(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN);

	(void)state;
	fake_conn(&w2, BOB);
	fake.is_down = true;
	say(ann, "a");
	fake.is_lost = true;
	broker_lost_database(&fake.broker);
	say(ann, "b");
	fake_turn_ends();
	EXPECT(&w1, "{\"type\":\"error\",\"code\":\"unavailable\"");
	EXPECT(&w1, "\"ref\":\"b\",\"room_id\":\"" HALL "\",\"code\":\"unavailable\"");
	EXPECT_NOTHING(&w1); /* the message that was waiting still waits */
	EXPECT(&w2, "\"retry_after\":");
	EXPECT_NOTHING(&w2);
	fake.is_down = fake.is_lost = false;
	fake_turn_ends();
	answer(1, (const char *const[]){ "ok" }, (const int[]){ 1 });
	fake_turn_ends();
	EXPECT(&w1, "\"type\":\"ack\",\"ref\":\"a\"");
}

static void
a_batch_that_is_never_answered_is_cut_off(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	say(ann, "a");
	fake_turn_ends();
	fake_time(WRITER_ANSWER_MS);
	writer_tick(&fake.broker);
	assert_int_equal(fake.cuts, 0);
	fake_time(1);
	writer_tick(&fake.broker);
	assert_int_equal(fake.cuts, 1);
}

static void
its_author_may_leave_meanwhile(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	fake_join(bob, "3");
	EXPECT(&w2, "joined");
	say(ann, "a");
	fake_turn_ends();
	conn_on_gone(ann);
	fake_turn_ends();
	answer(1, (const char *const[]){ "ok" }, (const int[]){ 4 });
	fake_turn_ends();
	EXPECT(&w2, "\"login\":\"ann\"");
	assert_null(people_find(&fake.broker.people, ANN));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(an_ack_comes_after_the_commit_with_the_event),
		B(what_comes_while_a_batch_is_committed_is_the_next_one),
		B(where_much_waits_the_next_batch_goes_before_the_answer_is_told),
		B(an_unknown_outcome_is_asked_again_and_acked_once),
		B(a_locked_room_is_tried_again_a_little_later),
		B(a_room_that_is_locked_again_and_again_is_waited_for),
		B(each_refusal_says_why),
		B(only_the_one_that_the_database_refuses_fails),
		B(what_waits_too_long_is_unavailable),
		B(where_the_database_is_lost_nothing_more_is_taken),
		B(a_batch_that_is_never_answered_is_cut_off),
		B(its_author_may_leave_meanwhile),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
