/* words.c -- a text as it is indexed, and the people it mentions. */
#include "fuzz/fuzz.h"
#include "shared/mentions.h"
#include "shared/words.h"

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = fuzz_utf8(a, data, len);

	if (text) {
		const char *folded = words_fold(a, text), *at = folded, *word;
		struct word_list list = words_of(a, folded);
		const char *logins = mentions_find(a, text);

		CLAIM(fuzz_is_sound(folded));
		CLAIM(strcmp(words_fold(a, folded), folded) == 0);
		for (int i = 0; i < list.count; i++)
			CLAIM(fuzz_is_sound(list.items[i]) && *list.items[i]);
		while ((word = words_next(a, &at))) {
			int32_t *grams;

			CLAIM(*word && fuzz_is_sound(words_stem(a, word)));
			words_grams(a, word, false, &grams);
			words_grams(a, word, true, &grams);
		}
		CLAIM(!logins || (*logins && fuzz_is_sound(logins)));
	}
	arena_free(a);
	return 0;
}
