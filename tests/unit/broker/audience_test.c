#include "broker/audience.h"
#include "tests/unit/broker/fake.h"

#define A (&fake.broker.audience)

static const struct crowd_facts hall = { .id = HALL, .no = 7, .seq = 3 },
				yard = { .id = YARD, .no = 8, .is_public = true };

static void
both_sides_know_who_is_where(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);
	const struct crowd *crowd;

	(void)state;
	assert_true(audience_add(A, ann->visitor, &hall));
	assert_true(audience_add(A, bob->visitor, &hall));
	assert_true(audience_add(A, bob->visitor, &yard));
	assert_false(audience_add(A, bob->visitor, &yard)); /* already there */
	audience_check(A);
	crowd = audience_find(A, HALL);
	assert_int_equal(crowd->count, 2);
	assert_int_equal(crowd->no, 7);
	assert_int_equal(crowd->seq, 3);
	assert_false(crowd->is_public);
	assert_true(audience_find(A, YARD)->is_public);
	assert_int_equal(bob->visitor->seats.count, 2);
	assert_true(audience_is_member(A, ann->visitor, HALL));
	assert_false(audience_is_member(A, ann->visitor, YARD));
}

static void
who_leaves_is_on_neither_side(void **state)
{
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	audience_add(A, ann->visitor, &hall);
	audience_add(A, bob->visitor, &hall);
	assert_true(audience_remove(A, ann->visitor, HALL));
	assert_false(audience_remove(A, ann->visitor, HALL));
	assert_false(audience_remove(A, ann->visitor, YARD));
	audience_check(A);
	assert_int_equal(audience_find(A, HALL)->count, 1);
	assert_true(audience_remove(A, bob->visitor, HALL));
	assert_null(audience_find(A, HALL)); /* nobody is there */
}

static void
the_last_device_takes_the_memberships_along(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *one = fake_conn(&w1, ANN), *two = fake_conn(&w2, ANN),
		    *bob = fake_conn(&w3, BOB);

	(void)state;
	audience_add(A, one->visitor, &hall);
	audience_add(A, bob->visitor, &hall);
	one->visitor->seats.are_known = true;
	conn_on_gone(one);
	assert_int_equal(audience_find(A, HALL)->count, 2);
	conn_on_gone(two);
	audience_check(A);
	assert_int_equal(audience_find(A, HALL)->count, 1);
	assert_ptr_equal(audience_find(A, HALL)->people[0].visitor, bob->visitor);
}

static void
count_visitor(struct visitor *v, void *arg)
{
	(void)v;
	++*(int *)arg;
}

static void
count_room(const struct crowd *room, void *arg)
{
	(void)room;
	++*(int *)arg;
}

enum { PEOPLE = 12, ROOMS = 9, STEPS = 4000 };

/* Adds and removes in any order, compared with a table of who is in which room. */
static void
both_sides_agree_whatever_happens(void **state)
{
	struct fake_wire wires[PEOPLE];
	struct conn *people[PEOPLE];
	char rooms[ROOMS][UUID_TEXT_SIZE], id[UUID_TEXT_SIZE];
	bool is_in[PEOPLE][ROOMS] = {};
	uint32_t random = 1;

	(void)state;
	fake.config.max_connections_per_address = PEOPLE;
	for (int r = 0; r < ROOMS; r++)
		snprintf(rooms[r], sizeof(rooms[r]), "10000000-0000-4000-8000-%012d", r);
	for (int p = 0; p < PEOPLE; p++) {
		snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012d", p);
		people[p] = fake_conn(&wires[p], id);
	}
	for (int i = 0; i < STEPS; i++) {
		int p, r;

		random = random * 1664525u + 1013904223u;
		p = (int)(random >> 8) % PEOPLE;
		r = (int)(random >> 16) % ROOMS;
		if (random >> 31) {
			const struct crowd_facts facts = { .id = rooms[r], .no = r + 1 };

			assert_int_equal(audience_add(A, people[p]->visitor, &facts),
					 !is_in[p][r]);
			is_in[p][r] = true;
		} else {
			assert_int_equal(audience_remove(A, people[p]->visitor, rooms[r]),
					 is_in[p][r]);
			is_in[p][r] = false;
		}
		if (i % 100 == 99) {
			audience_forget(A, people[p]->visitor);
			memset(is_in[p], 0, sizeof(is_in[p]));
		}
		audience_check(A);
	}
	for (int p = 0; p < PEOPLE; p++) {
		int seen = 0, expected = 0;

		for (int r = 0; r < ROOMS; r++) {
			expected += is_in[p][r];
			assert_int_equal(
				audience_is_member(A, people[p]->visitor, rooms[r]),
				is_in[p][r]);
		}
		audience_each_room(people[p]->visitor, count_room, &seen);
		assert_int_equal(seen, expected);
	}
	for (int r = 0; r < ROOMS; r++) {
		int seen = 0, expected = 0;

		for (int p = 0; p < PEOPLE; p++)
			expected += is_in[p][r];
		audience_each_visitor(A, rooms[r], count_visitor, &seen);
		assert_int_equal(seen, expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(both_sides_know_who_is_where),
		B(who_leaves_is_on_neither_side),
		B(the_last_device_takes_the_memberships_along),
		B(both_sides_agree_whatever_happens),
	};

	return cmocka_run_group_tests_name("audience", tests, NULL, NULL);
}
