/* search_tokens.h -- the numbers of which the index consists: places of messages, and the
 * terms below 0, which stand for rooms and authors. Two rooms or people may share a term:
 * what is found by it is checked again. */
#pragma once

#include <stdint.h>

int64_t search_term_of_room(int64_t room_no);
int64_t search_term_of_author(const char *user_id); /* NULL: a removed account */

/* A message's place in the order of results: greater is newer, and within a room a
 * greater seq has a greater place. */
int64_t search_place_of(int64_t at_ms, int64_t seq);
