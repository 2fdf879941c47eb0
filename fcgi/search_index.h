/* search_index.h -- filling the index of messages, behind the log.
 *
 * New, edited and deleted messages of a room are read from its log, split into words
 * here, and written together with the seq up to which the room is indexed now. So a
 * process may die at any moment, and two may do the same work, and nothing is lost or
 * doubled. The sweep of search.fcgi does this; a search does it first for the caller's
 * own rooms, so that a message is found as soon as it is posted. */
#pragma once

#include "fcgi/search_store.h"
#include "fcgi/sweep.h"

/* A slice is this many events, or fewer if their texts are long. It is one piece of work,
 * during which the process answers nobody and handles no signal. */
enum { SEARCH_SLICE = 500, SEARCH_SLICE_BYTES = 256 * 1024 };

/* Indexes a slice of what these rooms lack, the oldest first; out_count: how many events
 * that were. */
enum err search_index_slice(struct db *db, struct arena *a, const int64_t *rooms,
			    int count, int *out_count);

extern const struct sweep search_sweeps[];
