#include "broker/admission.h"
#include "tests/unit/broker/fake.h"

static int
taken_now(void)
{
	int count = 0;

	admission_hear_talk(&fake.broker);
	while (admission_take(&fake.broker))
		count++;
	return count;
}

static void
where_nobody_talks_all_come_in_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++)
		assert_true(admission_take(&fake.broker));
	taken_now();
	assert_false(admission_take(&fake.broker));
	assert_false(admission_may_wait(&fake.broker, 20000));
	fake_time(ADMISSION_QUIET_MS + 1);
	assert_true(admission_may_wait(&fake.broker, 20000));
	assert_int_equal(admission_next_ms(&fake.broker), fake.broker.clock_ms);
	for (int i = 0; i < 20000; i++)
		assert_true(admission_take(&fake.broker));
	assert_int_equal(taken_now(), 100);
}

static void
no_more_come_in_than_the_database_answers(void **state)
{
	struct hello hello = { .kind = HELLO_SOCKET, .address = "192.0.2.1" };
	struct fake_wire *w =
		ARENA_ARRAY(fake.arena, struct fake_wire, ADMISSION_ASKING_MAX);

	(void)state;
	fake.config.max_connections_per_address = 100000;
	for (int i = 0; i < ADMISSION_ASKING_MAX; i++) {
		assert_true(admission_take(&fake.broker));
		w[i].conn = conn_new(&fake.broker, &fake_ops, &w[i], &hello);
		conn_move(w[i].conn, CONN_WAITING);
	}
	assert_false(admission_take(&fake.broker));
	assert_true(admission_next_ms(&fake.broker) > fake.broker.clock_ms);
	conn_on_gone(w[0].conn);
	assert_true(admission_take(&fake.broker));
}

static void
a_small_crowd_comes_at_once_and_a_large_one_evenly(void **state)
{
	int count;

	(void)state;
	assert_int_equal(taken_now(), 100); /* a fifth of the 500 for a second */
	count = 0;
	for (int ms = 0; ms < 1000; ms++) {
		int now;

		fake_time(1);
		now = taken_now();
		assert_true(now <= 1);
		count += now;
	}
	assert_int_equal(count, 500);
	fake_time(60000);
	assert_int_equal(taken_now(), 100);
}

static void
the_next_ones_turn_is_known(void **state)
{
	int64_t next_ms;

	(void)state;
	taken_now();
	next_ms = admission_next_ms(&fake.broker);
	assert_int_equal(next_ms, fake.broker.clock_ms + 2);
	fake_time(next_ms - fake.broker.clock_ms);
	assert_int_equal(taken_now(), 1);
}

static void
fewer_come_while_turns_take_long(void **state)
{
	(void)state;
	taken_now();
	fake.broker.lag_us = ADMISSION_LAG_US + 1;
	fake_time(100);
	assert_int_equal(taken_now(), 12);
	assert_true(admission_may_wait(&fake.broker, 100 + 1125));
	assert_false(admission_may_wait(&fake.broker, 101 + 1125));
	fake.broker.lag_us = 0;
	assert_true(admission_may_wait(&fake.broker, 100 + 4500));
	assert_false(admission_may_wait(&fake.broker, 101 + 4500));
}

static void
one_a_second_is_possible_too(void **state)
{
	(void)state;
	fake.config.newcomers_per_second = 1;
	admission_init(&fake.broker);
	assert_int_equal(taken_now(), 1);
	fake_time(999);
	assert_int_equal(taken_now(), 0);
	fake_time(1);
	assert_int_equal(taken_now(), 1);
}

static int
retry_after_s(void)
{
	const char *text = (const char *)admission_refusal(&fake.broker).data;

	assert_non_null(strstr(text, "HTTP/1.1 503 "));
	return atoi(strstr(text, "Retry-After: ") + strlen("Retry-After: "));
}

/* The more are turned away, the further apart they are told to return; those whose time
 * has come count no more. */
static void
the_others_are_told_to_come_back_as_far_apart_as_they_are_many(void **state)
{
	int most = 0, later = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int s = retry_after_s();

		assert_true(s >= 1 && s <= 2 + 20);
		most = s > most ? s : most;
	}
	assert_true(most > 15);
	fake_time(30000);
	for (int i = 0; i < 100; i++) {
		int s = retry_after_s();

		later = s > later ? s : later;
	}
	assert_true(later <= 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(no_more_come_in_than_the_database_answers),
		B(where_nobody_talks_all_come_in_at_once),
		B(a_small_crowd_comes_at_once_and_a_large_one_evenly),
		B(the_next_ones_turn_is_known),
		B(fewer_come_while_turns_take_long),
		B(one_a_second_is_possible_too),
		B(the_others_are_told_to_come_back_as_far_apart_as_they_are_many),
	};

	return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
