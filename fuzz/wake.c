/* wake.c -- what arrives at the broker's datagram socket, or by NOTIFY. */
#include "fuzz/fuzz.h"
#include "shared/wake.h"

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = fuzz_text(a, data, len);
	struct wake_up up = {};
	struct uuid id;

	if (wake_parse(text, &up) == OK) {
		if (up.id.text[0])
			CLAIM(uuid_parse(up.id.text, &id) == OK);
		CLAIM(up.seq >= 0);
	}
	arena_free(a);
	return 0;
}
