/* Calls as brokers need them: versions, statements that never wait for locks, and when a
 * participant is gone for good. */
#include <stdlib.h>
#include <string.h>

#include "tests/sql/ground.h"

static const char *ann, *bob, *eve, *ann_here, *bob_here, *eve_here, *room, *call;

static int
three_people(void **state)
{
	(void)state;
	ann = new_user();
	bob = new_user();
	eve = new_user();
	ann_here = new_session(ann);
	bob_here = new_session(bob);
	eve_here = new_session(eve);
	room = new_room("group", ann, 10);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	assert_int_equal(do_join(ground.db, room, eve).result, MEMBER_OK);
	call = random_id();
	return 0;
}

/* The result: a call_result, or BUSY. */
enum { BUSY = -1 };

static int
do_start(const char *id, const char *where, const char *user, const char *session)
{
	const struct call_draft d = { .id = id,
				      .room_id = where,
				      .user_id = user,
				      .session_id = session,
				      .ring_s = 60,
				      .most_s = 3600,
				      .max_participants = 4,
				      .is_live = true };
	struct db_call calls[CALLS_TRY_START_CALLS];
	struct rows rows[CALLS_TRY_START_CALLS];
	struct call_outcome out;

	calls_try_start_calls(ground.arena, &d, calls);
	assert_int_equal(
		db_batch(ground.db, ground.arena, calls, CALLS_TRY_START_CALLS, rows),
		OK);
	if (calls_were_busy(&rows[CALLS_TRY_START_LOCK]))
		return BUSY;
	calls_outcome_read(&rows[CALLS_TRY_START_OUTCOME], &out);
	return (int)out.result;
}

static int
do_move(const char *user, const char *session, enum call_action action, bool is_live)
{
	const struct call_move m = { .call_id = call,
				     .user_id = user,
				     .session_id = session,
				     .action = action,
				     .max_participants = 4,
				     .is_live = is_live };
	struct db_call calls[CALLS_TRY_MOVE_CALLS];
	struct rows rows[CALLS_TRY_MOVE_CALLS];
	struct call_outcome out;

	calls_try_move_calls(ground.arena, &m, calls);
	assert_int_equal(
		db_batch(ground.db, ground.arena, calls, CALLS_TRY_MOVE_CALLS, rows), OK);
	if (calls_were_busy(&rows[CALLS_TRY_MOVE_LOCK]))
		return BUSY;
	calls_outcome_read(&rows[CALLS_TRY_MOVE_OUTCOME], &out);
	return (int)out.result;
}

/* Checks this call; returns how many calls were changed. */
static int
do_check(int64_t grace_s)
{
	struct db_call calls[CALLS_CHECK_CALLS];
	struct rows rows[CALLS_CHECK_CALLS];
	struct call *told;
	int count;

	calls_check_calls(ground.arena, db_array(ground.arena, &call, 1), grace_s, calls);
	assert_int_equal(
		db_batch(ground.db, ground.arena, calls, CALLS_CHECK_CALLS, rows), OK);
	calls_tell_read(ground.arena, &rows[CALLS_CHECK_CALLS - 1], &count, &told);
	return count;
}

static const char *
parties(const struct call *c)
{
	const char *text = "";

	for (int i = 0; i < c->participant_count; i++)
		text = arena_printf(ground.arena, "%s %s", text,
				    c->participants[i].state);
	return text;
}

static struct call
told(void)
{
	struct db_call tell =
		calls_tell_call(ground.arena, db_array(ground.arena, &call, 1));
	struct rows rows;
	struct call *out;
	int count;

	assert_int_equal(db_query(ground.db, ground.arena, &tell, &rows), OK);
	calls_tell_read(ground.arena, &rows, &count, &out);
	assert_int_equal(count, 1);
	return out[0];
}

/* The call's state, its last action, and the person who acted. */
static void
expect(const char *state, const char *action, const char *by)
{
	static int64_t version;
	struct call c = told();

	assert_string_equal(c.state, state);
	assert_string_equal(c.action, action);
	if (by)
		assert_string_equal(c.by, by);
	else
		assert_null(c.by);
	if (strcmp(action, "start") != 0)
		assert_true(c.version > version);
	version = c.version;
}

static void
rung(void)
{
	assert_int_equal(do_start(call, room, ann, ann_here), CALL_OK);
	expect("ringing", "start", ann);
}

static void
each_change_is_a_version_and_says_what_it_was(void **state)
{
	struct call c;

	(void)state;
	rung();
	c = told();
	assert_string_equal(c.participants[0].session_id, ann_here);
	assert_null(c.participants[1].session_id);
	assert_true(c.participants[1].is_member);
	assert_int_equal(do_move(bob, bob_here, CALL_ACCEPT, true), CALL_OK);
	expect("active", "accept", bob);
	assert_int_equal(do_move(bob, bob_here, CALL_ACCEPT, true), CALL_UNCHANGED);
	assert_int_equal(told().version, c.version + 2); /* one for the state */
	assert_int_equal(do_move(eve, eve_here, CALL_ACCEPT, true), CALL_OK);
	expect("active", "accept", eve);
	assert_int_equal(do_move(bob, bob_here, CALL_HANGUP, true), CALL_OK);
	expect("active", "hangup", bob);
	sql("UPDATE members SET banned = true WHERE user_id = '%s'", eve);
	assert_int_equal(do_check(0), 1);
	expect("ended", "ended", NULL);
	assert_int_equal(do_check(0), 0);
}

static void
what_happens_of_itself_is_said_to_be_nobodys_doing(void **state)
{
	(void)state;
	rung();
	assert_int_equal(do_move(bob, bob_here, CALL_ACCEPT, true), CALL_OK);
	expect("active", "accept", bob);
	sql("UPDATE calls SET ring_until = started_at WHERE id = '%s'", call);
	assert_int_equal(do_check(0), 1);
	expect("active", "missed", NULL); /* missed by eve */
	assert_int_equal(do_move(eve, eve_here, CALL_ACCEPT, true), CALL_OK);
	expect("active", "accept", eve);
	sql("DELETE FROM sessions WHERE id = '%s'", bob_here);
	assert_int_equal(do_check(0), 1);
	expect("active", "left", NULL);
	assert_int_equal(do_move(ann, ann_here, CALL_HANGUP, true), CALL_OK);
	expect("ended", "hangup", ann);

	call = random_id();
	rung();
	sql("UPDATE calls SET ring_until = started_at WHERE id = '%s'", call);
	assert_int_equal(do_check(0), 1);
	expect("missed", "missed", NULL);
}

static void
whoever_was_connected_and_is_no_more_is_out_after_the_grace(void **state)
{
	const char *calls, *users, *sessions;
	struct db_call seen;
	struct rows rows;

	(void)state;
	rung();
	assert_int_equal(do_move(bob, bob_here, CALL_ACCEPT, true), CALL_OK);
	assert_int_equal(do_move(eve, eve_here, CALL_ACCEPT, false), CALL_OK);
	sql("UPDATE call_participants SET seen_at = seen_at - interval '31 s'"
	    " WHERE call_id = '%s'",
	    call);
	assert_int_equal(do_check(0), 0);
	assert_int_equal(do_check(40), 0);
	calls = db_array(ground.arena, (const char *[]){ call, call }, 2);
	users = db_array(ground.arena, (const char *[]){ ann, bob }, 2);
	/* bob is seen on another device than the one he joined by */
	sessions =
		db_array(ground.arena, (const char *[]){ ann_here, new_session(bob) }, 2);
	seen = calls_seen_call(ground.arena, calls, users, sessions);
	assert_int_equal(db_query(ground.db, ground.arena, &seen, &rows), OK);
	assert_int_equal(do_check(30), 1);
	expect("active", "left", NULL);
	assert_string_equal(call_part_of(&(struct call[]){ told() }[0], bob)->state,
			    "left");
	/* a participant who uses REST only is never gone */
	assert_int_equal(do_check(1), 0);
	assert_string_equal(call_part_of(&(struct call[]){ told() }[0], eve)->state,
			    "joined");
}

/* ---- no waiting for locks ------------------------------------------------ */

static int
hold_call(void *arg)
{
	return sql_fails(NULL,
			 "SET application_name = 'holder'; BEGIN; SELECT FROM calls"
			 " WHERE id = '%s' FOR UPDATE; SELECT pg_sleep(1); COMMIT",
			 (const char *)arg)
		       ? 1
		       : 0;
}

static int
hold_room(void *arg)
{
	return sql_fails(
		       NULL,
		       "SET application_name = 'holder'; BEGIN; SELECT FROM room_heads h"
		       " JOIN rooms r ON r.no = h.room_no WHERE r.id = '%s'"
		       " FOR UPDATE OF h; SELECT pg_sleep(1); COMMIT",
		       (const char *)arg)
		       ? 1
		       : 0;
}

static void
a_call_that_somebody_holds_is_left_alone_and_said_to_be_busy(void **state)
{
	const char *elsewhere = new_room("group", bob, 10);
	int child;

	(void)state;
	assert_int_equal(do_join(ground.db, elsewhere, eve).result, MEMBER_OK);
	rung();
	child = fork_child(hold_call, (void *)(uintptr_t)call);
	wait_until_asleep("holder");
	assert_int_equal(do_move(bob, bob_here, CALL_ACCEPT, true), BUSY);
	assert_int_equal(do_check(0), 0);
	/* ann takes part in the locked call; bob and eve do not */
	assert_int_equal(do_start(random_id(), elsewhere, ann, ann_here), BUSY);
	assert_int_equal(do_start(random_id(), elsewhere, bob, bob_here), CALL_OK);
	assert_string_equal(parties(&(struct call[]){ told() }[0]),
			    " joined ringing ringing");
	assert_int_equal(join_child(child), 0);
	assert_int_equal(do_move(eve, eve_here, CALL_ACCEPT, true), CALL_OK);
}

static void
nor_does_a_call_wait_for_a_room(void **state)
{
	int child = fork_child(hold_room, (void *)(uintptr_t)room);

	(void)state;
	wait_until_asleep("holder");
	assert_int_equal(do_start(call, room, ann, ann_here), BUSY);
	assert_int_equal(do_start(random_id(), random_id(), ann, ann_here), CALL_NONE);
	assert_int_equal(join_child(child), 0);
	rung();
}

/* ---- reading open calls -------------------------------------------------- */

static const char *
looked_at(int64_t age_ms)
{
	struct db_call look = calls_look_call(ground.arena, age_ms);
	struct rows rows;

	assert_int_equal(db_query(ground.db, ground.arena, &look, &rows), OK);
	for (int i = 0; i < rows.count; i++)
		if (strcmp(rows_text(&rows, i, CALLS_LOOK_ID), call) == 0)
			return arena_printf(
				ground.arena, "%s %lld",
				rows_bool(&rows, i, CALLS_LOOK_OPEN) ? "open" : "over",
				(long long)rows_int(&rows, i, CALLS_LOOK_VERSION));
	return NULL;
}

static void
a_look_sees_what_goes_on_and_what_ended_lately(void **state)
{
	(void)state;
	rung();
	assert_string_equal(looked_at(1000), "open 1");
	assert_int_equal(do_move(ann, ann_here, CALL_CANCEL, true), CALL_OK);
	assert_string_equal(looked_at(1000), "over 3");
	sql("UPDATE calls SET ended_at = ended_at - interval '12 s' WHERE id = '%s'",
	    call);
	assert_null(looked_at(1000));
	assert_string_equal(looked_at(3000), "over 3");
	sql("DELETE FROM calls WHERE id = '%s'", call);
	assert_null(looked_at(3000));
}

#define C(name) cmocka_unit_test_setup_teardown(name, three_people, ground_clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		C(each_change_is_a_version_and_says_what_it_was),
		C(what_happens_of_itself_is_said_to_be_nobodys_doing),
		C(whoever_was_connected_and_is_no_more_is_out_after_the_grace),
		C(a_call_that_somebody_holds_is_left_alone_and_said_to_be_busy),
		C(nor_does_a_call_wait_for_a_room),
		C(a_look_sees_what_goes_on_and_what_ended_lately),
	};

	return cmocka_run_group_tests_name("calls live", tests, ground_setup,
					   ground_teardown);
}
