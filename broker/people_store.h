/* people_store.h -- what the broker reads about a person before it lets them in. */
#pragma once

#include <stdbool.h>

#include "shared/db.h"
#include "shared/uuid.h"

/* The people with whom there is a block, whoever made it: one row, with a sorted
 * list. */
struct db_call people_blocked_call(struct arena *a, const char *user_id);

/* Takes the next id off a list (uuid[], as PostgreSQL prints it); false: there is
 * none. */
bool ids_next(const char **list, struct uuid *out);

extern const struct stmt *const people_statements[];
