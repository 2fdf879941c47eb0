/* uuid.h -- ids as clients see them (RFC 9562).
 *
 * Random version 4 for users, rooms, sessions. A message has no id of its own in the
 * database: its public id is a version 8 UUID that holds the room's number and the
 * message's seq, mixed with the instance's id key so that it reveals nothing at a glance.
 * The mixing is not for secrecy: access is checked wherever an id is used. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/err.h"

enum { UUID_TEXT_SIZE = 37 };

struct uuid {
	char text[UUID_TEXT_SIZE]; /* lower case, with hyphens; "" is none */
};

void uuid_random(struct uuid *out);
/* Any case in, lower case out. ERR_INVALID otherwise. */
enum err uuid_parse(const char *text, struct uuid *out);
bool uuid_is(const char *text);

/* key: db_instance()->id_key. room_no and seq: 1 .. 2^61-1. */
void uuid_of_message(uint64_t key, int64_t room_no, int64_t seq, struct uuid *out);
/* ERR_NOT_FOUND if it is not a message's id. */
enum err uuid_to_message(uint64_t key, const char *text, int64_t *out_room_no,
			 int64_t *out_seq);
