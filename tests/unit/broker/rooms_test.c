#include "tests/unit/broker/fake.h"

static struct uuid
id_of(const char *text)
{
	struct uuid id;

	assert_int_equal(uuid_parse(text, &id), OK);
	return id;
}

static void
the_last_to_leave_closes_the_room(void **state)
{
	struct rooms *rs = &fake.broker.rooms;
	const struct uuid hall = id_of(HALL);
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);
	struct listener *l;

	(void)state;
	l = rooms_listen(rs, ann, &hall);
	rooms_listen(rs, bob, &hall);
	assert_int_equal(rooms_count(rs), 1);
	assert_int_equal(rooms_find(rs, HALL)->listener_count, 2);
	rooms_leave(rs, l);
	assert_int_equal(rooms_count(rs), 1);
	assert_null(rooms_listener(ann, HALL));
	assert_non_null(rooms_listener(bob, HALL));
	rooms_leave_all(rs, bob);
	assert_int_equal(rooms_count(rs), 0);
	assert_int_equal(bob->listener_count, 0);
}

static void
one_that_left_and_came_back_is_another(void **state)
{
	struct rooms *rs = &fake.broker.rooms;
	const struct uuid hall = id_of(HALL);
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	uint32_t serial;

	(void)state;
	serial = rooms_listen(rs, ann, &hall)->serial;
	assert_non_null(rooms_listener_of(ann, HALL, serial));
	rooms_leave_all(rs, ann);
	rooms_listen(rs, ann, &hall);
	assert_null(rooms_listener_of(ann, HALL, serial));
}

static void
a_connection_that_ends_leaves_its_rooms(void **state)
{
	struct rooms *rs = &fake.broker.rooms;
	const struct uuid hall = id_of(HALL), yard = id_of(YARD);
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	rooms_listen(rs, ann, &hall);
	rooms_listen(rs, ann, &yard);
	conn_on_gone(ann);
	assert_int_equal(rooms_count(rs), 0);
	fake_turn_ends();
	assert_int_equal(fake.broker.conns.count, 0);
}

static void
a_held_room_outlives_its_listeners(void **state)
{
	struct rooms *rs = &fake.broker.rooms;
	const struct uuid hall = id_of(HALL);
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	struct live_room *room = rooms_listen(rs, ann, &hall)->room;

	(void)state;
	room_hold(room);
	rooms_leave_all(rs, ann);
	assert_ptr_equal(rooms_find(rs, HALL), room);
	room_release(rs, room);
	assert_int_equal(rooms_count(rs), 0);
}

static void
a_quiet_room_gives_its_memory_back(void **state)
{
	struct broker *b = &fake.broker;
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);
	struct live_room *room;
	struct bytes frame;

	fake_join(ann, "4");
	fake_join(bob, "4");
	room = rooms_find(&b->rooms, HALL);
	frame = frame_text(*state, "five", 4);
	room_append(&b->rooms, room, frame.data, frame.len, broker_clock_s(b));
	rooms_cool(&b->rooms, broker_clock_s(b) + 1);
	assert_true(room->ring.bytes > 0); /* not sent to the listeners yet */
	fake_turn_ends();
	rooms_cool(&b->rooms, broker_clock_s(b));
	assert_true(room->ring.bytes > 0); /* too early */
	rooms_cool(&b->rooms, broker_clock_s(b) + 1);
	assert_int_equal(room->ring.bytes, 0);
	frame = frame_text(fake.arena, "six", 3);
	room_append(&b->rooms, room, frame.data, frame.len, broker_clock_s(b));
	fake_turn_ends();
	EXPECT(&w1, "joined");
	EXPECT(&w1, "five");
	EXPECT(&w1, "six");
	EXPECT(&w2, "joined");
	EXPECT(&w2, "five");
	EXPECT(&w2, "six");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(the_last_to_leave_closes_the_room),
		B(one_that_left_and_came_back_is_another),
		B(a_connection_that_ends_leaves_its_rooms),
		B(a_held_room_outlives_its_listeners),
		B(a_quiet_room_gives_its_memory_back),
	};

	return cmocka_run_group_tests_name("rooms", tests, NULL, NULL);
}
