/* search_tokens.h -- what stands in search_index.terms beside words: numbers below 0
 * that say where and when and by whom. Two rooms or people may share one: what is found
 * by it is checked again. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"

int64_t search_token_of_room(int64_t room_no);
int64_t search_token_of_author(const char *user_id); /* NULL: a removed account */

enum { SEARCH_WINDOWS_MAX = 20 };

/* The blocks from `last` down to 0, in windows of which each is four times the one
 * before: arrays of tokens for search_candidates(). Returns how many. */
int search_windows(struct arena *a, int64_t last, const char *out[SEARCH_WINDOWS_MAX]);
