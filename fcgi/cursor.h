/* cursor.h -- the place where the next page of a list begins, as an opaque text that
 * clients send back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

/* The lists. A cursor begins with its list's letter, since it means nothing in another.
 */
enum cursor_list {
	CURSOR_ADMIN_INVITES = 'a',
	CURSOR_ADMIN_ROOMS,
	CURSOR_ADMIN_USERS,
	CURSOR_CALLS,
	CURSOR_CONTACTS,
	CURSOR_INVITES,
	CURSOR_MESSAGES_FOUND,
	CURSOR_PEOPLE,
	CURSOR_PEOPLE_FOUND,
	CURSOR_ROOMS_FOUND,
	CURSOR_ROOMS_MINE,
	CURSOR_ROOMS_PUBLIC,
	CURSOR_SESSIONS,
	CURSOR_TOKENS,
};

/* Any text as a cursor of this list. */
const char *cursor_print_text(struct arena *a, enum cursor_list list, const char *text);
/* As this one and the following: ERR_INVALID for a text that we never issued for this
 * list. out is the caller's to change. */
enum err cursor_parse_text(struct arena *a, enum cursor_list list, const char *cursor,
			   char **out);

const char *cursor_print(struct arena *a, enum cursor_list list, int64_t time,
			 int64_t no);
enum err cursor_parse(struct arena *a, enum cursor_list list, const char *cursor,
		      int64_t *out_time, int64_t *out_no);

/* The same for lists in which an id, or another key (text_is_key()), separates equal
 * times. */
const char *cursor_print_id(struct arena *a, enum cursor_list list, int64_t time,
			    const char *id);
enum err cursor_parse_id(struct arena *a, enum cursor_list list, const char *cursor,
			 int64_t *out_time, struct uuid *out_id);
enum err cursor_parse_key(struct arena *a, enum cursor_list list, const char *cursor,
			  int64_t *out_time, const char **out_key);

/* For lists by name: the word by which an entry is sorted, and whether it was found
 * inside a name. */
enum { CURSOR_WORD_MAX = 512 };
const char *cursor_print_word(struct arena *a, enum cursor_list list, bool inside,
			      const char *id, const char *word);
enum err cursor_parse_word(struct arena *a, enum cursor_list list, const char *cursor,
			   bool *out_inside, struct uuid *out_id, const char **out_word);
