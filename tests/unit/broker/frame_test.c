#include "broker/frame.h"
#include "tests/unit/test.h"

static void
the_header_says_the_length_in_its_three_forms(void **state)
{
	static const struct {
		size_t len, head;
		uint8_t bytes[10];
	} cases[] = {
		{ 0, 2, { 0x81, 0 } },
		{ 125, 2, { 0x81, 125 } },
		{ 126, 4, { 0x81, 126, 0, 126 } },
		{ 65535, 4, { 0x81, 126, 0xff, 0xff } },
		{ 65536, 10, { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint8_t head[FRAME_HEAD_MAX];

		assert_int_equal(frame_head(cases[i].len, head), cases[i].head);
		assert_memory_equal(head, cases[i].bytes, cases[i].head);
		assert_int_equal(frame_size(head), cases[i].head + cases[i].len);
	}
}

static void
whole_frames_are_what_fits(void **state)
{
	struct bytes one = frame_text(*state, "0123456789", 10); /* 12 bytes */
	uint8_t *three = arena_alloc(*state, 36);

	for (int i = 0; i < 3; i++)
		memcpy(three + 12 * i, one.data, 12);
	assert_int_equal(frame_fit(three, 36, 36), 36);
	assert_int_equal(frame_fit(three, 36, 35), 24);
	assert_int_equal(frame_fit(three, 36, 24), 24);
	assert_int_equal(frame_fit(three, 36, 12), 12);
	assert_int_equal(frame_fit(three, 36, 5), 12); /* one at least */
}

static const char *
text_of(struct arena *a, struct bytes frame)
{
	size_t head = frame.data[1] < 126 ? 2 : 4;

	return arena_strndup(a, (const char *)frame.data + head, frame.len - head);
}

static void
an_error_tells_what_rest_would(void **state)
{
	struct problem p = {};

	assert_string_equal(
		text_of(*state, frame_error(*state, NULL, NULL, ERR_NOT_FOUND, &p)),
		arena_printf(
			*state,
			"{\"type\":\"error\",\"code\":\"not_found\",\"detail\":\"%s\"}",
			err_detail(ERR_NOT_FOUND)));
	p.retry_after_s = 3;
	p.code = "room_full";
	p.detail = "Full \"up\".";
	problem_field(&p, "text", "required", "is required");
	assert_string_equal(
		text_of(*state, frame_error(*state, "r1", "room", ERR_CONFLICT, &p)),
		"{\"type\":\"error\",\"ref\":\"r1\",\"room_id\":\"room\",\"code\":\"room_full\","
		"\"detail\":\"Full \\\"up\\\".\",\"retry_after\":3,\"errors\":[{\"field\":\"text\","
		"\"code\":\"required\",\"message\":\"is required\"}]}");
}

static void
each_error_has_its_close_code(void **state)
{
	(void)state;
	assert_int_equal(close_code_of(ERR_MALFORMED), 4400);
	assert_int_equal(close_code_of(ERR_TOO_LARGE), 4400);
	assert_int_equal(close_code_of(ERR_UNAUTHENTICATED), 4401);
	assert_int_equal(close_code_of(ERR_FORBIDDEN), 4403);
	assert_int_equal(close_code_of(ERR_NOT_FOUND), 4404);
	assert_int_equal(close_code_of(ERR_CONFLICT), 4409);
	assert_int_equal(close_code_of(ERR_TOO_MANY), 4429);
	assert_int_equal(close_code_of(ERR_UNAVAILABLE), 1013);
}

static void
a_close_frame_has_its_code_and_a_short_reason(void **state)
{
	struct bytes f = frame_close(*state, CLOSE_GOING_AWAY, "retry_after=7");
	char long_reason[200];

	assert_memory_equal(f.data, "\x88\x0f\x03\xe9retry_after=7", 17);
	assert_int_equal(f.len, 17);
	memset(long_reason, 'x', sizeof(long_reason));
	long_reason[199] = '\0';
	f = frame_close(*state, CLOSE_BAD_FRAME, long_reason);
	assert_int_equal(f.len, 2 + 125);
	assert_int_equal(f.data[1], 125);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_header_says_the_length_in_its_three_forms),
		T(whole_frames_are_what_fits),
		T(an_error_tells_what_rest_would),
		T(each_error_has_its_close_code),
		T(a_close_frame_has_its_code_and_a_short_reason),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
