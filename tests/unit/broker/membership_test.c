#include "broker/membership.h"

#include "shared/room_read.h"
#include "tests/unit/broker/fake.h"

#define B_ (&fake.broker)

enum { ROOM_CELLS = 22 + USER_COLUMN_COUNT + EVENT_COLUMNS + 1 };

static void
is_known(struct conn *c)
{
	c->visitor->seats.are_known = true;
}

/* Answers a look: this person's state in the room now, and a removed room. */
static void
looked(const char *user_id, const char *is_member, const char *action, const char *alone,
       const char *removed)
{
	fake_answer(fake_asked("membership_removed"), OK,
		    (struct rows[]){ *fake_rows(user_id ? 1 : 0, 8,
						(const char *const[]){
							HALL, "7", "9", "f", user_id,
							is_member, action, alone }),
				     *fake_rows(removed ? 1 : 0, 1,
						(const char *const[]){ removed }) });
	fake_turn_ends();
}

/* Answers with the room as a new member sees it. */
static void
fetched(void)
{
	const char *cells[ROOM_CELLS] = {
		"7", HALL, "group",  "hall",	      NULL, NULL,
		"t", "10", "{}",     "1700000000000", "9",  "2",
		ANN, "t",  "member", "1700000000000", "9",  "0",
		"0", NULL, "all"
	};

	fake_answer(fake_asked("room_get"), OK, fake_rows(1, ROOM_CELLS, cells));
	fake_turn_ends();
}

static void
who_came_in_is_told_once_on_each_device(void **state)
{
	struct fake_wire w1, w2, w3;
	struct conn *ann = fake_conn(&w1, ANN);

	(void)state;
	fake_conn(&w2, ANN);
	fake_conn(&w3, BOB);
	is_known(ann);
	membership_look(B_);
	looked(ANN, "t", "joined", "t", NULL);
	fetched();
	membership_look(B_);
	looked(ANN, "t", "joined", "t", NULL); /* the windows overlap */
	EXPECT(&w1, "{\"type\":\"room_added\",\"room\":{\"id\":\"" HALL "\"");
	EXPECT(&w2, "room_added");
	EXPECT_NOTHING(&w1);
	EXPECT_NOTHING(&w2);
	EXPECT_NOTHING(&w3);
	assert_true(audience_is_member(&B_->audience, ann->visitor, HALL));
	audience_check(&B_->audience);
}

static void
who_is_out_is_told_why(void **state)
{
	static const struct {
		const char *action, *alone, *reason;
	} ways[] = {
		{ "left", "t", "left" },
		{ "left", "f", "removed" },
		{ "banned", "f", "banned" },
	};
	const struct crowd_facts hall = { .id = HALL, .no = 7 };
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	is_known(ann);
	for (size_t i = 0; i < COUNT(ways); i++) {
		audience_add(&B_->audience, ann->visitor, &hall);
		for (int twice = 0; twice < 2; twice++) {
			membership_look(B_);
			looked(ANN, "f", ways[i].action, ways[i].alone, NULL);
		}
		EXPECT(&w, arena_printf(fake.arena, "\"reason\":\"%s\"", ways[i].reason));
		EXPECT_NOTHING(&w);
	}
}

static void
a_removed_room_is_told_to_those_who_have_not_joined_it(void **state)
{
	const struct crowd_facts hall = { .id = HALL, .no = 7 };
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *bob = fake_conn(&w2, BOB);

	(void)state;
	is_known(ann);
	is_known(bob);
	audience_add(&B_->audience, ann->visitor, &hall);
	audience_add(&B_->audience, bob->visitor, &hall);
	fake_join(bob, "3");
	EXPECT(&w2, "joined");
	membership_look(B_);
	looked(NULL, NULL, NULL, NULL, HALL);
	EXPECT(&w1, "\"reason\":\"room_removed\"");
	EXPECT(&w2, "{\"type\":\"room_removed\",\"room_id\":\"" HALL "\"}");
	EXPECT_NOTHING(&w2);
	assert_null(audience_find(&B_->audience, HALL));
}

static void
what_was_asked_when_the_line_was_lost_is_asked_again(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	is_known(ann);
	membership_look(B_);
	looked(ANN, "t", "joined", "t", NULL);
	fake_answer(fake_asked("room_get"), ERR_UNAVAILABLE, NULL);
	fake_turn_ends();
	fetched();
	EXPECT(&w, "room_added");
}

/* The window of the next look reaches back to the last one that was answered. */
static void
a_look_that_was_lost_is_made_up_for(void **state)
{
	struct question *q;

	(void)state;
	membership_look(B_);
	looked(NULL, NULL, NULL, NULL, NULL);
	fake_time(500);
	membership_look(B_);
	fake_answer(fake_asked("membership_removed"), ERR_UNAVAILABLE, NULL);
	fake_time(60000);
	membership_look(B_);
	q = fake_asked("membership_removed");
	assert_true(atoll(q->params[0]) >= 60500 + MEMBERSHIP_MARGIN_MS);
	fake_answer(q, ERR_UNAVAILABLE, NULL);
}

static void
many_events_are_looked_into_together(void **state)
{
	(void)state;
	membership_look(B_);
	looked(NULL, NULL, NULL, NULL, NULL);
	for (int i = 0; i < 5; i++)
		membership_hurry(B_);
	fake_turn_ends();
	assert_int_equal(fake_waiting(), 0); /* the last look was a moment ago */
	fake_time(MEMBERSHIP_HURRY_MS);
	assert_true(membership_next_ms(B_) <= B_->clock_ms);
	fake_turn_ends();
	looked(NULL, NULL, NULL, NULL, NULL);
	assert_int_equal(fake_waiting(), 0);
}

/* A device whose `ready` was queried before the change. */
static void
a_device_that_is_being_asked_for_is_asked_for_anew(void **state)
{
	const struct hello hello = { .kind = HELLO_SOCKET, .address = "192.0.2.1" };
	struct fake_wire w1, w2;
	struct conn *ann = fake_conn(&w1, ANN), *other;

	(void)state;
	is_known(ann);
	memset(&w2, 0, sizeof(w2));
	other = w2.conn = conn_new(B_, &fake_ops, &w2, &hello);
	assert_int_equal(uuid_parse(ANN, &other->who.user_id), OK);
	conn_move(other, CONN_CHECKING);
	membership_look(B_);
	looked(ANN, "t", "joined", "t", NULL);
	assert_true(other->is_outdated);
	fetched();
	EXPECT_NOTHING(&w2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(who_came_in_is_told_once_on_each_device),
		B(who_is_out_is_told_why),
		B(a_removed_room_is_told_to_those_who_have_not_joined_it),
		B(what_was_asked_when_the_line_was_lost_is_asked_again),
		B(a_look_that_was_lost_is_made_up_for),
		B(many_events_are_looked_into_together),
		B(a_device_that_is_being_asked_for_is_asked_for_anew),
	};

	return cmocka_run_group_tests_name("membership", tests, NULL, NULL);
}
