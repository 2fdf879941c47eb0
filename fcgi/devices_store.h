/* devices_store.h -- SQL of the list of one's sign-ins. */
#pragma once

#include "shared/db.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct page_place; /* fcgi/page.h */

struct device {
	const char *id;
	int64_t created_at, last_used_at;
	const char *address, *user_agent; /* NULL: not known */
};

/* The latest first; limit + 1 rows, to tell whether there are more. */
enum err devices_list(struct db *db, struct arena *a, const char *user_id,
		      const struct page_place *after, int64_t limit, int *out_count,
		      struct device **out);

/* ERR_NOT_FOUND: it ended, never existed, or is somebody else's. */
enum err device_get(struct db *db, struct arena *a, const char *user_id,
		    const char *session_id, struct device *out);
enum err device_end(struct db *db, struct arena *a, const char *user_id,
		    const char *session_id);

/* All of this person's sessions except this one. */
enum err devices_end_others(struct db *db, struct arena *a, const char *user_id,
			    const char *session_id);

/* Deletes some of the sessions that nobody can use any more, of the addresses that nobody
 * signed in from for a year, and of the notes of ended sessions. *out_more: there is
 * more. */
enum err devices_sweep(struct db *db, struct arena *a, int64_t access_token_s,
		       bool *out_more);

extern const struct stmt *const devices_statements[];
