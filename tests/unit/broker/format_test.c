#include "broker/format.h"
#include "broker/frame.h"
#include "broker/plain.h"
#include "shared/uuid.h"
#include "tests/unit/test.h"

#define HALL "10000000-0000-4000-8000-000000000001"
#define TIME "2026-11-20T14:39:00.123Z"

enum { ID_KEY = 77 };

static const struct format_context context = { "0123456789abcdef", ID_KEY,
					       1700000000000 };

/* What a frame becomes in this format; NULL: nothing. */
static const char *
form(struct arena *a, enum format f, const char *json)
{
	struct strbuf out = { .arena = a };
	struct told t;

	if (!told_read(a, frame_text(a, json, strlen(json)).data, &t))
		return NULL;
	format_told(&out, f, &context, &t);
	return out.data;
}

static void
the_accept_header_chooses_by_q_then_by_name_then_by_our_order(void **state)
{
	static const struct {
		const char *accept;
		int format; /* -1: none */
	} cases[] = {
		{ NULL, FORMAT_EVENTS },
		{ "", FORMAT_EVENTS },
		{ "*/*", FORMAT_EVENTS },
		{ "text/*", FORMAT_EVENTS },
		{ "text/event-stream", FORMAT_EVENTS },
		{ "TEXT/Event-Stream", FORMAT_EVENTS },
		{ "application/x-ndjson", FORMAT_NDJSON },
		{ "application/*", FORMAT_NDJSON },
		{ "text/plain", FORMAT_PLAIN },
		{ "text/plain;charset=utf-8", FORMAT_PLAIN },
		{ "text/plain ; charset=utf-8 ; q=0.5", FORMAT_PLAIN },
		{ "application/x-ndjson, */*", FORMAT_NDJSON },
		{ "text/plain, text/*, */*", FORMAT_PLAIN },
		{ "text/plain;q=0.5, */*", FORMAT_EVENTS },
		{ "text/event-stream;q=0.4, application/x-ndjson;q=0.6, text/plain;q=0.5",
		  FORMAT_NDJSON },
		{ "text/event-stream;q=0, */*", FORMAT_NDJSON },
		{ "text/*;q=0, */*;q=0.1", FORMAT_NDJSON },
		{ "text/plain;Q=1.0,text/event-stream;q=0.999", FORMAT_PLAIN },
		{ "text/html, application/xhtml+xml, */*;q=0.8", FORMAT_EVENTS },
		{ "text/plain;q=x", FORMAT_PLAIN },
		{ "text/plain;q=", FORMAT_PLAIN },
		{ "text/plain;q", FORMAT_PLAIN },
		{ ",, ,text/plain,", FORMAT_PLAIN },
		{ "application/json", -1 },
		{ "text", -1 },
		{ "*", -1 },
		{ "text/plainer", -1 },
		{ "text/plain;q=0", -1 },
		{ "*/*;q=0", -1 },
		{ ";q=1", -1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		enum format f = FORMAT_COUNT;
		bool found = format_choose(cases[i].accept, &f);

		(void)state;
		CASE(found == (cases[i].format >= 0), cases[i].accept);
		CASE(!found || (int)f == cases[i].format, cases[i].accept);
	}
}

#define MESSAGE                                                                        \
	"{\"type\":\"message\",\"id\":\"x\",\"room_id\":\"" HALL "\",\"seq\":12,"      \
	"\"sender\":{\"id\":\"y\",\"login\":\"ann\"},\"kind\":\"text\","               \
	"\"text\":\"a \\\"seq\\\":99,\\n\\\"type\\\":\",\"data\":null,\"created_at\":" \
	"\"" TIME "\",\"deleted_at\":null}"

static void
an_event_has_its_place_its_type_and_the_frame_itself(void **state)
{
	assert_string_equal(form(*state, FORMAT_EVENTS, MESSAGE),
			    "id: 0123456789abcdef.12\nevent: message\ndata: " MESSAGE
			    "\n\n");
	assert_string_equal(form(*state, FORMAT_NDJSON, MESSAGE), MESSAGE "\n");
	assert_string_equal(form(*state, FORMAT_PLAIN, MESSAGE),
			    "12\t" TIME "\tann\ta \"seq\":99,\\n\"type\":\n");
}

static void
what_has_no_seq_has_no_id(void **state)
{
	static const char error[] =
		"{\"type\":\"error\",\"code\":\"too_slow\",\"detail\":\"d\"}";

	assert_string_equal(form(*state, FORMAT_EVENTS, error),
			    arena_printf(*state, "event: error\ndata: %s\n\n", error));
	assert_string_equal(form(*state, FORMAT_PLAIN, error),
			    "-\t2023-11-14T22:13:20.000Z\t*\ttoo_slow: d\n");
}

static void
frames_that_are_no_events_of_the_room_are_left_out(void **state)
{
	static const char *const types[] = { "ready",	 "typing",     "presence",
					     "receipt",	 "call",       "signal",
					     "activity", "room_added", "pong",
					     "ack",	 "left",       "token_expiring",
					     "",	 "messages" };

	for (size_t i = 0; i < COUNT(types); i++)
		CASE(!form(*state, FORMAT_NDJSON,
			   arena_printf(*state, "{\"type\":\"%s\",\"seq\":1}", types[i])),
		     types[i]);
	assert_null(form(*state, FORMAT_NDJSON, "{}"));
	assert_null(form(*state, FORMAT_NDJSON, "{\"type\":\"mess"));
}

static void
the_beginning_moves_the_cursor_without_an_event(void **state)
{
	struct strbuf out = { .arena = *state };

	format_begin(&out, FORMAT_EVENTS, &context, 5, 1500);
	format_heartbeat(&out, FORMAT_EVENTS);
	format_retry(&out, FORMAT_EVENTS, 2000);
	assert_string_equal(out.data, "retry: 1500\nid: 0123456789abcdef.5\n\n:\n\n"
				      "retry: 2000\n\n");
	out.len = 0;
	format_begin(&out, FORMAT_PLAIN, &context, 5, 1500);
	format_heartbeat(&out, FORMAT_NDJSON);
	format_retry(&out, FORMAT_NDJSON, 2000);
	assert_int_equal(out.len, 1);
}

static void
nothing_in_a_text_moves_the_cursor_or_turns_the_line(void **state)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a\tb\nc\rd", "a\\tb\\nc\\rd" },
		{ "C:\\n", "C:\\\\n" },
		{ "\x1b[2J\a\b", "\\u001b[2J\\u0007\\u0008" },
		{ "\x7f\xc2\x85\xc2\x9b", "\\u007f\\u0085\\u009b" },
		{ "\u202eabc\u202c", "\\u202eabc\\u202c" },
		{ "\u2066\u2069\u200e\u200f\u061c\u2028\u2029",
		  "\\u2066\\u2069\\u200e\\u200f\\u061c\\u2028\\u2029" },
		{ "привет 👩\u200d👩 שלום é\u00a0", "привет 👩\u200d👩 שלום é\u00a0" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct strbuf out = { .arena = *state };

		strbuf_puts(&out, "");
		plain_text(&out, cases[i].text);
		CASE(strcmp(out.data, cases[i].line) == 0, cases[i].line);
	}
}

#define EVENT(type, more)                                            \
	"{\"type\":\"" type "\",\"room_id\":\"" HALL "\",\"seq\":9," \
	"\"created_at\":\"" TIME "\"," more "}"
#define MEMBER(action, by, more)                                                         \
	EVENT("member", "\"user\":{\"id\":\"b\",\"login\":\"bob\"},\"action\":\"" action \
			"\",\"by\":\"" by "\"" more)
#define SAID(more) EVENT("message", "\"sender\":{\"id\":\"a\",\"login\":\"ann\"}," more)

static void
what_is_no_message_is_a_sentence_behind_an_asterisk(void **state)
{
	static const struct {
		const char *json, *line; /* follows seq and time */
	} cases[] = {
		{ MEMBER("joined", "b", ""), "*\tbob joined" },
		{ MEMBER("left", "b", ""), "*\tbob left" },
		{ MEMBER("left", "a", ""), "*\tbob was removed" },
		{ MEMBER("banned", "a", ""), "*\tbob was banned" },
		{ MEMBER("unbanned", "a", ""), "*\tbob was unbanned" },
		{ MEMBER("role", "a", ",\"role\":\"admin\""), "*\tbob is admin now" },
		{ MEMBER("muted", "a", ",\"muted_until\":\"" TIME "\""),
		  "*\tbob is muted until " TIME },
		{ MEMBER("muted", "a", ",\"muted_until\":null"),
		  "*\tbob may speak again" },
		{ EVENT("member", "\"user\":{\"id\":\"b\",\"login\":null},"
				  "\"action\":\"left\",\"by\":\"b\""),
		  "*\ta removed account left" },
		{ EVENT("room", "\"room\":{\"name\":\"Hall\\n\"}"),
		  "*\tthe room is now: Hall\\n" },
		{ EVENT("edited", "\"id\":\"x\",\"text\":\"new\""), "*\tnow reads: new" },
		{ EVENT("joined", "\"recovered\":false"),
		  "*\tearlier events are not shown here; see the history" },
		{ EVENT("room_left", "\"reason\":\"banned\""),
		  "*\tyou are no longer in the room: banned" },
		{ EVENT("room_removed", "\"x\":0"), "*\tthe room was removed" },
		{ SAID("\"kind\":\"text\",\"text\":null,\"deleted_at\":\"" TIME "\""),
		  "*\ta deleted message" },
		{ SAID("\"kind\":\"file\",\"text\":\"look\",\"data\":{\"name\":\"a\\tb\"}"),
		  "ann\t[file a\\tb] look" },
		{ SAID("\"kind\":\"image\",\"text\":null,\"data\":{\"name\":null}"),
		  "ann\t[image]" },
		{ SAID("\"kind\":\"location\",\"text\":\"\",\"data\":{\"lat\":1.5,"
		       "\"lon\":-2,\"label\":\"here\"}"),
		  "ann\t[location 1.5,-2 here]" },
		{ SAID("\"kind\":\"system\",\"text\":\"called\""), "*\tcalled" },
		{ EVENT("message", "\"sender\":{\"id\":\"a\",\"login\":null},"
				   "\"kind\":\"text\",\"text\":\"t\""),
		  "-\tt" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *line = form(*state, FORMAT_PLAIN, cases[i].json);

		CASE(strcmp(line, arena_printf(*state, "9\t" TIME "\t%s\n",
					       cases[i].line)) == 0,
		     line);
	}
}

static void
an_edited_message_is_named_by_its_seq(void **state)
{
	struct uuid id;

	uuid_of_message(ID_KEY, 7, 5, &id);
	assert_string_equal(
		form(*state, FORMAT_PLAIN,
		     arena_printf(*state, EVENT("deleted", "\"id\":\"%s\""), id.text)),
		"9\t" TIME "\t*\t5 was deleted\n");
	assert_string_equal(
		form(*state, FORMAT_PLAIN,
		     arena_printf(*state,
				  EVENT("reaction", "\"id\":\"%s\",\"emoji\":\"👍\","
						    "\"on\":true,\"count\":2"),
				  id.text)),
		"9\t" TIME "\t*\t5 got 👍\n");
}

static void
a_line_that_was_made_before_is_told_again_unless_the_event_reads_differently(void **state)
{
	static const char *const texts[] = { "one", "one", "two", "one" };
	struct plain_lines lines = {};

	for (size_t i = 0; i < COUNT(texts); i++)
		for (int seq = 1; seq <= 2 * PLAIN_LINES; seq++) {
			const char *json = arena_printf(
				*state,
				"{\"type\":\"message\",\"seq\":%d,\"text\":\"%s\"}", seq,
				texts[i]);
			struct strbuf once = { .arena = *state },
				      again = { .arena = *state };
			struct told t;

			assert_true(told_read(
				*state, frame_text(*state, json, strlen(json)).data, &t));
			strbuf_puts(&again, "before\n");
			plain_line(&once, &context, &t);
			plain_line_again(&lines, &again, &context, &t);
			plain_line_again(&lines, &again, &context, &t);
			assert_string_equal(again.data,
					    arena_printf(*state, "before\n%s%s",
							 once.data, once.data));
		}
	plain_lines_done(&lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_accept_header_chooses_by_q_then_by_name_then_by_our_order),
		T(an_event_has_its_place_its_type_and_the_frame_itself),
		T(what_has_no_seq_has_no_id),
		T(frames_that_are_no_events_of_the_room_are_left_out),
		T(the_beginning_moves_the_cursor_without_an_event),
		T(nothing_in_a_text_moves_the_cursor_or_turns_the_line),
		T(what_is_no_message_is_a_sentence_behind_an_asterisk),
		T(an_edited_message_is_named_by_its_seq),
		T(a_line_that_was_made_before_is_told_again_unless_the_event_reads_differently),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
