/* Calls: what the roles do to them, and what the tables then contain. */
#include <stdlib.h>
#include <string.h>

#include "tests/sql/ground.h"

static struct call_outcome
do_start(struct db *db, const char *id, const char *room, const char *user,
	 const char *session)
{
	const struct call_draft d = { .id = id,
				      .room_id = room,
				      .user_id = user,
				      .session_id = session,
				      .ring_s = 60,
				      .most_s = 3600,
				      .max_participants = 4 };
	struct db_call calls[CALLS_START_CALLS];
	struct rows rows[CALLS_START_CALLS];
	struct call_outcome out;

	calls_start_calls(ground.arena, &d, calls);
	assert_int_equal(db_batch(db, ground.arena, calls, CALLS_START_CALLS, rows), OK);
	calls_outcome_read(&rows[CALLS_START_CALLS - 2], &out);
	return out;
}

static enum call_result
do_move(struct db *db, const char *id, const char *user, const char *session,
	enum call_action action)
{
	const struct call_move m = { .call_id = id,
				     .user_id = user,
				     .session_id = session,
				     .action = action,
				     .max_participants = 4 };
	struct db_call calls[CALLS_MOVE_CALLS];
	struct rows rows[CALLS_MOVE_CALLS];
	struct call_outcome out;

	calls_move_calls(ground.arena, &m, calls);
	assert_int_equal(db_batch(db, ground.arena, calls, CALLS_MOVE_CALLS, rows), OK);
	calls_outcome_read(&rows[CALLS_MOVE_CALLS - 2], &out);
	return out.result;
}

/* The states, "active: joined joined", the initiator's first; reading settles nothing. */
static const char *
state_of(const char *id)
{
	return sql("SELECT c.state || ': ' || string_agg(p.state, ' '"
		   " ORDER BY p.user_id <> c.initiator_id, p.state)"
		   " FROM calls c JOIN call_participants p ON p.call_id = c.id"
		   " WHERE c.id = '%s' GROUP BY c.id",
		   id);
}

static int64_t
do_sweep(struct db *db)
{
	struct db_call calls[CALLS_SETTLE_CALLS];
	struct rows rows[CALLS_SETTLE_CALLS];

	calls_settle_due_calls(ground.arena, 100, calls);
	assert_int_equal(db_batch(db, ground.arena, calls, CALLS_SETTLE_CALLS, rows), OK);
	return calls_settled(&rows[0]);
}

static const char *ann, *bob, *ann_here, *bob_here, *room, *call;

static int
two_people(void **state)
{
	(void)state;
	ann = new_user();
	bob = new_user();
	ann_here = new_session(ann);
	bob_here = new_session(bob);
	room = new_room("group", ann, 10);
	assert_int_equal(do_join(ground.db, room, bob).result, MEMBER_OK);
	call = random_id();
	return 0;
}

static void
rung(struct db *db)
{
	assert_int_equal(do_start(db, call, room, ann, ann_here).result, CALL_OK);
	assert_string_equal(state_of(call), "ringing: joined ringing");
}

static void
both_roles_keep_the_log_by_the_same_statements(void **state)
{
	static const char *const roles[] = { "foyer_api", "foyer_broker" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct db *db = ground_connect(roles[i]);
		struct rows rows;
		struct call seen;

		call = random_id();
		rung(db);
		assert_int_equal(do_move(db, call, bob, bob_here, CALL_ACCEPT), CALL_OK);
		assert_string_equal(state_of(call), "active: joined joined");
		assert_int_equal(do_sweep(db), 0);
		assert_int_equal(do_move(db, call, ann, ann_here, CALL_HANGUP), CALL_OK);
		assert_int_equal(db_query(db, ground.arena,
					  &(struct db_call[]){ calls_get_call(
						  ground.arena, call, bob, NULL) }[0],
					  &rows),
				 OK);
		assert_int_equal(calls_get_read(ground.arena, &rows, &seen), OK);
		assert_string_equal(seen.state, "ended");
		assert_int_equal(seen.participant_count, 2);
		assert_string_equal(seen.participants[0].user_id, ann);
		assert_string_equal(call_part_of(&seen, bob)->state, "left");
		assert_null(call_part_of(&seen, room));
		assert_false(call_is_open(&seen));
		db_close(db);
	}
}

struct mover {
	const char *user, *session;
	enum call_action action;
};

static int
move_now(void *arg)
{
	const struct mover *m = arg;
	int result;

	ground.db = ground_connect("foyer_api");
	result = (int)do_move(ground.db, call, m->user, m->session, m->action);
	db_close(ground.db);
	return result;
}

static void
of_eight_devices_and_one_who_cancels_one_wins(void **state)
{
	struct mover movers[9];
	int children[9], results[CALL_RESULT_COUNT] = {};

	(void)state;
	for (int i = 0; i < 8; i++)
		movers[i] = (struct mover){ bob, new_session(bob), CALL_ACCEPT };
	movers[8] = (struct mover){ ann, ann_here, CALL_CANCEL };
	rung(ground.db);
	for (int i = 0; i < 9; i++)
		children[i] = fork_child(move_now, &movers[i]);
	for (int i = 0; i < 9; i++)
		results[join_child(children[i])]++;
	assert_int_equal(results[CALL_OK], 1);
	assert_int_equal(results[CALL_STATE], 8);
}

static void
nobody_is_joined_to_two_calls_and_no_room_has_two_that_are_open(void **state)
{
	const char *other = random_id();

	(void)state;
	rung(ground.db);
	assert_string_equal(
		sql_fails(NULL,
			  "INSERT INTO calls (room_no, kind, initiator_id, ring_until,"
			  " end_by) SELECT no, 'audio', '%s', now() + interval '1 s',"
			  " now() + interval '2 s' FROM rooms WHERE id = '%s'",
			  bob, room),
		"23505");
	sql("UPDATE calls SET state = 'missed', ended_at = now() WHERE id = '%s'", call);
	assert_string_equal(
		sql_fails(NULL,
			  "INSERT INTO calls (id, room_no, kind, initiator_id,"
			  " ring_until, end_by) SELECT '%1$s', no, 'audio', '%2$s',"
			  " now() + interval '1 s', now() + interval '2 s'"
			  " FROM rooms WHERE id = '%3$s';"
			  "INSERT INTO call_participants (call_id, user_id, called_at,"
			  " state, session_id, joined_at) VALUES ('%1$s', '%2$s', now(),"
			  " 'joined', '%4$s', now())",
			  other, ann, room, ann_here),
		"23505");
}

/* Events that end a call without any code of calls. */
static const struct {
	const char *how, **of, *ringing, *active;
} endings[] = {
	{ "DELETE FROM sessions WHERE user_id = '%s'", &bob, "ringing: joined ringing",
	  "ended: left left" },
	{ "DELETE FROM sessions WHERE id = '%s'", &ann_here, "cancelled: left missed",
	  "ended: left left" },
	{ "DELETE FROM users WHERE id = '%s'", &bob, "missed: left missed",
	  "ended: left left" },
	{ "UPDATE users SET disabled_at = now() WHERE id = '%s'", &bob,
	  "missed: left missed", "ended: left left" },
	{ "DELETE FROM members WHERE user_id = '%s'", &bob, "missed: left missed",
	  "ended: left left" },
	{ "UPDATE members SET banned = true WHERE user_id = '%s'", &bob,
	  "missed: left missed", "ended: left left" },
	{ "UPDATE calls SET ring_until = started_at WHERE id = '%s'", &call,
	  "missed: left missed", "active: joined joined" },
	{ "UPDATE calls SET ring_until = started_at, end_by = started_at"
	  " WHERE id = '%s'",
	  &call, "missed: left missed", "ended: left left" },
	/* in a group it ends nothing; in a direct room it would */
	{ "INSERT INTO contacts (user_id, contact_id, blocked)"
	  " SELECT user_id, initiator_id, true FROM calls c JOIN call_participants p"
	  " ON p.call_id = c.id WHERE c.id = '%s' AND user_id <> initiator_id",
	  &call, "ringing: joined ringing", "active: joined joined" },
};

static void
a_call_ends_when_its_people_or_its_time_are_gone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		for (int active = 0; active < 2; active++) {
			const char *after;

			assert_int_equal(two_people(NULL), 0);
			rung(ground.db);
			if (active)
				assert_int_equal(do_move(ground.db, call, bob, bob_here,
							 CALL_ACCEPT),
						 CALL_OK);
			sql(endings[i].how, *endings[i].of);
			do_sweep(ground.db);
			after = active ? endings[i].active : endings[i].ringing;
			if (strcmp(state_of(call), after) != 0)
				fail_msg("%s: %s", endings[i].how, state_of(call));
			sql("UPDATE calls SET ring_until = started_at, end_by = started_at"
			    " WHERE id = '%s'",
			    call);
			do_sweep(ground.db);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			both_roles_keep_the_log_by_the_same_statements, two_people,
			ground_clean),
		cmocka_unit_test_setup_teardown(
			of_eight_devices_and_one_who_cancels_one_wins, two_people,
			ground_clean),
		cmocka_unit_test_setup_teardown(
			nobody_is_joined_to_two_calls_and_no_room_has_two_that_are_open,
			two_people, ground_clean),
		cmocka_unit_test_setup_teardown(
			a_call_ends_when_its_people_or_its_time_are_gone, two_people,
			ground_clean),
	};

	return cmocka_run_group_tests_name("calls", tests, ground_setup, ground_teardown);
}
