/* bus.c -- what a broker receives through Redis: packets, the lines in a sealed one, and
 * lines by themselves. */
#include "broker/bus_packet.h"
#include "broker/bus_words.h"
#include "fuzz/fuzz.h"
#include "shared/wake.h"

#define CHANNEL "foyer:0123456789abcdef:all"
#define BROKER "00000000-0000-4000-8000-000000000001"

static const struct siphash_key key = { { 1, 2 } };

static void
read_line(struct arena *a, const char *line)
{
	struct bus_typing typing = {};
	struct bus_event event = {};
	struct wake_up up = {};

	if (bus_read_typing(line, &typing) == OK) {
		CLAIM(uuid_is(typing.room_id.text) && uuid_is(typing.user_id.text));
		CLAIM(strcmp(arena_printf(a, "%s %d",
					  bus_typing_words(a, typing.room_id.text,
							   typing.user_id.text),
					  typing.on),
			     line) == 0 ||
		      strpbrk(line, "ABCDEF"));
	}
	if (bus_read_event(a, line, &event) == OK) {
		CLAIM(bus_is_event(line) && event.seq > 0);
		CLAIM(uuid_is(event.room_id.text) && uuid_is(event.author_id.text));
		CLAIM(event.text[0] && fuzz_is_sound(event.text));
	}
	(void)wake_parse(line, &up);
}

/* The raw bytes must not pass for sealed; sealed by us, they must come out unchanged. */
int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = fuzz_text(a, data, len), *packet;
	char *lines = NULL;
	size_t size = 0;

	(void)bus_packet_is_of((const char *)data, len, BROKER);
	CLAIM(bus_packet_open(a, &key, CHANNEL, (const char *)data, len, &lines) != OK);
	packet = bus_packet_seal(a, &key, CHANNEL, BROKER, &text, 1, &size);
	CLAIM(bus_packet_is_of(packet, size, BROKER));
	CLAIM(bus_packet_open(a, &key, CHANNEL "x", packet, size, &lines) != OK);
	CLAIM(bus_packet_open(a, &key, CHANNEL, packet, size - 1, &lines) != OK);
	CLAIM(bus_packet_open(a, &key, CHANNEL, packet, size, &lines) == OK);
	CLAIM(strcmp(lines, text) == 0);
	for (char *line; (line = strsep(&lines, "\n"));)
		read_line(a, line);
	arena_free(a);
	return 0;
}
