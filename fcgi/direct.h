/* direct.h -- the id of the room of two people: the same whoever asks first, so
 * that it exists once however they race. */
#pragma once

#include <stdint.h>

#include "shared/uuid.h"

/* key: db_instance()->id_key, so that nobody can tell who has a room with whom. */
void direct_room_id(uint64_t key, const char *one, const char *other, struct uuid *out);
