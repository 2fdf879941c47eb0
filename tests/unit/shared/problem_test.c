#include "shared/problem.h"
#include "tests/unit/test.h"

static void
every_error_has_words(void **state)
{
	(void)state;
	for (int e = OK; e < ERR_COUNT; e++) {
		assert_true(strlen(err_code(e)) > 0);
		assert_true(strlen(err_detail(e)) > 0);
	}
	assert_string_equal(err_code(ERR_TOO_MANY), "rate_limited");
	assert_string_equal(err_code(ERR_COUNT), "internal");
}

static void
failing_says_why_and_passes_the_error_on(void **state)
{
	struct problem p = {};

	(void)state;
	assert_int_equal(problem_fail(&p, ERR_CONFLICT, "login_taken", "Taken."),
			 ERR_CONFLICT);
	assert_string_equal(p.code, "login_taken");
	assert_string_equal(p.detail, "Taken.");
	assert_int_equal(problem_retry(&p, ERR_TOO_MANY, NULL, NULL, 7), ERR_TOO_MANY);
	assert_int_equal(p.retry_after_s, 7);
	assert_int_equal(problem_fail(NULL, ERR_INVALID, NULL, NULL), ERR_INVALID);
}

static void
bad_fields_are_gathered_up_to_a_bound(void **state)
{
	struct problem p = {};

	(void)state;
	assert_int_equal(problem_fields_check(&p), OK);
	for (int i = 0; i < PROBLEM_FIELDS_MAX + 5; i++)
		problem_field(&p, i == 0 ? "first" : "other", "type", "Must be text.");
	assert_int_equal(problem_fields_check(&p), ERR_INVALID);
	assert_int_equal(p.error_count, PROBLEM_FIELDS_MAX);
	assert_string_equal(p.errors[0].field, "first");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_error_has_words),
		T(failing_says_why_and_passes_the_error_on),
		T(bad_fields_are_gathered_up_to_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
