/* calls_store.h -- SQL of calls that only REST needs: keys and lists. For changes to
 * calls see shared/calls.h. */
#pragma once

#include <stdint.h>

#include "shared/calls.h"
#include "shared/db.h"
#include "shared/err.h"

/* out: the call, if call_problem() returns OK for the outcome. */
enum err call_start(struct db *db, struct arena *a, const struct call_draft *d,
		    struct call_outcome *out_outcome, struct call *out);
enum err call_move(struct db *db, struct arena *a, const struct call_move *m,
		   struct call_outcome *out_outcome, struct call *out);

/* ERR_NOT_FOUND: it does not exist, or is hidden from them. room_no: see calls.h. */
enum err call_get(struct db *db, struct arena *a, const char *call_id,
		  const char *user_id, const char *room_no, struct call *out);

struct call_place {
	int64_t started_at;
	const char *id;
};

struct call_list {
	int count; /* one more than limit means that there are more */
	struct call *items;
};

/* Latest first. room_id NULL: the calls that this person began or was called to;
 * otherwise all calls in the room that they may see, ERR_NOT_FOUND if they are not a
 * member. before NULL: from the latest. */
enum err calls_list(struct db *db, struct arena *a, const char *user_id,
		    const char *room_id, const struct call_place *before, int64_t limit,
		    struct call_list *out);

/* Ends calls that are due to end, at most `limit`. */
enum err calls_sweep(struct db *db, struct arena *a, int64_t limit, int64_t *out_count);

extern const struct stmt *const calls_store_statements[];
