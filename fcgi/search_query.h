/* search_query.h -- what is looked for, as somebody typed it, and whether a text has
 * it.
 *
 *	two words	both of them, each in any of its forms or inside a word
 *	"a phrase"	these words as they are, in this order, whole
 *	-word -"a b"	not in it
 *
 * A quotation mark that nobody closed closes at the end. Something like foo-bar or
 * 3.14 is several words that follow each other.
 *
 * The index only says where to look: what is found is what search_matches() says. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/words.h"

enum { SEARCH_TERMS_MAX = 16, SEARCH_Q_MAX = 256 };

struct search_term {
	const char *text; /* folded */
	const char *stem; /* the same of a single word that is not quoted; or NULL */
	bool is_whole;	  /* was quoted: begins and ends where words do */
	bool is_not;
};

struct search_query {
	int count;
	struct search_term terms[SEARCH_TERMS_MAX];
};

/* ERR_TOO_MANY: more terms than that. ERR_INVALID: nothing to look for. */
enum err search_parse(struct arena *a, const char *q, struct search_query *out);

bool search_matches(struct arena *a, const struct search_query *q, const char *text);

/* One thing that the index can be asked: every text that matches has one of the
 * words that this stands for. */
struct search_slot {
	const char *word; /* this very word ... */
	const char *part; /* ... or any that has this inside ... */
	const char *stem; /* ... or has this stem; NULL: none of that */
};

enum { SEARCH_SLOTS_MAX = 24 };

/* As many as are of use; returns how many. None: the index knows nothing of it. */
int search_slots(struct arena *a, const struct search_query *q,
		 struct search_slot out[SEARCH_SLOTS_MAX]);
