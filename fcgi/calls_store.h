/* calls_store.h -- SQL of calls that REST alone needs: keys and lists. What is done to
 * calls is shared/calls.h. */
#pragma once

#include <stdint.h>

#include "shared/calls.h"
#include "shared/db.h"
#include "shared/err.h"

/* out: the call, where call_problem() says OK of the outcome. */
enum err call_start(struct db *db, struct arena *a, const struct call_draft *d,
		    struct call_outcome *out_outcome, struct call *out);
enum err call_move(struct db *db, struct arena *a, const struct call_move *m,
		   struct call_outcome *out_outcome, struct call *out);

/* ERR_NOT_FOUND: there is none, or it is hidden from them. room_no: see calls.h. */
enum err call_get(struct db *db, struct arena *a, const char *call_id,
		  const char *user_id, const char *room_no, struct call *out);

struct call_place {
	int64_t started_at;
	const char *id;
};

struct call_list {
	int count; /* one more than limit tells that there are more */
	struct call *items;
};

/* Latest first. room_id NULL: those that this person was called to, or began; else all
 * of the room that they may see, ERR_NOT_FOUND where they are no member. before NULL:
 * from the latest. */
enum err calls_list(struct db *db, struct arena *a, const char *user_id,
		    const char *room_id, const struct call_place *before, int64_t limit,
		    struct call_list *out);

/* Ends what should have ended, `limit` of them at most. */
enum err calls_sweep(struct db *db, struct arena *a, int64_t limit, int64_t *out_count);

extern const struct stmt *const calls_store_statements[];
