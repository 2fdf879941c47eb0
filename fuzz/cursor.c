/* cursor.c -- cursors of pages, of every kind, as clients send them back. */
#include "fcgi/cursor.h"
#include "fuzz/fuzz.h"

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = fuzz_text(a, data, len), *word, *key;
	int64_t time, no;
	struct uuid id;
	bool inside;

	if (cursor_parse(a, CURSOR_CALLS, text, &time, &no) == OK)
		CLAIM(strcmp(cursor_print(a, CURSOR_CALLS, time, no), text) == 0);
	if (cursor_parse_id(a, CURSOR_CALLS, text, &time, &id) == OK)
		CLAIM(strcmp(cursor_print_id(a, CURSOR_CALLS, time, id.text), text) == 0);
	if (cursor_parse_key(a, CURSOR_CALLS, text, &time, &key) == OK)
		CLAIM(text_is_key(key));
	if (cursor_parse_word(a, CURSOR_CALLS, text, &inside, &id, &word) == OK)
		CLAIM(fuzz_is_sound(word) && strlen(word) <= CURSOR_WORD_MAX);
	arena_free(a);
	return 0;
}
