/* range.c -- the Range header: which bytes of a file are requested. */
#include "fcgi/range.h"
#include "fuzz/fuzz.h"

int
fuzz_one(const uint8_t *data, size_t len)
{
	static const int64_t sizes[] = { 0, 1, 100, 26214400, INT64_MAX };
	struct arena *a = arena_new();
	const char *text = fuzz_text(a, data, len);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int64_t from = -1, count = -1;

		if (range_parse(text, sizes[i], &from, &count) != RANGE_PART)
			continue;
		CLAIM(from >= 0 && count > 0 && from <= sizes[i] - count);
	}
	arena_free(a);
	return 0;
}
