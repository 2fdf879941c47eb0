/* receipts_tell.h -- who hears of a mark, and what they are told: a part of
 * receipts.c. */
#pragma once

#include <stdint.h>

struct broker;
struct mark_moved;

struct receipt {
	const char *room_id, *user_id;
	uint64_t not_to; /* the connection that moved it; 0: none */
	const struct mark_moved *moved;
};

void receipt_tell(struct broker *b, const struct receipt *r);
