/* fuzz.h -- what the targets have in common.
 *
 * A target is one file about one parser of untrusted bytes. It defines fuzz_one(), which
 * accepts any bytes and ends the process (CLAIM) if something is not as the parser's
 * header promises. `make fuzz` runs it under libFuzzer; the unit tests run it over its
 * folder of fuzz/corpus (replay.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/arena.h"
#include "shared/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len); /* libFuzzer's name for it */
#define fuzz_one LLVMFuzzerTestOneInput

#define CLAIM(holds)                                                                 \
	do {                                                                         \
		if (!(holds)) {                                                      \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, \
				#holds);                                             \
			abort();                                                     \
		}                                                                    \
	} while (0)

/* The bytes as a string: up to the first NUL, or all of them with a NUL appended. */
static inline const char *
fuzz_text(struct arena *a, const uint8_t *data, size_t len)
{
	return arena_strndup(a, (const char *)data, strnlen((const char *)data, len));
}

/* The same if it is valid UTF-8, as parsers are promised; else NULL. */
static inline const char *
fuzz_utf8(struct arena *a, const uint8_t *data, size_t len)
{
	const char *text = fuzz_text(a, data, len);

	return text_is_utf8(text, strlen(text)) ? text : NULL;
}

/* May this text go anywhere in Foyer? */
static inline bool
fuzz_is_sound(const char *text)
{
	return text && text_is_utf8(text, strlen(text));
}
