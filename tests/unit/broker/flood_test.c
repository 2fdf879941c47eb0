#include "broker/flood.h"
#include "tests/unit/broker/fake.h"

/* Sends a ping of this size. */
static void
ping(struct conn *c, size_t size)
{
	char *frame = arena_alloc(fake.arena, size + 1);

	memset(frame, ' ', size);
	memcpy(frame, "{\"type\":\"ping\"", 14);
	frame[size - 1] = '}';
	frame[size] = '\0';
	fake_say(c, frame);
}

/* Counts the pongs and refusals sent, until nothing is left or the connection is
 * closed. */
static void
count(struct fake_wire *w, int *pongs, int *refused, const char **last)
{
	const char *sent;

	*pongs = *refused = 0;
	*last = "";
	while ((sent = fake_next(fake.arena, w))) {
		*pongs += strstr(sent, "pong") != NULL;
		*refused += strstr(sent, "\"rate_limited\"") &&
			    strstr(sent, "\"retry_after\":");
		*last = sent;
	}
}

static void
bytes_of_a_person_are_limited_over_all_connections(void **state)
{
	struct fake_wire w[2];
	struct conn *c[2];
	int pongs, refused, more;
	const char *last;

	(void)state;
	fake.config.received_bytes_per_second = 1024;
	fake.config.received_bytes_burst = 131072;
	for (int i = 0; i < 2; i++)
		c[i] = fake_conn(&w[i], "00000000-0000-4000-8000-0000000000f2");
	for (int i = 0; i < 4; i++)
		ping(c[i % 2], 65536);
	fake_turn_ends();
	count(&w[0], &pongs, &refused, &last);
	assert_int_equal(pongs, 1);
	assert_int_equal(refused, 1);
	count(&w[1], &more, &refused, &last);
	assert_int_equal(more, 1);
	assert_int_equal(refused, 1);
	assert_int_equal(fake.broker.metrics.limited_bytes, 2);
	assert_int_equal(c[0]->state, CONN_READY);
}

static void
large_frames_beyond_the_limit_end_it_sooner_than_small_ones(void **state)
{
	struct fake_wire w;
	struct conn *c;
	int pongs, refused;
	const char *last;

	(void)state;
	fake.config.received_bytes_per_second = 1024;
	fake.config.received_bytes_burst = 131072;
	c = fake_conn(&w, "00000000-0000-4000-8000-0000000000f3");
	for (int i = 0; i < 100 && c->state == CONN_READY; i++)
		ping(c, 131072);
	fake_turn_ends();
	count(&w, &pongs, &refused, &last);
	assert_int_equal(pongs, 1);
	assert_true(refused <= 5);
	assert_string_equal(last, "close 4429 rate_limited");
}

static void
many_people_of_one_address_share_what_it_may_send(void **state)
{
	struct fake_wire w[6];
	int pongs, refused, all = 0;
	const char *last;

	(void)state;
	fake.config.max_rooms_per_connection = 0;
	fake.config.requests_burst = 10;
	fake.config.requests_per_second = 1;
	fake.config.address_people = 3;
	for (int i = 0; i < 6; i++) {
		struct hello hello = { .kind = HELLO_SOCKET, .address = "192.0.2.77" };
		struct conn *c = fake_conn_at(
			&w[i],
			arena_printf(fake.arena, "00000000-0000-4000-8000-0000000001f%d",
				     i),
			&hello);

		for (int n = 0; n < 10; n++)
			ping(c, 20);
		fake_turn_ends();
		count(&w[i], &pongs, &refused, &last);
		all += pongs;
		assert_int_equal(pongs + refused, 10);
	}
	assert_int_equal(all, 30);
	assert_int_equal(fake.broker.metrics.limited_address_frames, 30);
}

static void
who_knocks_too_often_is_told_when_to_come_back(void **state)
{
	int retry_after_s, taken = 0;

	(void)state;
	fake.config.handshakes_per_second = 1;
	fake.config.handshakes_burst = 5;
	for (int i = 0; i < 20; i++)
		taken += flood_may_connect(&fake.broker, "192.0.2.78", &retry_after_s);
	assert_int_equal(taken, 5);
	assert_true(retry_after_s >= 1 && retry_after_s <= CONN_RETRY_MAX_S);
	assert_true(flood_may_connect(&fake.broker, "192.0.2.79", &retry_after_s));
	assert_int_equal(fake.broker.metrics.limited_handshakes, 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(bytes_of_a_person_are_limited_over_all_connections),
		B(large_frames_beyond_the_limit_end_it_sooner_than_small_ones),
		B(many_people_of_one_address_share_what_it_may_send),
		B(who_knocks_too_often_is_told_when_to_come_back),
	};

	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
