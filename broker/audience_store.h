/* audience_store.h -- SQL of who is where, and the rows it gives. */
#pragma once

#include "broker/audience.h"
#include "shared/db.h"

/* All rooms of a person. */
struct db_call audience_rooms_call(struct arena *a, const char *user_id);
struct crowd_facts audience_room_from(const struct rows *rows, int row);

extern const struct stmt *const audience_statements[];
