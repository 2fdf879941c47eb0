/* search_index.h -- filling the index of messages, behind the log.
 *
 * What is new in a room, edited or deleted is read from its log, split into words
 * here, and written together with how far the room is indexed now: a process may die
 * at any moment, and two may do the same work, and nothing is lost or doubled. It is
 * done in the sweep of search.fcgi, and by whoever searches for their own rooms, so
 * that a message is found as soon as it is posted. */
#pragma once

#include "fcgi/search_store.h"
#include "fcgi/sweep.h"

/* A slice is so many events, or fewer where their texts are long: it is one piece of
 * work, in which nobody is answered and no signal is heard. */
enum { SEARCH_SLICE = 500, SEARCH_SLICE_BYTES = 256 * 1024 };

/* A slice of what these rooms lack, the oldest first; out_count: how many events that
 * were. */
enum err search_index_slice(struct db *db, struct arena *a, const int64_t *rooms,
			    int count, int *out_count);

extern const struct sweep search_sweeps[];
