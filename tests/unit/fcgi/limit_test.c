#include "fcgi/limit.h"
#include "tests/unit/fcgi/fake.h"

static struct fake *
limited(struct arena *a)
{
	struct fake *f = fake_new(a, "GET", "/x");

	assert_int_equal(limits_open("", &f->app.limits), OK);
	arena_defer(a, (void (*)(void *))limits_close, f->app.limits);
	f->app.config.requests_burst = 10;
	f->app.config.requests_per_second = 2;
	f->app.config.messages_burst = 3;
	f->app.config.messages_per_second = 1;
	f->rq.address_counted = "192.0.2.1";
	return f;
}

static void
a_burst_passes_and_then_it_is_too_many(void **state)
{
	struct fake *f = limited(*state);
	struct limit_report report;

	for (int i = 0; i < 10; i++)
		assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 1, &report), OK);
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 1, &report), ERR_TOO_MANY);
	assert_int_equal(f->rq.problem.retry_after_s, 1);
	assert_int_equal(report.remaining, 0);
	assert_int_equal(report.quota, 10);
	assert_int_equal(report.window_s, 5);
	assert_int_equal(report.reset_s, 5);
}

static void
a_dear_request_takes_more(void **state)
{
	struct fake *f = limited(*state);
	struct limit_report report;

	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 5, &report), OK);
	assert_int_equal(report.remaining, 5);
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 6, &report), ERR_TOO_MANY);
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 5, &report), OK);
}

static void
users_count_for_themselves_wherever_they_are(void **state)
{
	struct fake *f = limited(*state);
	struct limit_report report;

	f->rq.user_id = "ann";
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 10, &report), OK);
	f->rq.address_counted = "192.0.2.2";
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 1, &report), ERR_TOO_MANY);
	f->rq.user_id = "bob";
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 1, &report), OK);
	f->rq.user_id = NULL;
	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 1, &report), OK);
}

static void
classes_do_not_eat_each_other(void **state)
{
	struct fake *f = limited(*state);
	struct limit_report report = {};

	assert_int_equal(limit_request(&f->rq, LIMIT_REQUESTS, 10, &report), OK);
	assert_int_equal(limit_request(&f->rq, LIMIT_MESSAGES, 3, &report), OK);
	assert_int_equal(limit_request(&f->rq, LIMIT_MESSAGES, 1, &report), ERR_TOO_MANY);
	assert_string_equal(report.name, "messages");
}

static void
what_is_not_limited_says_nothing(void **state)
{
	struct fake *f = limited(*state);
	struct limit_report report = {};

	for (int i = 0; i < 100; i++)
		assert_int_equal(limit_request(&f->rq, LIMIT_NONE, 1, &report), OK);
	assert_null(report.name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_burst_passes_and_then_it_is_too_many),
		T(a_dear_request_takes_more),
		T(users_count_for_themselves_wherever_they_are),
		T(classes_do_not_eat_each_other),
		T(what_is_not_limited_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
