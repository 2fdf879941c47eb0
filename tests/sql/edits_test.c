/* Messages after posting: edits, deletions, reactions; and how far they are read. */
#include "shared/text.h"
#include "tests/sql/ground.h"

static struct edit_outcome
run(const struct db_call calls[EDITS_CALLS])
{
	struct rows rows[EDITS_CALLS];
	struct edit_outcome out;

	assert_int_equal(db_batch(ground.db, ground.arena, calls, EDITS_CALLS, rows), OK);
	edits_read(rows, &out);
	return out;
}

static struct edit_outcome
do_edit(const struct edit_of *of, const char *text)
{
	struct db_call calls[EDITS_CALLS];

	edits_text_calls(ground.arena, of, text, calls);
	return run(calls);
}

static struct edit_outcome
do_delete(const struct edit_of *of)
{
	struct db_call calls[EDITS_CALLS];

	edits_delete_calls(ground.arena, of, calls);
	return run(calls);
}

static struct edit_outcome
do_react(const struct edit_of *of, const char *emoji, bool on)
{
	struct db_call calls[EDITS_CALLS];

	edits_react_calls(ground.arena, of, emoji, on, calls);
	return run(calls);
}

/* A message in a new room of ann's. */
static struct edit_of
new_message(const char *ann, const char **out_room)
{
	struct appended appended;
	struct draft d;

	*out_room = new_room("group", ann, 10);
	d = draft(*out_room, ann, NULL, "one");
	appended = post(ground.db, &d, false);
	assert_int_equal(appended.result, APPEND_OK);
	return (struct edit_of){ appended.room_no, appended.seq, ann, NULL };
}

/* Every event from the message on, and whether the head agrees. */
static const char *
log_of(const struct edit_of *of)
{
	return sql(
		"SELECT concat(string_agg(concat(l.type, ':', l.text), ' ' ORDER BY l.seq),"
		" CASE WHEN max(l.seq) = max(h.seq) AND max(l.ordinal) = max(h.messages)"
		"  THEN '' ELSE ' WRONG HEAD' END)"
		" FROM log l JOIN room_heads h ON h.room_no = l.room_no"
		" WHERE l.room_no = %ld AND l.seq >= %ld",
		(long)of->room_no, (long)of->seq);
}

static void
an_edit_is_an_event_and_only_if_something_changes(void **state)
{
	const char *room;
	struct edit_of of = new_message(new_user(), &room);
	struct edit_outcome out = do_edit(&of, "two");

	(void)state;
	assert_int_equal(out.result, EDIT_OK);
	assert_int_equal(out.seq, of.seq + 1);
	assert_string_equal(out.room_id, room);
	out = do_edit(&of, "two");
	assert_int_equal(out.result, EDIT_UNCHANGED);
	assert_int_equal(out.seq, of.seq + 1);
	assert_int_equal(do_edit(&of, NULL).result, EDIT_NO_TEXT);
	assert_string_equal(log_of(&of), "message:two edited:");
}

/* Every event after the message, as readers of the log see it. */
static const char *
read_log(const struct edit_of *of)
{
	struct strbuf b = { .arena = ground.arena };
	struct db_call call = roomlog_after_call(ground.arena, of->room_no, of->seq, 100);
	struct rows rows;

	assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
	for (int i = 0; i < rows.count; i++) {
		struct event e;

		roomlog_event_from(&rows, i, 0, "", &e);
		strbuf_printf(&b, "%s%s:%s", i ? " " : "", event_type_names[e.type],
			      e.text ? e.text : "-");
	}
	return b.data;
}

static void
what_was_edited_away_is_nowhere_and_every_edit_tells_how_it_reads_now(void **state)
{
	const char *room;
	struct edit_of of = new_message(new_user(), &room);

	(void)state;
	assert_int_equal(do_edit(&of, "two").result, EDIT_OK);
	assert_string_equal(read_log(&of), "edited:two");
	assert_int_equal(do_edit(&of, "three").result, EDIT_OK);
	assert_string_equal(read_log(&of), "edited:three edited:three");
	assert_int_equal(do_delete(&of).result, EDIT_OK);
	assert_string_equal(read_log(&of), "edited:- edited:- deleted:-");
}

/* The mentions, by the message's own list and by the table, which must agree. */
static const char *
mentioned(const struct edit_of *of)
{
	const char *in_log =
		sql("SELECT string_agg(u::text, ' ' ORDER BY u) FROM log l,"
		    " unnest(l.mentions) u WHERE room_no = %ld AND seq = %ld",
		    (long)of->room_no, (long)of->seq);
	const char *in_table =
		sql("SELECT string_agg(user_id::text, ' ' ORDER BY user_id)"
		    " FROM mentions WHERE room_no = %ld AND seq = %ld",
		    (long)of->room_no, (long)of->seq);

	if (!in_log)
		assert_null(in_table);
	else
		assert_string_equal(in_log, in_table);
	return in_log ? in_log : "";
}

static void
an_edit_mentions_anew_and_a_deletion_nobody(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room;
	struct edit_of of = new_message(ann, &room);
	const char *both;

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	both = sql(
		"SELECT string_agg(u, ' ' ORDER BY u) FROM (VALUES ('%s'), ('%s')) v (u)",
		ann, bob);
	assert_int_equal(do_edit(&of, at(bob)).result, EDIT_OK);
	assert_string_equal(mentioned(&of), bob);
	assert_int_equal(
		do_edit(&of, arena_printf(ground.arena, "%s %s", at(bob), at(ann)))
			.result,
		EDIT_OK);
	assert_string_equal(mentioned(&of), both);
	assert_int_equal(do_edit(&of, at(ann)).result, EDIT_OK);
	assert_string_equal(mentioned(&of), ann);
	assert_int_equal(do_edit(&of, "nobody").result, EDIT_OK);
	assert_string_equal(mentioned(&of), "");
	assert_int_equal(do_edit(&of, at(bob)).result, EDIT_OK);
	assert_int_equal(do_delete(&of).result, EDIT_OK);
	assert_string_equal(mentioned(&of), "");
}

static void
a_deletion_erases_what_the_message_and_its_edits_said_and_nothing_else(void **state)
{
	const char *ann = new_user(), *room;
	struct edit_of of = new_message(ann, &room), other;
	struct draft d = draft(room, ann, NULL, "kept");

	(void)state;
	other = (struct edit_of){ of.room_no, post(ground.db, &d, false).seq, ann, NULL };
	assert_int_equal(do_edit(&of, "two").result, EDIT_OK);
	assert_int_equal(do_edit(&other, "kept too").result, EDIT_OK);
	assert_int_equal(do_react(&of, "a", true).result, EDIT_OK);
	assert_int_equal(do_react(&other, "a", true).result, EDIT_OK);
	assert_int_equal(do_delete(&of).result, EDIT_OK);
	assert_int_equal(do_delete(&of).result, EDIT_UNCHANGED);
	assert_int_equal(do_edit(&of, "three").result, EDIT_DELETED);
	assert_int_equal(do_react(&of, "a", true).result, EDIT_DELETED);
	assert_int_equal(do_react(&of, "a", false).result, EDIT_UNCHANGED);
	assert_string_equal(log_of(&of), "message: message:kept too edited:"
					 " edited: reaction: reaction: deleted:");
	assert_string_equal(sql("SELECT string_agg(seq::text, ' ') FROM reactions"
				" WHERE room_no = %ld",
				(long)of.room_no),
			    sql("SELECT %ld", (long)other.seq));
}

static void
reactions_are_counted_by_person_and_bounded_by_kind(void **state)
{
	const char *bob = new_user(), *room;
	struct edit_of of = new_message(new_user(), &room), by_bob = of;

	(void)state;
	by_bob.by_id = bob;
	assert_int_equal(do_react(&by_bob, "a", true).result, EDIT_NO_MESSAGE);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_react(&of, "a", true).count, 1);
	assert_int_equal(do_react(&of, "a", true).count, 1);
	assert_int_equal(do_react(&by_bob, "a", true).count, 2);
	assert_int_equal(do_react(&of, "a", false).count, 1);
	assert_int_equal(do_react(&of, "a", false).result, EDIT_UNCHANGED);
	for (int i = 1; i < EMOJI_MAX_KINDS; i++)
		assert_int_equal(
			do_react(&of, arena_printf(ground.arena, "e%d", i), true).result,
			EDIT_OK);
	assert_int_equal(do_react(&of, "more", true).result, EDIT_TOO_MANY);
	assert_int_equal(do_react(&of, "a", true).count, 2);
}

static void
an_emoji_is_one_with_and_without_its_selector(void **state)
{
	const char *bob = new_user(), *room;
	struct edit_of of = new_message(new_user(), &room), by_bob = of;
	struct edit_outcome out;

	(void)state;
	by_bob.by_id = bob;
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_string_equal(do_react(&of, "❤", true).emoji, "❤️");
	out = do_react(&by_bob, "❤️", true);
	assert_int_equal(out.count, 2);
	assert_string_equal(out.emoji, "❤️");
	assert_int_equal(do_react(&of, "❤️", true).result, EDIT_UNCHANGED);
	assert_int_equal(do_react(&by_bob, "❤", false).count, 1);

	/* from before: a row in the other form can be taken back as it is shown */
	sql("INSERT INTO reactions (room_no, seq, emoji, user_id, created_at)"
	    " VALUES (%ld, %ld, '❤', '%s', now())",
	    (long)of.room_no, (long)of.seq, bob);
	assert_int_equal(do_react(&by_bob, "❤", true).result, EDIT_UNCHANGED);
	out = do_react(&by_bob, "❤", false);
	assert_int_equal(out.result, EDIT_OK);
	assert_int_equal(out.count, 0);
	assert_string_equal(out.emoji, "❤");
	assert_string_equal(sql("SELECT string_agg(emoji, ' ') FROM reactions"
				" WHERE room_no = %ld AND seq = %ld",
				(long)of.room_no, (long)of.seq),
			    "❤️");
}

static void
who_may_change_what(void **state)
{
	const char *owner = new_user(), *bob = new_user(), *room;
	struct edit_of of = new_message(owner, &room), by_bob = of, his = of;
	struct member_change c = { .room_id = room,
				   .by_id = owner,
				   .user_id = bob,
				   .role = "admin",
				   .banned = -1 };
	struct draft d = draft(room, bob, NULL, "his");

	(void)state;
	by_bob.by_id = his.by_id = bob;
	assert_int_equal(do_edit(&by_bob, "x").result, EDIT_NO_MESSAGE);
	assert_int_equal(do_delete(&by_bob).result, EDIT_NO_MESSAGE);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	his.seq = post(ground.db, &d, false).seq;
	assert_int_equal(do_edit(&by_bob, "x").result, EDIT_FORBIDDEN);
	assert_int_equal(do_delete(&by_bob).result, EDIT_FORBIDDEN);
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_OK);
	assert_int_equal(do_edit(&by_bob, "x").result, EDIT_FORBIDDEN);
	assert_int_equal(do_delete(&by_bob).result, EDIT_OK);
	sql("UPDATE members SET muted_until = now() + interval '1 hour'"
	    " WHERE room_no = %ld AND user_id = '%s'",
	    (long)of.room_no, bob);
	assert_int_equal(do_edit(&his, "x").result, EDIT_MUTED);
	assert_int_equal(do_delete(&his).result, EDIT_MUTED);
	assert_int_equal(do_react(&his, "a", true).result, EDIT_MUTED);
	c.role = NULL;
	c.banned = 1;
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_OK);
	assert_int_equal(do_edit(&his, "x").result, EDIT_NO_MESSAGE);
	assert_int_equal(do_delete(&his).result, EDIT_NO_MESSAGE);
	assert_int_equal(do_react(&his, "a", true).result, EDIT_NO_MESSAGE);
	c.banned = 0;
	assert_int_equal(do_change(ground.db, &c).result, MEMBER_OK);
	his.seq = 1; /* not a message */
	assert_int_equal(do_react(&his, "a", true).result, EDIT_NO_MESSAGE);
}

static void
the_mark_of_reading_goes_forward_to_the_end_of_the_log(void **state)
{
	const char *ann = new_user(), *bob = new_user(), *room;
	struct edit_of of = new_message(ann, &room);
	static const struct {
		int64_t seq;
		const char *mark;
	} cases[] = { { 3, "3 1 3" }, { 1, "3 1 3" }, { 4, "4 2 4" }, { 99, "5 2 5" } };
	struct draft d = draft(room, ann, NULL, "two");

	(void)state;
	assert_int_equal(do_join(ground.db, room, bob).seq, 3);
	assert_int_equal(post(ground.db, &d, false).seq, 4);
	assert_int_equal(do_edit(&of, "edited").seq, 5);
	sql("UPDATE members SET read_seq = 0, read_messages = 0, delivered_seq = 0"
	    " WHERE room_no = %ld",
	    (long)of.room_no);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct db_call call =
			marks_read_call(ground.arena, room, bob, cases[i].seq);
		struct rows rows;

		assert_int_equal(db_query(ground.db, ground.arena, &call, &rows), OK);
		assert_int_equal(marks_read_result(&rows), OK);
		assert_string_equal(
			sql("SELECT concat_ws(' ', read_seq, read_messages, delivered_seq)"
			    " FROM members WHERE room_no = %ld AND user_id = '%s'",
			    (long)of.room_no, bob),
			cases[i].mark);
	}
}

static void
a_deletion_lets_go_of_the_file(void **state)
{
	const char *ann = new_user(), *room;
	struct edit_of of = new_message(ann, &room);

	(void)state;
	sql("WITH b AS (INSERT INTO blobs (sha256, size, mime)"
	    " VALUES (sha256(gen_random_uuid()::text::bytea), 9, 'image/png')"
	    " RETURNING sha256), f AS (INSERT INTO files (user_id, sha256, name)"
	    " SELECT '%s', sha256, 'x' FROM b RETURNING id)"
	    " INSERT INTO file_links (room_no, seq, file_id) SELECT %ld, %ld, id FROM f",
	    ann, (long)of.room_no, (long)of.seq);
	assert_int_equal(do_delete(&of).result, EDIT_OK);
	assert_null(
		sql("SELECT seq FROM file_links WHERE room_no = %ld", (long)of.room_no));
}

#define T(name) cmocka_unit_test_teardown(name, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_edit_is_an_event_and_only_if_something_changes),
		T(what_was_edited_away_is_nowhere_and_every_edit_tells_how_it_reads_now),
		T(an_edit_mentions_anew_and_a_deletion_nobody),
		T(a_deletion_erases_what_the_message_and_its_edits_said_and_nothing_else),
		T(reactions_are_counted_by_person_and_bounded_by_kind),
		T(an_emoji_is_one_with_and_without_its_selector),
		T(who_may_change_what),
		T(a_deletion_lets_go_of_the_file),
		T(the_mark_of_reading_goes_forward_to_the_end_of_the_log),
	};

	return cmocka_run_group_tests_name("edits", tests, ground_setup, ground_teardown);
}
