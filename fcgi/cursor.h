/* cursor.h -- the place where the next page of a list begins, as an opaque text that
 * clients send back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

const char *cursor_print(struct arena *a, int64_t time, int64_t no);
/* ERR_INVALID for a text that we never issued. */
enum err cursor_parse(struct arena *a, const char *text, int64_t *out_time,
		      int64_t *out_no);

/* The same for lists in which an id, or another key (text_is_key()), separates equal
 * times. */
const char *cursor_print_id(struct arena *a, int64_t time, const char *id);
enum err cursor_parse_id(struct arena *a, const char *text, int64_t *out_time,
			 struct uuid *out_id);
enum err cursor_parse_key(struct arena *a, const char *text, int64_t *out_time,
			  const char **out_key);

/* For lists by name: the word by which an entry is sorted, and whether it was found
 * inside a name. */
enum { CURSOR_WORD_MAX = 512 };
const char *cursor_print_word(struct arena *a, bool inside, const char *id,
			      const char *word);
enum err cursor_parse_word(struct arena *a, const char *text, bool *out_inside,
			   struct uuid *out_id, const char **out_word);
