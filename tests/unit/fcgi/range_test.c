#include "fcgi/range.h"
#include "tests/unit/test.h"

static const struct {
	const char *header;
	int64_t size;
	enum range_kind kind;
	int64_t from, len;
} cases[] = {
	{ "bytes=0-0", 10, RANGE_PART, 0, 1 },
	{ "bytes=2-5", 10, RANGE_PART, 2, 4 },
	{ "bytes=2-", 10, RANGE_PART, 2, 8 },
	{ "bytes=-3", 10, RANGE_PART, 7, 3 },
	{ "bytes=-30", 10, RANGE_PART, 0, 10 },
	{ "bytes=9-99999999999999999999999", 10, RANGE_PART, 9, 1 },
	{ "BYTES= 1-1", 10, RANGE_PART, 1, 1 },
	{ "bytes=10-", 10, RANGE_NONE, 0, 0 },
	{ "bytes=99999999999999999999999-", 10, RANGE_NONE, 0, 0 },
	{ "bytes=-0", 10, RANGE_NONE, 0, 0 },
	{ "bytes=0-", 0, RANGE_NONE, 0, 0 },
	{ "bytes=-5", 0, RANGE_NONE, 0, 0 },
	{ "", 10, RANGE_ALL, 0, 0 },
	{ "bytes=", 10, RANGE_ALL, 0, 0 },
	{ "bytes=-", 10, RANGE_ALL, 0, 0 },
	{ "bytes=5-4", 10, RANGE_ALL, 0, 0 },
	{ "bytes=1-2,3-4", 10, RANGE_ALL, 0, 0 },
	{ "bytes=1-2x", 10, RANGE_ALL, 0, 0 },
	{ "bytes=--1", 10, RANGE_ALL, 0, 0 },
	{ "items=1-2", 10, RANGE_ALL, 0, 0 },
};

static void
a_range_is_one_part_or_none_or_everything(void **state)
{
	int64_t from, len;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		from = len = 0;
		CASE(range_parse(cases[i].header, cases[i].size, &from, &len) ==
			     cases[i].kind,
		     cases[i].header);
		CASE(cases[i].kind != RANGE_PART ||
			     (from == cases[i].from && len == cases[i].len),
		     cases[i].header);
	}
	assert_int_equal(range_parse(NULL, 10, &from, &len), RANGE_ALL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_range_is_one_part_or_none_or_everything),
	};

	return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
