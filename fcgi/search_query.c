/* search_query.c -- see search_query.h. */
#include "fcgi/search_query.h"

#include <string.h>

#include "shared/text.h"

/* ---- reading ------------------------------------------------------------- */

/* The length of the quotation mark at s; 0 if there is none. */
static size_t
quote_at(const char *s)
{
	static const char *const quotes[] = { "\"", "«", "»", "“", "”", "„" };

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (text_starts(s, quotes[i]))
			return strlen(quotes[i]);
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static enum err
add_term(struct arena *a, struct search_query *q, const char *s, size_t len,
	 bool is_whole, bool is_not)
{
	const char *text = words_fold(a, arena_strndup(a, s, len));
	bool is_word = *text && !strchr(text, ' ') && !words_is_dense(text) &&
		       text_length(text) <= WORDS_PART;

	if (!*text)
		return OK;
	if (q->count == SEARCH_TERMS_MAX)
		return ERR_TOO_MANY;
	q->terms[q->count++] = (struct search_term){
		.text = text,
		.stem = is_word && !is_whole ? words_stem(a, text) : NULL,
		.is_whole = is_whole,
		.is_not = is_not,
	};
	return OK;
}

/* Reads the term at *at and moves *at behind it. */
static enum err
read_term(struct arena *a, struct search_query *q, const char **at)
{
	const char *s = *at, *end;
	bool is_not = *s == '-' && s[1] && !is_blank(s[1]);
	size_t quote;

	s += is_not;
	quote = quote_at(s);
	s += quote;
	for (end = s; *end && !quote_at(end) && (quote || !is_blank(*end));)
		end++;
	*at = quote ? end + quote_at(end) : end;
	return add_term(a, q, s, (size_t)(end - s), quote > 0, is_not);
}

enum err
search_parse(struct arena *a, const char *q, struct search_query *out)
{
	*out = (struct search_query){};
	while (*q) {
		if (is_blank(*q))
			q++;
		else
			TRY(read_term(a, out, &q));
	}
	for (int i = 0; i < out->count; i++)
		if (!out->terms[i].is_not)
			return OK;
	return ERR_INVALID;
}

/* ---- does a text match? -------------------------------------------------- */

/* Is there a word boundary at s? Inside a dense run there is one everywhere. */
static bool
is_border(const char *folded, const char *s, const char *dense)
{
	return s == folded || *s == '\0' || *s == ' ' || s[-1] == ' ' ||
	       words_is_dense(dense);
}

static bool
has_whole(const char *folded, const char *phrase)
{
	const char *last = strrchr(phrase, ' '), *s = folded;
	size_t len = strlen(phrase);

	for (; (s = strstr(s, phrase)); s++)
		if (is_border(folded, s, phrase) &&
		    is_border(folded, s + len, last ? last + 1 : phrase))
			return true;
	return false;
}

/* The stems of a text, computed at the first use. */
struct stems {
	struct arena *arena;
	const char *folded;
	struct word_list list;
	bool made;
};

static bool
has_stem(struct stems *stems, const char *stem)
{
	const char *at = stems->folded, *word;

	while (!stems->made && (word = words_next(stems->arena, &at)))
		word_list_add(&stems->list, words_stem(stems->arena, word));
	stems->made = true;
	for (int i = 0; i < stems->list.count; i++)
		if (strcmp(stems->list.items[i], stem) == 0)
			return true;
	return false;
}

static bool
has_term(struct stems *stems, const struct search_term *t)
{
	if (t->is_whole)
		return has_whole(stems->folded, t->text);
	return strstr(stems->folded, t->text) || (t->stem && has_stem(stems, t->stem));
}

bool
search_matches(struct arena *a, const struct search_query *q, const char *text)
{
	struct stems stems = { .arena = a,
			       .folded = words_fold(a, text),
			       .list = { .arena = a } };

	for (int i = 0; i < q->count; i++)
		if (has_term(&stems, &q->terms[i]) == q->terms[i].is_not)
			return false;
	return true;
}

/* ---- what the index is asked --------------------------------------------- */

struct slots {
	struct arena *arena;
	int count;
	struct search_slot *items;
};

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void
add_slot(struct slots *to, struct search_slot slot)
{
	for (int i = 0; i < to->count; i++)
		if (is_same(to->items[i].word, slot.word) &&
		    is_same(to->items[i].part, slot.part))
			return;
	if (to->count < SEARCH_SLOTS_MAX)
		to->items[to->count++] = slot;
}

/* The first characters of a word that is too long to be certainly inside one piece. */
static const char *
beginning(struct arena *a, const char *word)
{
	size_t len = strlen(word), at = 0;
	uint32_t c;

	for (int i = 0; i < WORDS_PART && at < len; i++)
		at += text_next(word + at, len - at, &c);
	return arena_strndup(a, word, at);
}

/* Pairs are more selective than characters; use them if there are any. */
static void
add_dense(struct slots *to, const char *run)
{
	struct word_list l = words_of(to->arena, run);

	for (int i = 0; i < l.count; i++)
		if (l.count == 1 || text_length(l.items[i]) == 2)
			add_slot(to, (struct search_slot){ .word = l.items[i] });
}

static void
add_spaced(struct slots *to, const struct search_term *t, const char *word)
{
	size_t length = text_length(word);

	if (t->is_whole && length <= WORDS_PIECE)
		add_slot(to, (struct search_slot){ .word = word });
	else if (length > WORDS_PART)
		add_slot(to, (struct search_slot){ .part = beginning(to->arena, word) });
	else if (length > 1)
		add_slot(to, (struct search_slot){ .part = word, .stem = t->stem });
}

int
search_slots(struct arena *a, const struct search_query *q,
	     struct search_slot out[SEARCH_SLOTS_MAX])
{
	struct slots to = { .arena = a, .items = out };
	const char *at, *word;

	for (int i = 0; i < q->count; i++) {
		at = q->terms[i].text;
		while (!q->terms[i].is_not && (word = words_next(a, &at)))
			if (words_is_dense(word))
				add_dense(&to, word);
			else
				add_spaced(&to, &q->terms[i], word);
	}
	return to.count;
}
