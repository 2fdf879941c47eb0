/* seen.h -- last_seen_at of whoever uses the REST interface. */
#pragma once

#include "fcgi/request.h"

/* rq is somebody's: note that they are here. Asks the database about one person at most
 * once in SEEN_EVERY_MS, as far as this process remembers. */
void seen_note(struct req *rq);

/* What the database has said by the way: then it need not be asked. */
void seen_learn(const char *user_id, int64_t at_ms);
