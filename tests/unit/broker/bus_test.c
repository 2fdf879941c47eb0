#include "broker/bus_packet.h"
#include "broker/bus_words.h"
#include "broker/early.h"
#include "shared/bus_place.h"
#include "tests/unit/broker/fake.h"

#define BROKER "00000000-0000-4000-8000-000000000001"
#define CHANNEL "foyer:0123456789abcdef:" HALL

static struct siphash_key
key_of(const char *uuid)
{
	struct siphash_key key = {};

	assert_int_equal(bus_packet_key(uuid, &key), OK);
	return key;
}

static bool
opens(const struct siphash_key *key, const char *channel, const char *bytes, size_t len)
{
	char *lines = NULL;

	return bus_packet_open(fake.arena, key, channel, bytes, len, &lines) == OK;
}

static void
what_was_sealed_comes_out_line_by_line(void **state)
{
	const struct siphash_key key = key_of(HALL);
	const char *const lines[] = { "room " HALL " 4", "broker" };
	size_t len = 0;
	const char *packet =
		bus_packet_seal(fake.arena, &key, CHANNEL, BROKER, lines, 2, &len);
	char *out = NULL;

	(void)state;
	assert_true(bus_packet_is_of(packet, len, BROKER));
	assert_false(bus_packet_is_of(packet, len, HALL));
	assert_int_equal(bus_packet_open(fake.arena, &key, CHANNEL, packet, len, &out),
			 OK);
	assert_string_equal(strsep(&out, "\n"), lines[0]);
	assert_string_equal(strsep(&out, "\n"), lines[1]);
	assert_null(out);
}

static void
nothing_opens_with_another_key_channel_or_byte(void **state)
{
	const struct siphash_key key = key_of(HALL), other = key_of(YARD);
	const char *const line = "room " HALL " 4";
	size_t len = 0;
	char *packet = (char *)(uintptr_t)bus_packet_seal(fake.arena, &key, CHANNEL,
							  BROKER, &line, 1, &len);

	(void)state;
	assert_true(opens(&key, CHANNEL, packet, len));
	assert_false(opens(&other, CHANNEL, packet, len));
	assert_false(opens(&key, CHANNEL "0", packet, len));
	for (size_t i = 0; i < len; i++) {
		assert_false(opens(&key, CHANNEL, packet, i));
		packet[i] ^= 1;
		assert_false(opens(&key, CHANNEL, packet, len));
		packet[i] ^= 1;
	}
}

static const char *
message(const char *room_id, int seq, const char *line_seq)
{
	return arena_printf(fake.arena,
			    "event " HALL " %s {\"type\":\"message\",\"room_id\":\"%s\","
			    "\"seq\":%d,\"sender\":{\"id\":\"" BOB "\"},\"text\":\"%d\"}",
			    line_seq, room_id, seq, seq);
}

static void
a_message_is_read_if_it_is_of_its_room_and_seq(void **state)
{
	const char *const none[] = {
		"event",
		"event " HALL,
		"event " HALL " 4",
		"event " HALL " 4 {}",
		"event " HALL " 4 []",
		"event " HALL " 0 {}",
		message(YARD, 4, "4"),
		message(HALL, 5, "4"),
		message(HALL, -4, "-4"),
		arena_printf(fake.arena, "%s ", message(HALL, 4, "04x")),
	};
	struct bus_event e = {};

	(void)state;
	assert_int_equal(bus_read_event(fake.arena, message(HALL, 4, "4"), &e), OK);
	assert_int_equal(e.seq, 4);
	assert_string_equal(e.room_id.text, HALL);
	assert_string_equal(e.author_id.text, BOB);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_not_equal(bus_read_event(fake.arena, none[i], &e), OK);
}

static void
typing_has_a_room_a_person_and_one_digit(void **state)
{
	const char *const none[] = {
		"typing",
		"typing " HALL,
		"typing " HALL " " BOB,
		"typing " HALL " " BOB " 2",
		"typing " HALL " " BOB " 11",
		"typing x " BOB " 1",
		"typing " HALL "  1",
		"typing " HALL " " BOB " ",
	};
	struct bus_typing t = {};

	(void)state;
	assert_int_equal(bus_read_typing("typing " HALL " " BOB " 1", &t), OK);
	assert_true(t.on);
	assert_string_equal(t.user_id.text, BOB);
	assert_int_equal(bus_read_typing("typing " HALL " " BOB " 0", &t), OK);
	assert_false(t.on);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_not_equal(bus_read_typing(none[i], &t), OK);
}

static void
the_setting_is_an_address_a_path_or_nothing(void **state)
{
	static const struct {
		const char *text, *host, *path;
		int port;
	} places[] = {
		{ "", "", "", 0 },
		{ "redis://10.0.0.5:6379", "10.0.0.5", "", 6379 },
		{ "redis://[::1]:1", "::1", "", 1 },
		{ "redis://some.host:65535", "some.host", "", 65535 },
		{ "unix:/run/redis.sock", "", "/run/redis.sock", 0 },
	};
	static const char *const none[] = {
		"redis://",	      "redis://host",  "redis://host:0",
		"redis://host:65536", "redis://:6379", "redis://::1:6379",
		"redis://a:b@host:1", "redis://h:1/0", "unix:run/redis.sock",
		"localhost:6379",     "unix:",	       "rediss://host:6379",
	};
	struct bus_place place;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_true(bus_place_parse(places[i].text, &place));
		assert_string_equal(place.host, places[i].host);
		assert_string_equal(place.path, places[i].path);
		assert_int_equal(place.port, places[i].port);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(bus_place_parse(none[i], &place));
}

/* ---- into the ring ------------------------------------------------------- */

static void
hear(int seq)
{
	early_hear(&fake.broker, message(HALL, seq, arena_printf(fake.arena, "%d", seq)));
	fake_turn_ends();
}

static void
a_message_that_is_next_is_delivered_without_the_log(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);

	(void)state;
	fake_join(ann, "4");
	hear(5);
	assert_int_equal(fake.broker.metrics.bus_next, 1);
	hear(5); /* a duplicate */
	hear(4);
	assert_int_equal(fake.broker.metrics.bus_next, 1);
	assert_int_equal(room_seq(rooms_find(&fake.broker.rooms, HALL)), 5);
	assert_int_equal(fake_waiting(), 0);
}

static void
one_that_is_further_on_waits_for_those_before_it(void **state)
{
	struct fake_wire w;
	struct conn *ann = fake_conn(&w, ANN);
	struct live_room *room;

	(void)state;
	fake_join(ann, "4");
	room = rooms_find(&fake.broker.rooms, HALL);
	hear(7);
	hear(6);
	hear(7);
	assert_int_equal(room_seq(room), 4);
	assert_int_equal(room->early_count, 2);
	hear(5); /* while the log is being read */
	assert_int_equal(room_seq(room), 7);
	assert_int_equal(room->early_count, 0);
	assert_int_equal(fake.broker.metrics.bus_early, 2);
	hear(100);
	assert_int_equal(room->early_count, 1);
	for (int i = 0; i < 2 * EARLY_MAX; i++)
		early_hear(
			&fake.broker,
			message(HALL, 101 + i, arena_printf(fake.arena, "%d", 101 + i)));
	assert_int_equal(room->early_count, EARLY_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		B(what_was_sealed_comes_out_line_by_line),
		B(nothing_opens_with_another_key_channel_or_byte),
		B(a_message_is_read_if_it_is_of_its_room_and_seq),
		B(typing_has_a_room_a_person_and_one_digit),
		B(the_setting_is_an_address_a_path_or_nothing),
		B(a_message_that_is_next_is_delivered_without_the_log),
		B(one_that_is_further_on_waits_for_those_before_it),
	};

	return cmocka_run_group_tests_name("bus", tests, NULL, NULL);
}
