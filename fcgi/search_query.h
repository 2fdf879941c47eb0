/* search_query.h -- a search as somebody typed it, and whether a text matches it.
 *
 *	two words	both of them, each in any of its forms or inside a word
 *	"a phrase"	these words as they are, in this order, whole
 *	-word -"a b"	not in it
 *
 * A missing closing quotation mark is assumed at the end. Something like foo-bar or 3.14
 * is several words in a row.
 *
 * The index only says where to look: search_matches() decides what is found. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/words.h"

enum { SEARCH_TERMS_MAX = 16, SEARCH_Q_MAX = 256 };

struct search_term {
	const char *text; /* folded */
	const char *stem; /* the stem of a single word outside quotes; or NULL */
	bool is_whole;	  /* was quoted: begins and ends at word boundaries */
	bool is_not;
};

struct search_query {
	int count;
	struct search_term terms[SEARCH_TERMS_MAX];
};

/* ERR_TOO_MANY: too many terms. ERR_INVALID: nothing to search for. */
enum err search_parse(struct arena *a, const char *q, struct search_query *out);

bool search_matches(struct arena *a, const struct search_query *q, const char *text);

/* One look-up in the index: every text that matches has one of the words for which this
 * stands. */
struct search_slot {
	const char *word; /* this very word ... */
	const char *part; /* ... or any word that contains this ... */
	const char *stem; /* ... or any with this stem; NULL: not used */
};

enum { SEARCH_SLOTS_MAX = 24 };

/* As many as are useful; returns their number. None: the index cannot help. */
int search_slots(struct arena *a, const struct search_query *q,
		 struct search_slot out[SEARCH_SLOTS_MAX]);
