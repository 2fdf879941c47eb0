/* search_look.h -- where in the lists of the index (search_store.h) may be what is
 * looked for: the places that have one term at least of each set.
 *
 * Lists are read piece by piece, newest first, and no further than is asked for. Where
 * the sets are about as frequent, each is read on below what the others have (so a list
 * is skipped where another has nothing); where one is much rarer, its places are given
 * without asking the others: who looks at the messages there sees what they have.
 *
 * Lifetime: the arena's. */
#pragma once

#include "fcgi/search_store.h"

struct search_look;

/* Only places below this one. */
struct search_look *search_look_new(struct arena *a, int64_t below, int max_sets);
/* is_wide: of many terms; it comes last, and is read only if the first places that the
 * others have were not enough. */
void search_look_add(struct search_look *l, const int64_t *terms, int count,
		     bool is_wide);

/* The next ones, newest first: `enough`, unless it gets tired or to the end. */
enum err search_look_next(struct search_look *l, struct db *db, int enough,
			  int *out_count, const int64_t **out);
bool search_look_is_at_end(const struct search_look *l);
/* It has read as much as one request may. */
bool search_look_is_tired(const struct search_look *l);
/* All that is at this place and above was given. */
int64_t search_look_place(const struct search_look *l);
