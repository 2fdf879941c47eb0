/* compose.c: what a client may write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shared/compose.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	body_set_max_text(8000);
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define FILE_WITH(more)                                  \
	"{\"kind\": \"voice\", \"data\": {\"file_id\": " \
	"\"2C3F5D88-8e3c-4a0d-9d6b-1f4b8f7e0a11\"" more "}}"

/* The first bad field of a JSON body, "" if there is none. */
static const char *
compose_json(const struct body *body, const char *text, struct draft *out)
{
	struct problem *p = ARENA_NEW(arena, struct problem);
	struct message_body in;
	struct json *json;

	assert_int_equal(json_parse(arena, text, strlen(text), 8, p, &json), OK);
	if (body_read_json(body, arena, json, "type,ref", p, &in) != OK ||
	    compose(arena, &in, 7, p, out) != OK)
		return p->errors[0].field;
	return "";
}

static void
a_body_is_taken_or_its_bad_field_is_named(void **state)
{
	static const struct {
		const char *text, *field;
	} cases[] = {
		{ "{\"text\": \"hello\"}", "" },
		{ "{\"content\": \"hello\"}", "" },
		{ "{}", "text" },
		{ "{\"text\": \"\"}", "text" },
		{ "{\"text\": \"hello\", \"data\": {}}", "data" },
		{ "{\"kind\": \"location\", \"data\": {\"lat\": 1, \"lon\": -180}}", "" },
		{ "{\"kind\": \"location\"}", "data" },
		{ "{\"kind\": \"location\", \"data\": {\"lat\": 1}}", "data.lon" },
		{ "{\"kind\": \"location\", \"data\": {\"lat\": 91, \"lon\": 0}}",
		  "data.lat" },
		{ "{\"kind\": \"location\", \"data\": {\"lat\": \"1\", \"lon\": 0}}",
		  "data.lat" },
		{ "{\"kind\": \"location\", \"data\": {\"lat\": 1, \"lon\": 0, \"x\": 1}}",
		  "data" },
		{ "{\"kind\": \"location\", \"data\": {\"lat\": 1, \"lon\": 0, \"label\": 1}}",
		  "data.label" },
		{ "{\"kind\": \"image\", \"text\": \"hello\"}", "data" },
		{ "{\"kind\": \"image\", \"data\": {}}", "data.file_id" },
		{ "{\"kind\": \"file\", \"data\": {\"file_id\": 7}}", "data.file_id" },
		{ "{\"kind\": \"file\", \"data\": {\"file_id\": \"x\"}}",
		  "data.file_id" },
		{ FILE_WITH(""), "" },
		{ FILE_WITH(", \"alt\": \"a cat\", \"duration\": 1.5, \"width\": 1"),
		  "" },
		{ FILE_WITH(", \"alt\": null, \"waveform\": [0, 255]"), "" },
		{ FILE_WITH(", \"alt\": 1"), "data.alt" },
		{ FILE_WITH(", \"duration\": -1"), "data.duration" },
		{ FILE_WITH(", \"duration\": \"1\""), "data.duration" },
		{ FILE_WITH(", \"waveform\": [256]"), "data.waveform" },
		{ FILE_WITH(", \"waveform\": [0.5]"), "data.waveform" },
		{ FILE_WITH(", \"waveform\": {}"), "data.waveform" },
		{ FILE_WITH(", \"width\": 0"), "data.width" },
		{ FILE_WITH(", \"height\": 1.5"), "data.height" },
		{ FILE_WITH(", \"url\": \"x\""), "data" },
		{ "{\"kind\": \"system\", \"text\": \"hello\"}", "kind" },
		{ "{\"text\": \"hello\", \"room_id\": \"x\"}", "room_id" },
	};
	struct draft draft;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(compose_json(&message_body, cases[i].text, &draft),
				    cases[i].field);
}

static void
a_reply_knows_the_room_and_the_seq(void **state)
{
	struct draft draft;
	struct uuid id;

	(void)state;
	uuid_of_message(7, 12, 345, &id);
	assert_string_equal(
		compose_json(&message_body,
			     arena_printf(arena,
					  "{\"text\": \"a\", \"reply_to\": \"%s\"}",
					  id.text),
			     &draft),
		"");
	assert_int_equal(draft.reply_to_room_no, 12);
	assert_int_equal(draft.reply_to_seq, 345);
}

static void
what_is_no_message_is_one_of_no_room(void **state)
{
	struct draft draft;

	(void)state;
	assert_string_equal(compose_json(&message_body,
					 "{\"text\": \"a\", \"reply_to\": "
					 "\"2c3f5d88-8e3c-4a0d-9d6b-1f4b8f7e0a11\"}",
					 &draft),
			    "");
	assert_int_equal(draft.reply_to_room_no, 0);
	assert_true(draft.reply_to_seq > 0);
}

static void
rest_and_frames_make_the_same_of_the_same_message(void **state)
{
	struct draft a, b, c;

	(void)state;
	assert_string_equal(compose_json(&message_body,
					 "{\"client_id\": \"k\", \"text\": \"hello\"}",
					 &a),
			    "");
	assert_string_equal(
		compose_json(&message_frame_body,
			     "{\"type\": \"message\", \"ref\": \"1\", \"kind\": \"text\","
			     " \"client_id\": \"k\", \"content\": \"hello\","
			     " \"room\": \"2c3f5d88-8e3c-4a0d-9d6b-1f4b8f7e0a11\"}",
			     &b),
		"");
	assert_string_equal(compose_json(&message_to_body,
					 "{\"client_id\": \"k\", \"text\": \"hello!\"}",
					 &c),
			    "");
	assert_int_equal(a.fingerprint, b.fingerprint);
	assert_int_not_equal(a.fingerprint, c.fingerprint);
	assert_string_equal(a.client_id, b.client_id);
}

static void
a_message_without_a_key_gets_one_that_no_client_can_choose(void **state)
{
	struct draft draft;

	(void)state;
	assert_string_equal(compose_json(&message_body, "{\"text\": \"hello\"}", &draft),
			    "");
	assert_int_equal(draft.client_id[0], ROOMLOG_OWN_KEY);
	assert_string_equal(compose_json(&message_body,
					 "{\"text\": \"a\", \"client_id\": \"~1\"}",
					 &draft),
			    "client_id");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_taken_or_its_bad_field_is_named),
		cmocka_unit_test(a_reply_knows_the_room_and_the_seq),
		cmocka_unit_test(what_is_no_message_is_one_of_no_room),
		cmocka_unit_test(rest_and_frames_make_the_same_of_the_same_message),
		cmocka_unit_test(
			a_message_without_a_key_gets_one_that_no_client_can_choose),
	};

	return cmocka_run_group_tests_name("compose", tests, setup, teardown);
}
