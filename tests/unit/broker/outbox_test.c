#include "tests/unit/broker/fake.h"

/* Appends an event with len bytes of text to the hall. */
static void
event(struct live_room *room, size_t len)
{
	struct broker *b = &fake.broker;
	char *text = arena_alloc(fake.arena, len + 24);
	struct bytes frame;

	memset(text, '.', len);
	snprintf(text, len + 24, "#%d", (int)room_seq(room) + 1);
	text[strlen(text)] = ' ';
	frame = frame_text(fake.arena, text, len);
	room_append(&b->rooms, room, frame.data, frame.len, broker_clock_s(b));
}

static struct live_room *
two_in_the_hall(struct fake_wire *w1, struct fake_wire *w2, struct conn **ann,
		struct conn **bob)
{
	*ann = fake_conn(w1, ANN);
	*bob = fake_conn(w2, BOB);
	fake_join(*ann, "0");
	fake_join(*bob, "0");
	EXPECT(w1, "joined");
	EXPECT(w2, "joined");
	w1->writes = w2->writes = 0;
	return rooms_find(&fake.broker.rooms, HALL);
}

static void
all_of_a_turn_leaves_in_one_write(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);

	(void)state;
	for (int i = 0; i < 20; i++)
		event(room, 100);
	outbox_push(ann, frame_text(fake.arena, "ack", 3));
	fake_turn_ends();
	assert_int_equal(w1.writes, 1);
	assert_int_equal(w2.writes, 1);
	EXPECT(&w1, "ack"); /* its own frame first */
	for (int i = 1; i <= 20; i++) {
		EXPECT(&w1, arena_printf(fake.arena, "#%d ", i));
		EXPECT(&w2, arena_printf(fake.arena, "#%d ", i));
	}
	EXPECT_NOTHING(&w1);
	fake_turn_ends();
	assert_int_equal(w1.writes, 1);
}

static void
a_write_is_bounded_and_of_whole_frames(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);

	(void)state;
	for (int i = 0; i < 200; i++)
		event(room, 1000);
	fake_turn_ends();
	assert_true(w1.writes >= 4 && w1.writes <= 8);
	for (int i = 1; i <= 200; i++)
		EXPECT(&w1, arena_printf(fake.arena, "#%d ", i));
}

static void
while_the_wire_keeps_something_nothing_is_written(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);

	(void)state;
	w1.is_stuck = true;
	event(room, 100);
	fake_turn_ends();
	assert_int_equal(w1.writes, 1);
	event(room, 100);
	event(room, 100);
	fake_turn_ends();
	assert_int_equal(w1.writes, 1);
	assert_int_equal(w2.writes, 2); /* nobody waits for a slow connection */
	w1.is_stuck = false;
	conn_on_writable(ann);
	fake_turn_ends();
	assert_int_equal(w1.writes, 2);
	for (int i = 1; i <= 3; i++)
		EXPECT(&w1, arena_printf(fake.arena, "#%d ", i));
	EXPECT_NOTHING(&w1);
}

static void
too_many_bytes_behind_is_4408(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);
	int sent = 0;

	(void)state;
	w1.is_stuck = true;
	while (ann->state == CONN_READY && sent < 1000) {
		event(room, 1000);
		fake_turn_ends();
		sent++;
	}
	assert_true(sent >= 64 && sent <= 67); /* max_outbox_bytes is 65536 */
	EXPECT(&w1, "#1 ");
	EXPECT(&w1, "close 4408 too_slow");
	EXPECT_NOTHING(&w1);
	assert_int_equal(room->listener_count, 1);
	assert_int_equal(bob->state, CONN_READY);
	for (int i = 1; i <= sent; i++)
		EXPECT(&w2, arena_printf(fake.arena, "#%d ", i));
}

static void
too_many_frames_behind_is_4408(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);
	int sent = 0;

	(void)state;
	w1.is_stuck = true;
	while (ann->state == CONN_READY && sent < 1000) {
		event(room, 20);
		fake_turn_ends();
		sent++;
	}
	assert_true(sent >= 256 && sent <= 259); /* max_outbox_frames is 256 */
}

static void
frames_of_its_own_count_too(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	int sent = 0;

	(void)state;
	w.is_stuck = true;
	while (ann->state == CONN_READY && sent < 10000) {
		fake_say(ann, "{\"type\":\"ping\"}");
		fake_turn_ends();
		sent++;
	}
	assert_true(sent < 300);
	EXPECT(&w, "pong");
	EXPECT(&w, "close 4408");
}

static void
a_broken_wire_ends_the_connection(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);

	(void)state;
	w1.is_broken = true;
	event(room, 100);
	fake_turn_ends();
	assert_true(w1.is_closed);
	assert_int_equal(fake.broker.conns.count, 1);
	EXPECT(&w2, "#1 ");
}

static void
a_frame_larger_than_a_write_goes_alone(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);

	(void)state;
	event(room, 50);
	event(room, 100000);
	event(room, 50);
	fake_turn_ends();
	for (int i = 1; i <= 3; i++)
		EXPECT(&w1, arena_printf(fake.arena, "#%d ", i));
	assert_int_equal(ann->out.kept, 0);
}

static void
a_connection_hears_of_all_its_rooms(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "0");
	fake_say(ann, "{\"type\":\"join\",\"room_id\":\"" YARD "\"}");
	fake_answer(fake_asked("log_listen"), OK,
		    ROWS(9, "8", "0", "1", "2", "100", "t", "f", "0", "f"));
	fake_turn_ends();
	EXPECT(&w, "joined");
	EXPECT(&w, "joined");
	w.writes = 0;
	event(rooms_find(&fake.broker.rooms, HALL), 10);
	event(rooms_find(&fake.broker.rooms, YARD), 10);
	event(rooms_find(&fake.broker.rooms, HALL), 10);
	fake_turn_ends();
	assert_int_equal(w.writes, 1);
	EXPECT(&w, "#1 "); /* each room in its order */
	EXPECT(&w, "#2 ");
	EXPECT(&w, "#1 ");
}

static void
later_turn_ends(void)
{
	fake_time(OUTBOX_LATER_EVERY_MS);
	fake_turn_ends();
}

static void
what_need_not_last_is_dropped_where_there_is_a_backlog(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann, *bob;
	struct live_room *room = two_in_the_hall(&w1, &w2, &ann, &bob);
	struct bytes typing = frame_text(fake.arena, "typing", 6);

	(void)state;
	outbox_push_ephemeral(ann, typing);
	later_turn_ends();
	EXPECT(&w1, "typing");
	w1.is_stuck = true;
	event(room, 100);
	later_turn_ends();
	for (int i = 0; i < 1000; i++)
		outbox_push_ephemeral(ann, typing);
	outbox_push_ephemeral(bob, typing);
	later_turn_ends();
	assert_int_equal(fake.broker.metrics.dropped, 1000);
	assert_int_equal(ann->state, CONN_READY);
	w1.is_stuck = false;
	conn_on_writable(ann);
	outbox_push_ephemeral(ann, typing);
	later_turn_ends();
	EXPECT(&w1, "#1 ");
	EXPECT(&w1, "typing");
	EXPECT_NOTHING(&w1);
	EXPECT(&w2, "#1 ");
	EXPECT(&w2, "typing");
}

static void
what_need_not_last_is_bounded_within_a_turn(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	struct bytes typing = frame_text(fake.arena, "typing", 6);
	int64_t pushed = 10000, got = 0;

	(void)state;
	for (int i = 0; i < pushed; i++)
		outbox_push_ephemeral(ann, typing);
	outbox_push(ann, frame_text(fake.arena, "ack", 3));
	fake_turn_ends();
	while (strcmp(fake_next(fake.arena, &w), "ack") != 0)
		got++;
	assert_int_equal(got, OUTBOX_EPHEMERAL_MAX / typing.len);
	assert_int_equal(fake.broker.metrics.dropped, pushed - got);
	assert_int_equal(ann->state, CONN_READY);
}

static void
what_can_wait_waits_for_who_is_behind(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	w.is_stuck = true;
	outbox_push(ann, frame_text(fake.arena, "ack", 3));
	fake_turn_ends();
	outbox_push_later(ann, frame_text(fake.arena, "ping", 4));
	fake_turn_ends();
	EXPECT(&w, "ack");
	EXPECT_NOTHING(&w);
	w.is_stuck = false;
	conn_on_writable(ann);
	fake_turn_ends();
	EXPECT(&w, "ping");
	assert_int_equal(fake.broker.metrics.dropped, 0);
}

static void
who_was_closed_hears_nothing_that_need_not_last(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	conn_close(ann, CLOSE_NORMAL, "bye");
	outbox_push_ephemeral(ann, frame_text(fake.arena, "typing", 6));
	fake_turn_ends();
	EXPECT(&w, "close 1000 bye");
	EXPECT_NOTHING(&w);
	assert_int_equal(fake.broker.metrics.dropped, 0);
}

enum { MANY = 2 * OUTBOX_LATER_SHARE + 5 };

static void
many(struct fake_wire *wires, struct conn **conns)
{
	fake.config.max_connections_per_address = MANY;
	for (int i = 0; i < MANY; i++)
		conns[i] = fake_conn(&wires[i], i % 2 ? ANN : BOB);
}

static void
push_to_all(struct conn **conns)
{
	for (int i = 0; i < MANY; i++)
		outbox_push_ephemeral(conns[i], frame_text(fake.arena, "typing", 6));
}

static int
written(const struct fake_wire *wires)
{
	int count = 0;

	for (int i = 0; i < MANY; i++)
		count += wires[i].writes > 0;
	return count;
}

static void
what_need_not_last_waits_its_turn_with_many_others(void **state)
{
	static struct fake_wire wires[MANY];
	struct conn *conns[MANY];

	(void)state;
	many(wires, conns);
	push_to_all(conns);
	fake_turn_ends();
	assert_int_equal(written(wires), OUTBOX_LATER_SHARE);
	fake_turn_ends(); /* too soon */
	assert_int_equal(written(wires), OUTBOX_LATER_SHARE);
	assert_false(outboxes_have_more(&fake.broker.outboxes));
	assert_int_equal(outboxes_next_ms(&fake.broker),
			 fake.broker.clock_ms + OUTBOX_LATER_EVERY_MS);
	push_to_all(conns);
	later_turn_ends(); /* the longest waiting first */
	assert_int_equal(written(wires), 2 * OUTBOX_LATER_SHARE);
	EXPECT(&wires[MANY - 6], "typing");
	EXPECT(&wires[MANY - 6], "typing");
	later_turn_ends();
	later_turn_ends();
	assert_int_equal(outboxes_next_ms(&fake.broker), -1);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(wires[i].writes, i < OUTBOX_LATER_SHARE ? 2 : 1);
}

static void
what_must_last_does_not_wait_and_takes_the_rest_along(void **state)
{
	static struct fake_wire wires[MANY];
	struct conn *conns[MANY], *last;

	(void)state;
	many(wires, conns);
	push_to_all(conns);
	last = conns[MANY - 1];
	outbox_push(last, frame_text(fake.arena, "ack", 3));
	outbox_push_ephemeral(last, frame_text(fake.arena, "seen", 4));
	fake_turn_ends();
	assert_int_equal(wires[MANY - 1].writes, 1);
	EXPECT(&wires[MANY - 1], "typing");
	EXPECT(&wires[MANY - 1], "ack");
	EXPECT(&wires[MANY - 1], "seen");
	assert_int_equal(written(wires), OUTBOX_LATER_SHARE + 1);
	conn_on_gone(conns[MANY - 2]); /* it waits no longer */
	for (int i = 0; i < 3; i++)
		later_turn_ends();
	assert_int_equal(written(wires), MANY - 1);
	assert_int_equal(wires[MANY - 1].writes, 1);
}

static void
much_of_what_need_not_last_waits_no_longer(void **state)
{
	static struct fake_wire wires[MANY];
	struct conn *conns[MANY];
	struct bytes typing = frame_text(fake.arena, "typing", 6);

	(void)state;
	many(wires, conns);
	push_to_all(conns);
	for (size_t len = typing.len; len <= OUTBOX_LATER_MAX; len += typing.len)
		outbox_push_ephemeral(conns[MANY - 1], typing);
	fake_turn_ends();
	assert_int_equal(wires[MANY - 1].writes, 1);
	assert_int_equal(written(wires), OUTBOX_LATER_SHARE + 1);
}

enum { CROWD = 2 * OUTBOX_SHARE_MIN + 5 };

static void
a_crowd_is_written_to_in_a_pass_of_several_turns(void **state)
{
	static struct fake_wire wires[CROWD];
	static struct conn *conns[CROWD];
	const struct bytes frame = frame_text(fake.arena, "first", 5);

	(void)state;
	fake.config.max_connections_per_address = CROWD;
	for (int i = 0; i < CROWD; i++) {
		conns[i] = fake_conn(&wires[i], i % 2 ? ANN : BOB);
		outbox_push(conns[i], frame);
	}
	fake_turn_ends();
	assert_int_equal(wires[OUTBOX_SHARE_MIN - 1].writes, 1);
	assert_int_equal(wires[OUTBOX_SHARE_MIN].writes, 0);
	assert_true(outboxes_are_passing(&fake.broker.outboxes));
	/* connections already written to come after those that were not; new frames for
	 * the latter go along */
	outbox_push(conns[0], frame_text(fake.arena, "second", 6));
	outbox_push(conns[CROWD - 1], frame_text(fake.arena, "second", 6));
	conn_on_gone(conns[CROWD - 2]);
	fake_turn_ends();
	fake_turn_ends();
	assert_false(outboxes_are_passing(&fake.broker.outboxes));
	assert_int_equal(wires[CROWD - 1].writes, 1);
	EXPECT(&wires[CROWD - 1], "first");
	EXPECT(&wires[CROWD - 1], "second");
	assert_int_equal(wires[CROWD - 2].writes, 0);
	assert_int_equal(wires[0].writes, 1);
	assert_true(outboxes_have_more(&fake.broker.outboxes));
	fake_turn_ends();
	assert_int_equal(wires[0].writes, 2);
	assert_false(outboxes_have_more(&fake.broker.outboxes));
}

static void
however_many_they_are_a_pass_has_eight_turns(void **state)
{
	enum { HOST = OUTBOX_PASS_TURNS * OUTBOX_SHARE_MIN * 2 + 1 };
	static struct fake_wire wires[HOST];

	(void)state;
	fake.config.max_connections_per_address = HOST;
	for (int i = 0; i < HOST; i++)
		outbox_push(fake_conn(&wires[i], i % 2 ? ANN : BOB),
			    frame_text(fake.arena, "news", 4));
	for (int i = 1; i < OUTBOX_PASS_TURNS; i++) {
		fake_turn_ends();
		assert_true(outboxes_are_passing(&fake.broker.outboxes));
	}
	fake_turn_ends();
	assert_false(outboxes_have_more(&fake.broker.outboxes));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(all_of_a_turn_leaves_in_one_write),
		B(a_write_is_bounded_and_of_whole_frames),
		B(while_the_wire_keeps_something_nothing_is_written),
		B(too_many_bytes_behind_is_4408),
		B(too_many_frames_behind_is_4408),
		B(frames_of_its_own_count_too),
		B(a_broken_wire_ends_the_connection),
		B(a_frame_larger_than_a_write_goes_alone),
		B(a_connection_hears_of_all_its_rooms),
		B(what_need_not_last_is_dropped_where_there_is_a_backlog),
		B(what_need_not_last_is_bounded_within_a_turn),
		B(what_can_wait_waits_for_who_is_behind),
		B(who_was_closed_hears_nothing_that_need_not_last),
		B(what_need_not_last_waits_its_turn_with_many_others),
		B(what_must_last_does_not_wait_and_takes_the_rest_along),
		B(much_of_what_need_not_last_waits_no_longer),
		B(a_crowd_is_written_to_in_a_pass_of_several_turns),
		B(however_many_they_are_a_pass_has_eight_turns),
	};

	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
