/* people_store.h -- what of a person the broker reads before it lets them in. */
#pragma once

#include "shared/db.h"

/* With whom there is a block, whoever made it: visitor_set_blocked() takes the rows. */
struct db_call people_blocked_call(struct arena *a, const char *user_id);

extern const struct stmt *const people_statements[];
