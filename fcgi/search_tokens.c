/* search_tokens.c -- see search_tokens.h. A token is -1 - (kind << 29 | number); the
 * number of a block has its level in the upper three of its 29 bits: level n stands
 * for 8^n blocks (the statement search_add_messages makes the same). */
#include "fcgi/search_tokens.h"

#include <string.h>

#include "shared/db.h"

enum { KIND_BLOCK, KIND_ROOM, KIND_AUTHOR };
enum { NUMBER_BITS = 29, LEVEL_BIT = 26, LEVELS = 6, WINDOW_FIRST = 2, WINDOW_GROWS = 4 };

static int64_t
token(int kind, uint64_t number)
{
	return -1 - (int64_t)((uint64_t)kind << NUMBER_BITS |
			      (number & ((UINT64_C(1) << NUMBER_BITS) - 1)));
}

int64_t
search_token_of_room(int64_t room_no)
{
	return token(KIND_ROOM, (uint64_t)room_no);
}

/* FNV-1a of the id as text. */
int64_t
search_token_of_author(const char *user_id)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const char *s = user_id ? user_id : ""; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return token(KIND_AUTHOR, h ^ h >> 32);
}

/* The blocks from..to by as few tokens as will do. */
static const char *
cover(struct arena *a, int64_t from, int64_t to)
{
	enum { MAX = 1024 };
	int64_t tokens[MAX];
	int count = 0;

	while (from <= to && count < MAX) {
		int level = 0;

		while (level + 1 < LEVELS && from % (INT64_C(8) << (3 * level)) == 0 &&
		       from + (INT64_C(8) << (3 * level)) - 1 <= to)
			level++;
		tokens[count++] =
			token(KIND_BLOCK, (uint64_t)level << LEVEL_BIT |
						  (uint64_t)from >> (3 * level));
		from += INT64_C(1) << (3 * level);
	}
	return db_array_int(a, tokens, count);
}

/* A window begins where a token does, so that the next one is made of few. */
int
search_windows(struct arena *a, int64_t last, const char *out[SEARCH_WINDOWS_MAX])
{
	int64_t size = WINDOW_FIRST, from;
	int count = 0;

	for (; last >= 0 && count < SEARCH_WINDOWS_MAX; last = from - 1) {
		from = last - size + 1;
		from -= from > 0 ? from % (size / 2) : 0;
		if (from < 0 || count == SEARCH_WINDOWS_MAX - 1)
			from = 0;
		out[count++] = cover(a, from, last);
		size *= WINDOW_GROWS;
	}
	return count;
}
