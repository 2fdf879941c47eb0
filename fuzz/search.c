/* search.c -- a search query, on the first line, and a text to search. */
#include "fcgi/search_query.h"
#include "fuzz/fuzz.h"

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *all = fuzz_utf8(a, data, len);
	const char *line = all ? strchr(all, '\n') : NULL;
	struct search_slot slots[SEARCH_SLOTS_MAX];
	struct search_query q = {};

	if (line &&
	    search_parse(a, arena_strndup(a, all, (size_t)(line - all)), &q) == OK) {
		CLAIM(q.count > 0 && q.count <= SEARCH_TERMS_MAX);
		for (int i = 0; i < q.count; i++)
			CLAIM(fuzz_is_sound(q.terms[i].text));
		search_matches(a, &q, line + 1);
		CLAIM(search_slots(a, &q, slots) <= SEARCH_SLOTS_MAX);
	}
	arena_free(a);
	return 0;
}
