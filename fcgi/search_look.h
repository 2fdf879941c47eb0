/* search_look.h -- walks the lists of the index (search_store.h) for places that may
 * match: those with at least one term of each set.
 *
 * Lists are read piece by piece, newest first, and no further than requested. If the sets
 * are about equally frequent, each is read on below the places of the others (so a list
 * is skipped where another set has nothing). If one is much rarer, its places are
 * returned without looking at the others: the caller, who reads the messages there, sees
 * whether they match.
 *
 * Lifetime: the arena's. */
#pragma once

#include "fcgi/search_store.h"

struct search_look;

/* Only places below this one. */
struct search_look *search_look_new(struct arena *a, int64_t below, int max_sets);
/* is_wide: it has many terms; such a set comes last, and is read only if the first places
 * of the other sets were not enough. */
void search_look_add(struct search_look *l, const int64_t *terms, int count,
		     bool is_wide);

/* The next places, newest first: `enough` of them, unless it gets tired or reaches the
 * end. */
enum err search_look_next(struct search_look *l, struct db *db, int enough,
			  int *out_count, const int64_t **out);
bool search_look_is_at_end(const struct search_look *l);
/* It has read as much as one request may. */
bool search_look_is_tired(const struct search_look *l);
/* All places from this one up were returned. */
int64_t search_look_place(const struct search_look *l);
