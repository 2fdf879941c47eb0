/* words.h -- text as it is searched: the door to libstemmer.
 *
 * Pure. The folded form of a text is its words without case, in one normal form,
 * one space between them and none around: what is no letter, digit or symbol is only
 * a gap. Scripts that write without spaces (Chinese, Japanese, Korean, Thai and their
 * like; emoji too) are called dense here: a run of them is one word of the folded
 * form, and is indexed by its characters and its pairs of characters, so that any
 * part of it is found by what stands in the index.
 *
 * Lifetime: all that is handed out is the arena's. */
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

/* A step through the words of a folded text: the next one, NULL at the end. */
const char *words_next(struct arena *a, const char **folded);

struct word_list {
	struct arena *arena;
	int count, cap;
	const char **items;
};
void word_list_add(struct word_list *l, const char *word);

/* What a folded text is indexed by; a word may come more than once. */
struct word_list words_of(struct arena *a, const char *folded);

/* The stem of a word that is written in Cyrillic (as Russian) or in Latin letters (as
 * English) alone; of any other the word. */
const char *words_stem(struct arena *a, const char *word);

/* What the word has inside: hashes of its pairs and triples of characters, in no
 * order, each once. Every part of a word has some of the word's, a part of one
 * character none. For a part that is looked for, only the triples, if it has one. */
int words_grams(struct arena *a, const char *word, bool is_part, int32_t **out);
