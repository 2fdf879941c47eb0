/* words.h -- text as it is searched: the door to libstemmer.
 *
 * Pure. The folded form of a text is its words without case, in one normal form, with one
 * space between them and none around them; everything but letters, digits and symbols is
 * a gap. Scripts that write without spaces (Chinese, Japanese, Korean, Thai and similar
 * ones, and emoji) are called dense here: a run of such characters is one word of the
 * folded form. It is indexed by its characters and its pairs of characters, so that any
 * part of it can be found.
 *
 * Lifetime: everything handed out is in the arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"

enum {
	WORDS_PIECE = 64, /* a longer word is indexed in overlapping pieces ... */
	WORDS_PART = 32,  /* ... and every part up to this long is inside one of them */
};

const char *words_fold(struct arena *a, const char *text);

/* Is this word of a folded text dense? A folded word is dense as a whole or not at
 * all. */
bool words_is_dense(const char *word);

/* Steps through the words of a folded text: the next one, NULL at the end. */
const char *words_next(struct arena *a, const char **folded);

struct word_list {
	struct arena *arena;
	int count, cap;
	const char **items;
};
void word_list_add(struct word_list *l, const char *word);

/* What a folded text is indexed by; a word may occur more than once. */
struct word_list words_of(struct arena *a, const char *folded);

/* The stem of a word written only in Cyrillic (as Russian) or only in Latin letters (as
 * English); any other word as it is. */
const char *words_stem(struct arena *a, const char *word);

/* The parts of a word: hashes of its pairs and triples of characters, each once, in no
 * order. The hashes of any part of a word are among the word's own; a part of one
 * character has none. With is_part, for a part that is searched for, only the triples if
 * it has any. */
int words_grams(struct arena *a, const char *word, bool is_part, int32_t **out);
