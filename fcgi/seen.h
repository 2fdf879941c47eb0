/* seen.h -- last_seen_at of people who use the REST interface. */
#pragma once

#include "fcgi/request.h"

/* Notes that the caller of rq was here; rq must have a user. Asks the database about one
 * person at most once in SEEN_EVERY_MS, as far as this process remembers. */
void seen_note(struct req *rq);

/* What another query has already returned, so that seen_note() need not ask. */
void seen_learn(const char *user_id, int64_t at_ms);
