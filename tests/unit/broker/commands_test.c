#include <glob.h>

#include "broker/commands.h"
#include "tests/unit/broker/fake.h"

static void
what_is_wrong_with_a_frame_is_told_and_the_connection_stays(void **state)
{
	static const struct {
		const char *frame, *says;
	} cases[] = {
		{ "{}", "\"field\":\"type\"" },
		{ "{\"type\":7}", "\"field\":\"type\"" },
		{ "{\"type\":null}", "\"field\":\"type\"" },
		{ "{\"type\":\"explode\",\"ref\":\"r\"}",
		  "\"ref\":\"r\",\"code\":\"invalid\"" },
		{ "{\"type\":\"ping\",\"ref\":7}", "\"field\":\"ref\"" },
		{ "{\"type\":\"ping\",\"nope\":1,\"ref\":\"r\"}", "\"field\":\"nope\"" },
		{ "{\"type\":\"ping\",\"ref\":\"a\\u0000b\"}", "\"field\":\"ref\"" },
		{ "{\"type\":\"join\"}", "\"field\":\"room_id\"" },
		{ "{\"type\":\"join\",\"room_id\":\"x\"}", "\"field\":\"room_id\"" },
		{ "{\"type\":\"join\",\"room_id\":[]}", "\"field\":\"room_id\"" },
		{ "{\"type\":\"join\",\"room_id\":\"" HALL "\",\"after\":-1}",
		  "\"field\":\"after\"" },
		{ "{\"type\":\"join\",\"room_id\":\"" HALL "\",\"after\":1.5}",
		  "\"field\":\"after\"" },
		{ "{\"type\":\"join\",\"room_id\":\"" HALL "\",\"after\":\"\"}",
		  "\"field\":\"after\"" },
		{ "{\"type\":\"join\",\"room_id\":\"" HALL "\",\"after\":true}",
		  "\"field\":\"after\"" },
		{ "{\"type\":\"join\",\"room_id\":\"" HALL "\",\"room\":\"" HALL "\"}",
		  "invalid" },
		{ "{\"type\":\"message\",\"text\":\"x\"}", "\"field\":\"room_id\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL "\"}",
		  "\"field\":\"text\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL "\",\"text\":\"\"}",
		  "\"field\":\"text\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL "\",\"text\":7}",
		  "\"field\":\"text\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL "\",\"text\":\"a\\u0000\"}",
		  "\"field\":\"text\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL
		  "\",\"text\":\"x\",\"kind\":\"system\"}",
		  "\"field\":\"kind\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL
		  "\",\"text\":\"x\",\"client_id\":\"a b\"}",
		  "\"field\":\"client_id\"" },
		{ "{\"type\":\"message\",\"room_id\":\"" HALL
		  "\",\"text\":\"x\",\"reply_to\":\"ann\"}",
		  "\"field\":\"reply_to\"" },
		{ "{\"type\":\"leave\",\"room_id\":7}", "\"field\":\"room_id\"" },
		{ "{\"type\":\"auth\"}", "\"field\":\"token\"" },
	};
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *sent;

		fake_say(ann, cases[i].frame);
		fake_turn_ends();
		sent = fake_next(fake.arena, &w);
		CASE(sent && strstr(sent, "\"type\":\"error\""), cases[i].frame);
		CASE(strstr(sent, cases[i].says), cases[i].frame);
		CASE(ann->state == CONN_READY, cases[i].frame);
	}
	assert_int_equal(fake_waiting(), 0);
	assert_int_equal(fake.broker.writer.lanes.posts, 0);
}

static void
what_is_no_object_closes_with_4400(void **state)
{
	static const char *const frames[] = {
		"",
		"{",
		"[1]",
		"7",
		"null",
		"\"x\"",
		"{\"type\":\"ping\"}x",
		"{\"type\":\"ping\",}",
		"{\"a\":\xff}",
		"{\"type\":\"ping\",\"type\":\"ping\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		struct fake_wire w;
		struct conn *c = fake_conn(&w, ANN);

		fake_say(c, frames[i]);
		EXPECT(&w, "\"code\":\"malformed\"");
		EXPECT(&w, "close 4400 malformed");
		fake_say(c, "{\"type\":\"ping\"}"); /* ignored */
		fake_turn_ends();
		EXPECT_NOTHING(&w);
		conn_on_gone(c);
		fake_turn_ends();
	}
}

static void
binary_and_oversized_frames_close_with_4400(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *c;
	char big[1000];

	(void)state;
	c = fake_conn(&w1, ANN);
	conn_on_data(c, "{}", 2, true, true, 0);
	EXPECT(&w1, "malformed");
	EXPECT(&w1, "close 4400");

	c = fake_conn(&w2, ANN); /* announced as larger than the limit */
	conn_on_data(c, "{", 1, false, false, (size_t)1 << 62);
	EXPECT(&w2, "too_large");
	EXPECT(&w2, "close 4400");

	c = fake_conn(&w3, ANN); /* or growing beyond the limit */
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 131; i++)
		conn_on_data(c, big, sizeof(big), false, false, 0);
	EXPECT_NOTHING(&w3);
	conn_on_data(c, big, sizeof(big), false, false, 0);
	EXPECT(&w3, "too_large");
	EXPECT(&w3, "close 4400");
}

static void
fragments_are_put_together(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	const char *frame = "{\"type\":\"ping\",\"ref\":\"bits\"}";

	(void)state;
	conn_on_data(ann, "", 0, false, false, 0);
	for (const char *p = frame; *p; p++)
		conn_on_data(ann, p, 1, false, false, 0);
	conn_on_data(ann, "", 0, true, false, 0);
	fake_turn_ends();
	EXPECT(&w, "{\"type\":\"pong\",\"ref\":\"bits\"}");
	assert_null(ann->partial);
}

static void
a_stranger_says_auth_and_nothing_else(void **state)
{
	static const struct {
		const char *frame, *code;
	} cases[] = {
		{ "{\"type\":\"ping\",\"ref\":\"r\"}", "close 4401 token_invalid" },
		{ "{\"type\":\"message\"}", "close 4401 token_invalid" },
		{ "{\"type\":\"explode\"}", "close 4401 token_invalid" },
		{ "{\"type\":\"auth\"}", "close 4400 invalid" },
		{ "{", "close 4400 malformed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hello hello = { .kind = HELLO_SOCKET,
					     .address = "192.0.2.1" };
		struct fake_wire w = {};
		struct conn *c = w.conn = conn_new(&fake.broker, &fake_ops, &w, &hello);

		fake_say(c, cases[i].frame);
		EXPECT(&w, "\"type\":\"error\"");
		EXPECT(&w, cases[i].code);
		conn_on_gone(c);
		fake_turn_ends();
	}
}

static void
more_than_the_rate_is_refused_and_much_more_ends_it(void **state)
{
	struct fake_wire w;
	struct conn *ann;
	int pongs = 0, refused = 0;
	const char *sent = NULL;

	(void)state;
	fake.config.requests_burst = 10;
	fake.config.requests_per_second = 1;
	fake.config.max_outbox_frames = 10000;
	fake.config.max_outbox_bytes = 1 << 20;
	ann = fake_conn(&w, "00000000-0000-4000-8000-0000000000f1");
	for (int i = 0; i < 1000 && ann->state == CONN_READY; i++)
		fake_say(ann, "{\"type\":\"ping\"}");
	fake_turn_ends();
	while ((sent = fake_next(fake.arena, &w)) && strncmp(sent, "close", 5) != 0) {
		if (strstr(sent, "pong"))
			pongs++;
		else if (strstr(sent, "\"rate_limited\"") &&
			 strstr(sent, "\"retry_after\":"))
			refused++;
	}
	assert_int_equal(pongs, 18); /* 10, and two for each room it may join */
	assert_true(refused >= 500);
	assert_string_equal(sent, "close 4429 rate_limited");
}

static void
a_connection_joins_so_many_rooms(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	for (int i = 0; i < 5; i++)
		fake_say(ann, arena_printf(fake.arena,
					   "{\"type\":\"join\",\"room_id\":"
					   "\"10000000-0000-4000-8000-00000000000%d\"}",
					   i));
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 4);
	EXPECT(&w, "\"rate_limited\"");
	assert_int_equal(ann->listener_count, 4);
}

static void
what_follows_a_join_waits_for_it(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_say(ann, "{\"type\":\"join\",\"room_id\":\"" HALL "\"}");
	assert_false(w.is_held);
	fake_say(ann, "{\"type\":\"ping\"}"); /* does not depend on the join */
	assert_false(w.is_held);
	fake_say(ann, "{\"type\":\"message\",\"room_id\":\"" HALL "\",\"text\":\"hi\"}");
	assert_true(w.is_held);
	assert_int_equal(fake.broker.writer.lanes.posts, 0);
	fake_member("3");
	assert_false(w.is_held);
	assert_int_equal(fake.broker.writer.lanes.posts, 1);
	fake_turn_ends();
	EXPECT(&w, "pong");
	EXPECT(&w, "joined");
}

static void
a_stranger_to_the_room_becomes_a_member_first(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	struct rows rows[2];

	(void)state;
	fake_say(ann, "{\"type\":\"join\",\"ref\":\"j\",\"room_id\":\"" HALL "\"}");
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "7", "3", "1", "1", "9", "f", "f", "0", "f"));
	rows[0] = *ROWS(1, "{7}");
	rows[1] = *ROWS(4, "ok", "7", "4", "f");
	fake_answer(fake_asked("members_join"), OK, rows);
	fake_member("4");
	fake_turn_ends();
	EXPECT(&w, "\"joined\",\"ref\":\"j\",\"room_id\":\"" HALL "\",\"seq\":4,");
}

static void
a_locked_room_is_joined_a_little_later(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_say(ann, "{\"type\":\"join\",\"room_id\":\"" HALL "\"}");
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "7", "3", "1", "1", "9", "f", "f", "0", "f"));
	fake_answer(fake_asked("members_join"), OK,
		    (struct rows[]){ *ROWS(1, "{}"), *fake_rows(0, 4, NULL) });
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0);
	assert_int_equal(joins_next_ms(&fake.broker),
			 fake.broker.clock_ms + JOIN_REST_MS);
	fake_time(JOIN_REST_MS);
	fake_turn_ends();
	fake_answer(fake_asked("members_join"), OK,
		    (struct rows[]){ *ROWS(1, "{7}"), *ROWS(4, "ok", "7", "4", "f") });
	fake_member("4");
	fake_turn_ends();
	EXPECT(&w, "joined");
}

static void
who_may_not_join_hears_why(void **state)
{
	static const struct {
		const char *verdict, *code;
	} cases[] = {
		{ "full", "\"code\":\"room_full\"" },
		{ "banned", "\"code\":\"forbidden\"" },
	};
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rows rows[2];

		fake_say(ann,
			 "{\"type\":\"join\",\"ref\":\"j\",\"room_id\":\"" HALL "\"}");
		fake_answer(fake_asked("log_listen"), OK,
			    ROWS(9, "7", "3", "1", "1", "9", "f", "f", "0", "f"));
		rows[0] = *ROWS(1, "{7}");
		rows[1] = *ROWS(4, cases[i].verdict, "7", "3", "f");
		fake_answer(fake_asked("members_join"), OK, rows);
		fake_turn_ends();
		EXPECT(&w, cases[i].code);
		assert_int_equal(rooms_count(&fake.broker.rooms), 0);
		assert_int_equal(ann->state, CONN_READY);
	}
}

static void
leaving_is_answered_whether_or_not_one_listened(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "3");
	EXPECT(&w, "joined");
	for (int i = 0; i < 2; i++) {
		fake_say(ann, "{\"type\":\"leave\",\"ref\":\"l\",\"room\":\"" HALL "\"}");
		fake_turn_ends();
		EXPECT(&w, "{\"type\":\"left\",\"ref\":\"l\",\"room_id\":\"" HALL "\"}");
	}
	assert_int_equal(rooms_count(&fake.broker.rooms), 0);
}

/* The fuzzer derives its inputs from these files, so each frame needs one. */
static void
each_frame_has_a_seed_in_the_corpus(void **state)
{
	const char *corpus = "";
	glob_t files;

	assert_int_equal(glob("fuzz/corpus/frames/*", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		static char text[65536];
		FILE *f = fopen(files.gl_pathv[i], "r");

		assert_non_null(f);
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		fclose(f);
		corpus = arena_printf(*state, "%s%s", corpus, text);
	}
	globfree(&files);
	for (const struct command *const *t = command_tables; *t; t++)
		for (const struct command *c = *t; c->name; c++)
			CASE(strstr(corpus,
				    arena_printf(*state, "\"type\": \"%s\"", c->name)),
			     c->name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(what_is_wrong_with_a_frame_is_told_and_the_connection_stays),
		B(what_is_no_object_closes_with_4400),
		B(binary_and_oversized_frames_close_with_4400),
		B(fragments_are_put_together),
		B(a_stranger_says_auth_and_nothing_else),
		B(more_than_the_rate_is_refused_and_much_more_ends_it),
		B(a_connection_joins_so_many_rooms),
		B(what_follows_a_join_waits_for_it),
		B(a_stranger_to_the_room_becomes_a_member_first),
		B(a_locked_room_is_joined_a_little_later),
		B(who_may_not_join_hears_why),
		B(leaving_is_answered_whether_or_not_one_listened),
		B(each_frame_has_a_seed_in_the_corpus),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
