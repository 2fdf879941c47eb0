/* search_tokens.c -- see search_tokens.h. A term below 0 is -1 - (kind << 29 | number).
 */
#include "fcgi/search_tokens.h"

enum { KIND_ROOM = 1, KIND_AUTHOR };
enum { NUMBER_BITS = 29, SEQ_BITS = 20 };

static int64_t
term(int kind, uint64_t number)
{
	return -1 - (int64_t)((uint64_t)kind << NUMBER_BITS |
			      (number & ((UINT64_C(1) << NUMBER_BITS) - 1)));
}

int64_t
search_term_of_room(int64_t room_no)
{
	return term(KIND_ROOM, (uint64_t)room_no);
}

/* FNV-1a of the id as text. */
int64_t
search_term_of_author(const char *user_id)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const char *s = user_id ? user_id : ""; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return term(KIND_AUTHOR, h ^ h >> 32);
}

/* Places are above 0; 43 bits of time last until 2248. */
int64_t
search_place_of(int64_t at_ms, int64_t seq)
{
	static const int64_t ms_max = (INT64_C(1) << 43) - 1;
	int64_t ms = at_ms < 1 ? 1 : at_ms > ms_max ? ms_max : at_ms;

	return ms << SEQ_BITS | (seq & ((INT64_C(1) << SEQ_BITS) - 1));
}
