/* direct.h -- the id of the direct room of two people: the same for both, so that
 * concurrent requests make only one room. */
#pragma once

#include <stdint.h>

#include "shared/uuid.h"

/* key: db_instance()->id_key, so that nobody can compute who has a room with whom. */
void direct_room_id(uint64_t key, const char *one, const char *other, struct uuid *out);
