/* words.c -- see words.h. */
#include "shared/words.h"

#include <libstemmer.h>
#include <string.h>
#include <unictype.h>

#include "shared/die.h"
#include "shared/fold.h"
#include "shared/text.h"

enum { IO = 0x401, SMALL_IO = 0x451, SMALL_IE = 0x435 };

struct range {
	uint32_t first, last;
};

static bool
is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

#define IS_IN(ranges, c) is_in((ranges), sizeof(ranges) / sizeof((ranges)[0]), (c))

/* ---- folding ------------------------------------------------------------- */

/* In these ranges, apart from case, no character has another form or combines with the
 * one before it. */
static bool
is_plain(uint32_t c)
{
	static const struct range plain[] = {
		{ 0x00, 0x7f },	      { 0xab, 0xab },	  { 0xbb, 0xbb },
		{ 0x410, 0x44f },     { 0x2010, 0x2022 }, { 0x4e00, 0x9fff },
		{ 0x1f300, 0x1f64f },
	};

	return IS_IN(plain, c) || c == IO || c == SMALL_IO;
}

static bool
is_all_plain(const char *text)
{
	size_t len = strlen(text), n;
	uint32_t c;

	for (; len > 0; text += n, len -= n) {
		n = text_next(text, len, &c);
		if (n == 0 || !is_plain(c))
			return false;
	}
	return true;
}

/* Case of plain characters; the library handles the rest. Russian is written with or
 * without the dots on yo. */
static uint32_t
small(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	return c == IO || c == SMALL_IO ? SMALL_IE : c;
}

/* ---- kinds of characters ------------------------------------------------- */

enum char_kind {
	CHAR_GAP,
	CHAR_SPACED,  /* of a script with spaces between words */
	CHAR_DENSE,   /* of a script without, or a symbol */
	CHAR_NOTHING, /* ignored */
};

static bool
is_unwritten(uint32_t c)
{
	static const struct range unwritten[] = {
		{ 0xad, 0xad },	    { 0x300, 0x36f }, /* what joined no letter: marks of
							 stress */
		{ 0x200b, 0x200f }, { 0x2060, 0x2064 },	  { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff }, { 0x1f3fb, 0x1f3ff }, /* skin tones */
	};

	return IS_IN(unwritten, c);
}

static bool
is_of_dense_script(uint32_t c)
{
	static const struct range dense[] = {
		{ 0xe00, 0xeff },     { 0x1000, 0x109f }, { 0x1100, 0x11ff },
		{ 0x1780, 0x17ff },   { 0x2e80, 0x2fdf }, { 0x3005, 0x3007 },
		{ 0x3021, 0x3029 },   { 0x3038, 0x303b }, { 0x3040, 0x31bf },
		{ 0x31f0, 0x31ff },   { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },
		{ 0xa960, 0xa97f },   { 0xac00, 0xd7ff }, { 0xf900, 0xfaff },
		{ 0x20000, 0x3ffff },
	};

	return IS_IN(dense, c);
}

static enum char_kind
kind_of(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? CHAR_SPACED
									: CHAR_GAP;
	if (c >= 0x430 && c <= 0x45f)
		return CHAR_SPACED;
	if (is_unwritten(c))
		return CHAR_NOTHING;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
							UC_CATEGORY_MASK_N))
		return is_of_dense_script(c) ? CHAR_DENSE : CHAR_SPACED;
	if (uc_is_general_category_withtable(c,
					     UC_CATEGORY_MASK_So | UC_CATEGORY_MASK_Sc))
		return CHAR_DENSE;
	return CHAR_GAP;
}

static void
add_char(struct strbuf *b, uint32_t c)
{
	char utf8[4];
	size_t n = 0;

	if (c < 0x80) {
		utf8[n++] = (char)c;
	} else if (c < 0x800) {
		utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		utf8[n++] = (char)(0xe0 | c >> 12);
		utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		utf8[n++] = (char)(0xf0 | c >> 18);
		utf8[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	}
	strbuf_add(b, utf8, n);
}

const char *
words_fold(struct arena *a, const char *text)
{
	const char *s = is_all_plain(text) ? text : fold_login(a, text);
	size_t len = strlen(s), n;
	struct strbuf b = { .arena = a };
	enum char_kind before = CHAR_GAP, kind;
	uint32_t c;

	strbuf_puts(&b, "");
	for (; len > 0; s += n, len -= n) {
		n = text_next(s, len, &c);
		if (n == 0)
			break;
		c = small(c);
		kind = kind_of(c);
		if (kind == CHAR_NOTHING)
			continue;
		if (kind != before && kind != CHAR_GAP && b.len > 0)
			strbuf_puts(&b, " ");
		if (kind != CHAR_GAP)
			add_char(&b, c);
		before = kind;
	}
	return b.data;
}

/* ---- words of a folded text ---------------------------------------------- */

bool
words_is_dense(const char *word)
{
	uint32_t c;

	return text_next(word, strlen(word), &c) > 0 && kind_of(c) == CHAR_DENSE;
}

const char *
words_next(struct arena *a, const char **folded)
{
	size_t len = strcspn(*folded, " ");
	const char *word;

	if (len == 0)
		return NULL;
	word = arena_strndup(a, *folded, len);
	*folded += len + ((*folded)[len] == ' ');
	return word;
}

void
word_list_add(struct word_list *l, const char *word)
{
	if (l->count == l->cap) {
		const char **more;

		l->cap = l->cap ? 2 * l->cap : 32;
		more = ARENA_ARRAY(l->arena, const char *, (size_t)l->cap);
		if (l->count)
			memcpy(more, l->items, sizeof(*more) * (size_t)l->count);
		l->items = more;
	}
	l->items[l->count++] = word;
}

/* Bytes of the first count characters of s, or of all if there are fewer. */
static size_t
bytes_of(const char *s, size_t count)
{
	size_t len = strlen(s), at = 0, n;
	uint32_t c;

	while (count-- > 0 && at < len) {
		n = text_next(s + at, len - at, &c);
		at += n ? n : 1;
	}
	return at;
}

static void
add_dense(struct arena *a, struct word_list *l, const char *run)
{
	while (*run) {
		size_t one = bytes_of(run, 1), two = bytes_of(run, 2);

		word_list_add(l, arena_strndup(a, run, one));
		if (two > one)
			word_list_add(l, arena_strndup(a, run, two));
		run += one;
	}
}

static void
add_spaced(struct arena *a, struct word_list *l, const char *word)
{
	size_t left = text_length(word);

	while (left > WORDS_PIECE) {
		word_list_add(l, arena_strndup(a, word, bytes_of(word, WORDS_PIECE)));
		word += bytes_of(word, WORDS_PIECE - WORDS_PART);
		left -= WORDS_PIECE - WORDS_PART;
	}
	word_list_add(l, word);
}

struct word_list
words_of(struct arena *a, const char *folded)
{
	struct word_list l = { .arena = a };
	const char *word;

	while ((word = words_next(a, &folded)))
		if (words_is_dense(word))
			add_dense(a, &l, word);
		else
			add_spaced(a, &l, word);
	return l;
}

/* ---- stems --------------------------------------------------------------- */

enum script { SCRIPT_OTHER, SCRIPT_LATIN, SCRIPT_CYRILLIC };

static enum script
script_of(const char *word)
{
	size_t len = strlen(word), n;
	enum script all = SCRIPT_OTHER, one;
	uint32_t c;

	for (; len > 0; word += n, len -= n) {
		n = text_next(word, len, &c);
		if (n == 0)
			return SCRIPT_OTHER;
		one = c >= 'a' && c <= 'z'	 ? SCRIPT_LATIN
		      : c >= 0x430 && c <= 0x44f ? SCRIPT_CYRILLIC
						 : SCRIPT_OTHER;
		if (one == SCRIPT_OTHER || (all != SCRIPT_OTHER && all != one))
			return SCRIPT_OTHER;
		all = one;
	}
	return all;
}

/* One a script, for the life of the process. */
static struct sb_stemmer *
stemmer_of(enum script script)
{
	static struct sb_stemmer *stemmers[3];
	static const char *const languages[] = { NULL, "english", "russian" };

	if (!stemmers[script])
		stemmers[script] = sb_stemmer_new(languages[script], "UTF_8");
	if (!stemmers[script])
		die("libstemmer knows no %s", languages[script]);
	return stemmers[script];
}

const char *
words_stem(struct arena *a, const char *word)
{
	enum script script = script_of(word);
	size_t len = strlen(word);
	struct sb_stemmer *stemmer;
	const sb_symbol *stem;

	if (script == SCRIPT_OTHER || len > (size_t)4 * WORDS_PIECE)
		return word;
	stemmer = stemmer_of(script);
	stem = sb_stemmer_stem(stemmer, (const sb_symbol *)word, (int)len);
	if (!stem)
		die("out of memory");
	return arena_strndup(a, (const char *)stem, (size_t)sb_stemmer_length(stemmer));
}

/* ---- what is inside a word ----------------------------------------------- */

/* FNV-1a. */
static int32_t
hash(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return (int32_t)h;
}

static int
add_once(int32_t *all, int count, int32_t one)
{
	for (int i = 0; i < count; i++)
		if (all[i] == one)
			return count;
	all[count] = one;
	return count + 1;
}

int
words_grams(struct arena *a, const char *word, bool is_part, int32_t **out)
{
	size_t length = text_length(word);
	int32_t *all = ARENA_ARRAY(a, int32_t, 2 * length + 1);
	bool pairs = !is_part || length == 2;
	int count = 0;

	for (size_t at = 0; at + 1 < length; at++) {
		if (pairs)
			count = add_once(all, count, hash(word, bytes_of(word, 2)));
		if (at + 2 < length)
			count = add_once(all, count, hash(word, bytes_of(word, 3)));
		word += bytes_of(word, 1);
	}
	*out = all;
	return count;
}
