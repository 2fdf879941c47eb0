/* The room log: gapless, in the order of commit, each key once. */
#include <stdlib.h>
#include <string.h>

#include "tests/sql/ground.h"

static void
numbers_begin_after_the_owner_came_in_and_have_no_gap(void **state)
{
	const char *ann = new_user(), *room = new_room("public", ann, 10);

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct draft d = draft(room, ann, NULL, "hello");
		struct appended out = post(ground.db, &d, false);

		assert_int_equal(out.result, APPEND_OK);
		assert_int_equal(out.seq, 2 + i);
		assert_int_equal(out.ordinal, 1 + i);
	}
}

static void
the_same_key_is_stored_once_and_answers_with_the_first(void **state)
{
	const char *ann = new_user(), *room = new_room("public", ann, 10);
	struct draft d = draft(room, ann, "key-1", "hello");
	struct appended first = post(ground.db, &d, false),
			again = post(ground.db, &d, true);

	(void)state;
	assert_int_equal(first.result, APPEND_OK);
	assert_int_equal(again.result, APPEND_DUPLICATE);
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(again.ordinal, first.ordinal);
	assert_int_equal(again.created_at, first.created_at);
	assert_string_equal(
		sql("SELECT seq FROM room_heads h JOIN rooms r ON r.no = room_no"
		    " WHERE r.id = '%s'",
		    room),
		"2");
}

static void
the_same_key_with_another_text_is_refused(void **state)
{
	const char *ann = new_user(), *room = new_room("public", ann, 10);
	struct draft d = draft(room, ann, "key-1", "hello");
	struct draft other = draft(room, ann, "key-1", "good bye");

	(void)state;
	assert_int_equal(post(ground.db, &d, false).result, APPEND_OK);
	assert_int_equal(post(ground.db, &other, false).result, APPEND_MISMATCH);
}

static void
two_people_may_use_the_same_key(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);
	struct draft of_ann = draft(room, ann, "key-1", "hello");
	struct draft of_bob = draft(room, bob, "key-1", "hello");

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(post(ground.db, &of_ann, false).result, APPEND_OK);
	assert_int_equal(post(ground.db, &of_bob, false).result, APPEND_OK);
}

static void
a_batch_settles_its_own_doubles_and_numbers_only_what_it_takes(void **state)
{
	const char *ann = new_user(), *eve = new_user(),
		   *room = new_room("public", ann, 10);
	const char *other = new_room("public", ann, 10);
	struct draft drafts[] = {
		draft(room, ann, "a", "one"),	draft(room, eve, "b", "of a stranger"),
		draft(room, ann, "a", "one"),	draft(room, ann, "a", "not one"),
		draft(other, ann, "a", "else"), draft(room, ann, "c", "two"),
	};
	static const struct {
		enum append_result result;
		int seq;
	} expected[] = {
		{ APPEND_OK, 2 },	{ APPEND_NO_ROOM, 0 }, { APPEND_DUPLICATE, 2 },
		{ APPEND_MISMATCH, 2 }, { APPEND_OK, 2 },      { APPEND_OK, 3 },
	};
	struct appended out[6];

	(void)state;
	post_batch(ground.db, drafts, 6, true, out);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(out[i].result, expected[i].result);
		assert_int_equal(out[i].seq, expected[i].seq);
	}
}

static void
a_double_of_what_was_refused_is_too_unless_it_says_something_else(void **state)
{
	const char *ann = new_user(), *eve = new_user(),
		   *room = new_room("public", ann, 10);
	struct draft drafts[] = { draft(room, eve, "a", "one"),
				  draft(room, eve, "a", "one"),
				  draft(room, eve, "a", "not one") };
	struct appended out[3];

	(void)state;
	post_batch(ground.db, drafts, 3, true, out);
	assert_int_equal(out[0].result, APPEND_NO_ROOM);
	assert_int_equal(out[1].result, APPEND_NO_ROOM);
	assert_int_equal(out[2].result, APPEND_BUSY); /* repeated by itself later */
}

static void
who_may_not_write_is_told_why_and_takes_no_number(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);
	struct member_change ban = {
		.room_id = room, .by_id = ann, .user_id = bob, .banned = 1
	};
	struct member_change unban = ban, mute = ban;
	struct draft d = draft(room, bob, "key-1", "hello");
	struct draft nowhere = draft(ann, bob, "key-1", "hello");
	struct draft reply = draft(room, ann, "key-2", "hello");

	(void)state;
	unban.banned = 0;
	mute.banned = -1;
	mute.given_muted_until = true;
	mute.muted_until = 4102444800000;
	reply.reply_to_seq = 1; /* an event, but not a message */
	reply.reply_to_room_no = atol(sql("SELECT no FROM rooms WHERE id = '%s'", room));
	assert_int_equal(post(ground.db, &nowhere, false).result, APPEND_NO_ROOM);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_NO_ROOM);
	assert_int_equal(do_join(ground.db, room, bob).seq, 2);
	assert_int_equal(do_change(ground.db, &ban).seq, 3);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_BANNED);
	assert_int_equal(do_change(ground.db, &unban).seq, 4);
	assert_int_equal(do_change(ground.db, &mute).seq, 5);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_MUTED);
	mute.muted_until = 0;
	assert_int_equal(do_change(ground.db, &mute).seq, 6);
	assert_int_equal(post(ground.db, &reply, false).result, APPEND_NO_REPLY);
	assert_int_equal(post(ground.db, &d, false).seq, 7);
	reply.reply_to_seq = 7;
	reply.reply_to_room_no++;
	assert_int_equal(post(ground.db, &reply, false).result, APPEND_NO_REPLY);
	reply.reply_to_room_no--;
	assert_int_equal(post(ground.db, &reply, false).seq, 8);
}

static void
slow_mode_lets_one_through_also_within_a_batch(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);
	struct draft drafts[] = { draft(room, bob, "a", "one"),
				  draft(room, bob, "b", "two"),
				  draft(room, ann, "c", "the owner"),
				  draft(room, ann, "d", "is free") };
	struct appended out[4];

	(void)state;
	sql("UPDATE rooms SET settings = settings || '{\"slow_mode_s\": 60}' WHERE id = '%s'",
	    room);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	post_batch(ground.db, drafts, 4, true, out);
	assert_int_equal(out[0].result, APPEND_OK);
	assert_int_equal(out[1].result, APPEND_SLOW);
	assert_int_equal(out[2].result, APPEND_OK);
	assert_int_equal(out[3].result, APPEND_OK);
	out[0] = post(ground.db, &drafts[1], false);
	assert_int_equal(out[0].result, APPEND_SLOW);
	assert_in_range(out[0].retry_after_s, 1, 60);
}

static const char *
nulls_for(const char *statement)
{
	const char *list = "NULL";
	int highest = 0;

	while ((statement = strchr(statement, '$'))) {
		int n = atoi(++statement);

		highest = n > highest ? n : highest;
	}
	while (--highest > 0)
		list = arena_printf(ground.arena, "%s, NULL", list);
	return list;
}

/* No question about a message may be answered by scanning a whole table, which a plan
 * made while the tables were small would go on doing. */
static void
no_question_reads_a_whole_table(void **state)
{
	(void)state;
	sql("SET plan_cache_mode = force_generic_plan");
	sql("SET enable_seqscan = off");
	sql("SET foyer.held = '{}'");
	for (int i = 0; roomlog_append_statements[i]; i++) {
		const char *asked = roomlog_append_statements[i]->sql;

		sql("PREPARE asked AS %s", asked);
		assert_null(
			strstr(sql("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE asked (%s)",
				   nulls_for(asked)),
			       "hashed SubPlan"));
		sql("DEALLOCATE asked");
	}
	sql("RESET ALL");
}

/* ---- mentions ------------------------------------------------------------------ */

/* A list of ids as the statement returns it. */
static const char *
list(const char *one, const char *two)
{
	return two ? arena_printf(ground.arena, "[\"%s\",\"%s\"]", one, two)
		   : arena_printf(ground.arena, "[\"%s\"]", one);
}

static void
members_are_mentioned_by_their_logins_and_nobody_else(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *eve = new_user(),
		   *zoe = new_user(), *room = new_room("group", ann, 10);
	struct member_change ban = {
		.room_id = room, .by_id = ann, .user_id = zoe, .banned = 1
	};
	struct draft d =
		draft(room, bob, NULL,
		      arena_printf(ground.arena, "%s: %s, %s %s %s? @nobody.at.all",
				   at(ann), at(bob), at(ann), at(eve), at(zoe)));
	struct draft plain = draft(room, bob, NULL, "ann");
	struct appended out;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, zoe).result, MEMBER_OK);
	assert_int_equal(do_change(ground.db, &ban).result, MEMBER_OK);
	out = post(ground.db, &d, false);
	assert_int_equal(out.result, APPEND_OK);
	assert_string_equal(out.mentions, list(ann, bob));
	assert_string_equal(
		sql("SELECT array_to_json(mentions) FROM log WHERE room_no = %ld"
		    " AND seq = %ld",
		    (long)out.room_no, (long)out.seq),
		out.mentions);
	assert_string_equal(sql("SELECT count(*) FROM mentions WHERE room_no = %ld"
				" AND seq = %ld AND user_id IN ('%s', '%s')",
				(long)out.room_no, (long)out.seq, ann, bob),
			    "2");
	assert_null(post(ground.db, &plain, false).mentions);
	assert_string_equal(sql("SELECT count(*) FROM mentions WHERE room_no = %ld",
				(long)out.room_no),
			    "2");
	assert_null(post(ground.db, &d, false).mentions); /* told only the first time */
}

static void
a_block_either_way_is_no_mention(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *zoe = new_user(),
		   *room = new_room("group", ann, 10);
	const char *text = arena_printf(ground.arena, "%s %s", at(bob), at(zoe));

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, zoe).result, MEMBER_OK);
	block(ann, bob);
	assert_string_equal(
		post(ground.db, (struct draft[]){ draft(room, ann, NULL, text) }, false)
			.mentions,
		list(zoe, NULL));
	block(zoe, ann);
	assert_null(
		post(ground.db, (struct draft[]){ draft(room, ann, NULL, text) }, false)
			.mentions);
}

static void
in_a_batch_each_message_has_its_own_mentions(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10),
		   *other = new_room("group", ann, 10);
	struct draft drafts[] = {
		draft(room, ann, "a", "nobody"), draft(room, ann, "b", at(bob)),
		draft(other, ann, "a", at(bob)), draft(room, ann, "c", at(ann)),
		draft(room, ann, "b", at(bob)),	 draft(room, bob, "a", at(ann)),
	};
	struct db *broker = ground_connect("foyer_broker");
	struct appended out[6];

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	post_batch(broker, drafts, 6, true, out);
	db_close(broker);
	assert_null(out[0].mentions);
	assert_string_equal(out[1].mentions, list(bob, NULL));
	assert_int_equal(out[2].result, APPEND_OK);
	assert_null(out[2].mentions); /* bob is not a member */
	assert_string_equal(out[3].mentions, list(ann, NULL));
	assert_int_equal(out[4].result, APPEND_DUPLICATE);
	assert_string_equal(out[5].mentions, list(ann, NULL));
	assert_string_equal(sql("SELECT string_agg(seq::text, ' ' ORDER BY seq)"
				" FROM mentions WHERE room_no = %ld",
				(long)out[0].room_no),
			    "4 5 6");
}

/* ---- files --------------------------------------------------------------------- */

static const char *
new_file(const char *user_id, const char *mime)
{
	return sql("WITH b AS (INSERT INTO blobs (sha256, size, mime, width, has_thumb)"
		   " VALUES (sha256(gen_random_uuid()::text::bytea), 9, '%s', 4, true)"
		   " RETURNING sha256) INSERT INTO files (user_id, sha256, name)"
		   " SELECT '%s', sha256, 'a cat.png' FROM b RETURNING id",
		   mime, user_id);
}

static struct draft
file_draft(const char *room, const char *sender, enum message_kind kind, const char *file)
{
	struct draft d = draft(room, sender, NULL, NULL);

	d.kind = kind;
	d.file_id = file;
	d.data = arena_printf(ground.arena,
			      "{\"file_id\": \"%s\", \"width\": 1, \"height\": 3}", file);
	return d;
}

static void
a_message_carries_a_file_of_its_sender_with_what_is_known_of_it(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10),
		   *image = new_file(ann, "image/png"),
		   *text = new_file(ann, "text/plain");
	struct draft d = file_draft(room, ann, MESSAGE_IMAGE, image),
		     none = file_draft(room, ann, MESSAGE_IMAGE, text),
		     his = file_draft(room, bob, MESSAGE_FILE, image);
	struct db *broker = ground_connect("foyer_broker");
	struct appended out;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(post(broker, &his, false).result, APPEND_NO_FILE);
	assert_int_equal(post(broker, &none, false).result, APPEND_NO_IMAGE);
	out = post(broker, &d, false);
	assert_int_equal(out.result, APPEND_OK);
	assert_string_equal(out.data,
			    sql("SELECT data FROM log WHERE room_no = %ld AND seq = %ld",
				(long)out.room_no, (long)out.seq));
	assert_string_equal(
		sql("SELECT concat_ws(' ', data->>'file_id' = '%s', data->>'name',"
		    " data->>'size', data->>'mime', data->>'width', data->>'height',"
		    " data->>'has_thumb', data ? 'duration') FROM log"
		    " WHERE room_no = %ld AND seq = %ld",
		    image, (long)out.room_no, (long)out.seq),
		"t a cat.png 9 image/png 4 3 true f"); /* 4: the server's own value */
	assert_string_equal(sql("SELECT file_id FROM file_links WHERE room_no = %ld"
				" AND seq = %ld",
				(long)out.room_no, (long)out.seq),
			    image);
	assert_int_equal(post(broker, &his, false).result, APPEND_OK); /* reads it now */
	db_close(broker);
}

/* ---- direct rooms -------------------------------------------------------------- */

static void
in_a_direct_room_only_who_is_let_writes(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 2);
	struct draft d = draft(room, ann, "a", "hello");
	struct appended first;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	sql("UPDATE rooms SET kind = 'direct', join_by_id = false WHERE id = '%s'", room);
	first = post(ground.db, &d, false);
	assert_int_equal(first.result, APPEND_OK);
	d = draft(room, ann, "b", "hello");
	block(bob, ann);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_CANNOT_WRITE);
	sql("DELETE FROM contacts WHERE user_id = '%s'", bob);
	block(ann, bob);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_CANNOT_WRITE);
	sql("UPDATE contacts SET blocked = false WHERE user_id = '%s'", ann);
	sql("UPDATE users SET settings = settings || '{\"who_can_write\": \"contacts\"}'"
	    " WHERE id = '%s'",
	    bob);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_CANNOT_WRITE);
	sql("INSERT INTO contacts (user_id, contact_id) VALUES ('%s', '%s')", bob, ann);
	assert_int_equal(post(ground.db, &d, false).seq, first.seq + 1);
	sql("UPDATE users SET settings = settings || '{\"who_can_write\": \"nobody\"}'"
	    " WHERE id = '%s'",
	    bob);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_DUPLICATE);
	d = draft(room, ann, "c", "hello");
	assert_int_equal(post(ground.db, &d, false).result, APPEND_CANNOT_WRITE);
	sql("DELETE FROM users WHERE id = '%s'", bob);
	assert_int_equal(post(ground.db, &d, false).result, APPEND_CANNOT_WRITE);
}

/* ---- two at the same time ------------------------------------------------------ */

static const struct stmt sleep_statement = { "sleep", "SELECT pg_sleep(0.7)" };

/* Bans, and keeps the lock for a while before the commit. */
static int
ban_slowly(void *arg)
{
	static const struct stmt *const own[] = { &sleep_statement, NULL };
	static const struct stmt *const *const lists[] = { members_statements,
							   roomlog_append_statements, own,
							   NULL };
	struct db_settings s = { .conninfo = getenv("FOYER_TEST_DATABASE"),
				 .application = "slow ban",
				 .statement_timeout_ms = 20000,
				 .lock_timeout_ms = 20000,
				 .stmts = lists };
	struct arena *a = arena_new();
	struct db_call calls[3];
	struct rows rows[3];
	struct db *db;
	enum err err = db_open(&s, &db);

	members_change_calls(a, arg, calls);
	calls[2] = (struct db_call){ .stmt = &sleep_statement };
	if (err == OK)
		err = db_batch(db, a, calls, 3, rows);
	arena_free(a);
	db_close(db);
	return (int)err;
}

static void
whoever_is_banned_by_the_one_we_waited_for_does_not_post(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("public", ann, 10);
	struct member_change ban = {
		.room_id = room, .by_id = ann, .user_id = bob, .banned = 1
	};
	struct draft d = draft(room, bob, "key-1", "hello");
	int child;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	child = fork_child(ban_slowly, &ban);
	wait_until_asleep("slow ban");
	assert_int_equal(post(ground.db, &d, false).result, APPEND_BANNED);
	assert_int_equal(join_child(child), OK);
}

static void
a_room_that_somebody_holds_is_skipped_and_the_others_go_on(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *held = new_room("public", ann, 10);
	const char *unheld = new_room("public", ann, 10);
	struct member_change ban = {
		.room_id = held, .by_id = ann, .user_id = bob, .banned = 1
	};
	struct draft drafts[] = { draft(held, ann, "a", "hello"),
				  draft(unheld, ann, "a", "hello") };
	struct appended out[2];
	int child = fork_child(ban_slowly, &ban);

	(void)state;
	wait_until_asleep("slow ban");
	post_batch(ground.db, drafts, 2, true, out);
	assert_int_equal(out[0].result, APPEND_BUSY);
	assert_int_equal(out[1].result, APPEND_OK);
	assert_int_equal(join_child(child), OK);
	assert_int_equal(post(ground.db, &drafts[0], true).result, APPEND_OK);
}

static void
a_room_that_somebody_holds_is_waited_for_as_long_as_was_said(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *held = new_room("public", ann, 10);
	struct member_change ban = {
		.room_id = held, .by_id = ann, .user_id = bob, .banned = 1
	};
	struct draft d = draft(held, ann, "a", "hello");
	struct db_call calls[1 + ROOMLOG_APPEND_CALLS];
	struct rows rows[1 + ROOMLOG_APPEND_CALLS];
	struct appended out;
	int child = fork_child(ban_slowly, &ban);

	(void)state;
	wait_until_asleep("slow ban");
	calls[0] = roomlog_wait_call(ground.arena, 10);
	roomlog_append_calls(ground.arena, &d, 1, false, calls + 1);
	assert_int_equal(db_batch(ground.db, ground.arena, calls, 3, rows),
			 ERR_UNAVAILABLE);
	assert_int_equal(join_child(child), OK);
	assert_int_equal(db_batch(ground.db, ground.arena, calls, 3, rows), OK);
	roomlog_append_read(ground.arena, rows + 1, &d, 1, &out);
	assert_int_equal(out.result, APPEND_OK);
}

static const char *crowd_room;

static int
post_a_lot(void *arg)
{
	const char *user = arg;
	int refused = 0;

	ground.db = ground_connect("foyer_broker");
	for (int i = 0; i < 100; i++) {
		struct draft d = draft(crowd_room, user, NULL, "hello");

		refused += post(ground.db, &d, false).result != APPEND_OK;
	}
	db_close(ground.db);
	return refused;
}

static void
writers_at_once_leave_no_gap_and_time_runs_with_seq(void **state)
{
	const char *ann = new_user();
	int children[4];

	(void)state;
	crowd_room = new_room("public", ann, 10);
	for (int i = 0; i < 4; i++)
		children[i] = fork_child(post_a_lot, (void *)(uintptr_t)ann);
	for (int i = 0; i < 4; i++)
		assert_int_equal(join_child(children[i]), 0);
	assert_string_equal(
		sql("SELECT concat_ws(' ', count(*), min(seq), max(seq), bool_and(forward))"
		    " FROM (SELECT seq, l.created_at >= lag(l.created_at, 1, l.created_at)"
		    "  OVER (ORDER BY seq) AS forward FROM log l JOIN rooms r ON r.no = room_no"
		    "  WHERE r.id = '%s') l",
		    crowd_room),
		"401 1 401 t");
}

/* ---- reading ------------------------------------------------------------------- */

static void
events_are_read_after_a_seq_with_who_did_them(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10);
	struct draft d = draft(room, ann, "key-1", "Привет 👋 \"quoted\" \\ back");
	struct db_call call;
	struct rows rows;
	struct listening to;
	struct event e;

	(void)state;
	d.data = "{\"lat\": 1.5}";
	assert_int_equal(post(ground.db, &d, false).seq, 2);
	assert_int_equal(do_join(ground.db, room, bob).seq, 3);
	call = roomlog_listen_call(ground.arena, room, bob);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_int_equal(roomlog_listen_read(&rows, &to), OK);
	assert_true(to.is_member && !to.is_banned);
	assert_int_equal(to.seq, 3);
	call = roomlog_after_call(ground.arena, to.room_no, 1, 10);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_int_equal(rows.count, 2);
	roomlog_event_from(&rows, 0, 0, room, &e);
	assert_int_equal(e.type, EVENT_MESSAGE);
	assert_string_equal(e.text, d.text);
	assert_string_equal(e.actor.id, ann);
	assert_string_equal(e.client_id, "key-1");
	roomlog_event_from(&rows, 1, 0, room, &e);
	assert_int_equal(e.type, EVENT_MEMBER);
	assert_string_equal(e.subject.id, bob);
}

static void
whose_account_is_gone_is_still_somebody(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10);
	struct db_call call;
	struct rows rows;
	struct event e;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).seq, 2);
	assert_int_equal(
		post(ground.db, (struct draft[]){ draft(room, bob, NULL, "x") }, false)
			.seq,
		3);
	sql("DELETE FROM users WHERE id = '%s'", bob);
	call = roomlog_after_call(ground.arena,
				  atol(sql("SELECT no FROM rooms WHERE id = '%s'", room)),
				  1, 10);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	roomlog_event_from(&rows, 0, 0, room, &e);
	assert_string_equal(e.subject.id, bob);
	assert_null(e.subject.login);
	roomlog_event_from(&rows, 1, 0, room, &e);
	assert_string_equal(e.actor.id, bob);
	assert_string_equal(
		json_print(ground.arena, json_person(ground.arena, &e.actor), NULL),
		arena_printf(ground.arena,
			     "{\"id\":\"%s\",\"login\":null,\"name\":null,"
			     "\"avatar_url\":null}",
			     bob));
}

static void
unread_is_what_others_wrote_since_i_last_wrote_or_read(void **state)
{
	const char *ann = new_user(), *bob = new_user(),
		   *room = new_room("group", ann, 10);
	struct db_call call;
	struct rows rows;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).seq, 2);
	for (int i = 0; i < 3; i++) {
		struct draft d = draft(room, ann, NULL, "hello");

		assert_int_equal(post(ground.db, &d, false).result, APPEND_OK);
	}
	call = roomlog_recent_call(ground.arena, bob, 10);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_string_equal(rows_text(&rows, 0, 0), room);
	assert_int_equal(rows_int(&rows, 0, 3), 3);
	call = roomlog_recent_call(ground.arena, ann, 10);
	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	assert_int_equal(rows_int(&rows, 0, 3), 0);
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(numbers_begin_after_the_owner_came_in_and_have_no_gap),
		T(the_same_key_is_stored_once_and_answers_with_the_first),
		T(the_same_key_with_another_text_is_refused),
		T(two_people_may_use_the_same_key),
		T(a_batch_settles_its_own_doubles_and_numbers_only_what_it_takes),
		T(a_double_of_what_was_refused_is_too_unless_it_says_something_else),
		T(who_may_not_write_is_told_why_and_takes_no_number),
		T(slow_mode_lets_one_through_also_within_a_batch),
		T(no_question_reads_a_whole_table),
		T(members_are_mentioned_by_their_logins_and_nobody_else),
		T(a_block_either_way_is_no_mention),
		T(in_a_batch_each_message_has_its_own_mentions),
		T(a_message_carries_a_file_of_its_sender_with_what_is_known_of_it),
		T(in_a_direct_room_only_who_is_let_writes),
		T(whoever_is_banned_by_the_one_we_waited_for_does_not_post),
		T(a_room_that_somebody_holds_is_waited_for_as_long_as_was_said),
		T(a_room_that_somebody_holds_is_skipped_and_the_others_go_on),
		T(writers_at_once_leave_no_gap_and_time_runs_with_seq),
		T(events_are_read_after_a_seq_with_who_did_them),
		T(whose_account_is_gone_is_still_somebody),
		T(unread_is_what_others_wrote_since_i_last_wrote_or_read),
	};

	return cmocka_run_group_tests_name("roomlog", tests, ground_setup,
					   ground_teardown);
}
