/* marks.h -- how far somebody has read a room, and how far one of their devices has
 * it. Only ever forward, and never beyond the
 * log. No event of the log: a mark concerns one person, and moves without the room's
 * lock. */
#pragma once

#include "shared/db.h"
#include "shared/err.h"

struct db_call marks_read_call(struct arena *a, const char *room_id, const char *user_id,
			       int64_t seq);
struct db_call marks_delivered_call(struct arena *a, const char *room_id,
				    const char *user_id, int64_t seq);
/* Of either. ERR_NOT_FOUND: no such room, or no member of it. */
enum err marks_read_result(const struct rows *rows);

extern const struct stmt *const marks_statements[];
