#include "shared/clock.h"
#include "tests/unit/test.h"

static const struct {
	int64_t ms;
	const char *text;
} formats[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ 1795185540123, "2026-11-20T14:39:00.123Z" },
	{ 951782400000, "2000-02-29T00:00:00.000Z" },
	{ -62167219200000, "0000-01-01T00:00:00.000Z" },
	{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	{ INT64_MAX, "9999-12-31T23:59:59.999Z" },
	{ INT64_MIN, "0000-01-01T00:00:00.000Z" },
};

static void
times_are_written_in_utc_with_milliseconds(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++)
		assert_string_equal(clock_format(formats[i].ms, text), formats[i].text);
}

static const struct {
	const char *text;
	int64_t ms;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01t00:00:00z", 0 },
	{ "1970-01-01 00:00:00.5Z", 500 },
	{ "1970-01-01T00:00:00.123999999Z", 123 },
	{ "1970-01-01T03:00:00+03:00", 0 },
	{ "1969-12-31T18:30:00-05:30", 0 },
	{ "2026-11-20T14:39:00.123Z", 1795185540123 },
	{ "2000-02-29T00:00:00Z", 951782400000 },
	{ "2016-12-31T23:59:60Z", 1483228800000 },
	{ "0001-01-01T00:00:00Z", -62135596800000 },
	{ "9999-12-31T23:59:59.999Z", 253402300799999 },
};

static void
any_time_of_rfc_3339_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		int64_t ms = -7;

		CASE(clock_parse(good[i].text, &ms) == OK, good[i].text);
		CASE(ms == good[i].ms, good[i].text);
	}
}

static const char *const bad[] = {
	"",
	"now",
	"2026-11-20",
	"2026-11-20T14:39Z",
	"2026-11-20T14:39:00",
	"2026-11-20T14:39:00.Z",
	"2026-11-20T14:39:00+0300",
	"2026-11-20T14:39:00+24:00",
	"2026-11-20T14:39:00Z ",
	" 2026-11-20T14:39:00Z",
	"2026-11-20T24:00:00Z",
	"2026-11-20T14:60:00Z",
	"2026-11-20T14:39:61Z",
	"2026-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z",
	"2026-04-31T00:00:00Z",
	"2026-13-01T00:00:00Z",
	"2026-00-01T00:00:00Z",
	"2026-01-00T00:00:00Z",
	"26-01-01T00:00:00Z",
	"+2026-01-01T00:00:00Z",
	"2026-1-01T00:00:00Z",
	"0000-01-01T00:00:00+00:01",
	"0000-12-31T23:59:59.999Z",
	"0001-01-01T00:00:00+00:01",
	"9999-12-31T23:59:59-00:01",
	"2026-11-20T14:39:00−03:00",
};

static void
anything_else_is_refused_and_touches_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t ms = -7;

		CASE(clock_parse(bad[i], &ms) == ERR_INVALID, bad[i]);
		CASE(ms == -7, bad[i]);
	}
}

static void
the_clocks_go_forward(void **state)
{
	int64_t before = clock_monotonic_us();

	(void)state;
	assert_true(clock_monotonic_us() >= before);
	assert_true(clock_now_ms() > 1700000000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(times_are_written_in_utc_with_milliseconds),
		T(any_time_of_rfc_3339_is_read),
		T(anything_else_is_refused_and_touches_nothing),
		T(the_clocks_go_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
