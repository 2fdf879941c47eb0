/* people_store.h -- what of a person the broker reads before it lets them in. */
#pragma once

#include <stdbool.h>

#include "shared/db.h"
#include "shared/uuid.h"

/* With whom there is a block, whoever made it: one row, with a list in order. */
struct db_call people_blocked_call(struct arena *a, const char *user_id);

/* The next id of a list (uuid[], as PostgreSQL prints it), which it moves on; false:
 * there is none. */
bool ids_next(const char **list, struct uuid *out);

extern const struct stmt *const people_statements[];
