/* place.c -- a listener's position: "<seq>" or "<epoch>.<seq>". */
#include "broker/hello.h"
#include "fuzz/fuzz.h"

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = fuzz_text(a, data, len);
	struct place place = {};

	if (place_read(a, text, &place) == OK) {
		const char *again =
			place.epoch ? arena_printf(a, "%s.%lld", place.epoch,
						   (long long)place.after)
				    : arena_printf(a, "%lld", (long long)place.after);

		CLAIM(place.given && place.after >= 0);
		CLAIM(strcmp(again, text) == 0);
	} else {
		CLAIM(!place.given && !place.epoch);
	}
	arena_free(a);
	return 0;
}
