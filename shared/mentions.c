/* mentions.c -- see mentions.h. */
#include "shared/mentions.h"

#include <string.h>

#include "shared/fold.h"
#include "shared/text.h"

enum { LOGIN_MIN = 2, LOGIN_MAX = 32 };

struct found {
	struct arena *arena;
	int count;
	const char *keys[MENTIONS_MAX];
};

/* Is the @ inside a word, as in an e-mail address? */
static bool
is_inside(const char *text, const char *at)
{
	const char *before = at;
	uint32_t c;

	if (at == text)
		return false;
	do
		before--;
	while (before > text && (*before & 0xc0) == 0x80);
	if (text_next(before, (size_t)(at - before), &c) == 0)
		return false;
	return c == '_' || (fold_is_letter_or_digit(c) && !fold_is_unspaced(c));
}

/* Number of bytes that might be a login. */
static size_t
login_length(const char *s)
{
	size_t len = 0, left = strlen(s), n;
	uint32_t c;

	while (len < left && (n = text_next(s + len, left - len, &c)) > 0) {
		if (!fold_is_letter_or_digit(c) && c != '_' && c != '-' && c != '.')
			break;
		len += n;
	}
	return len;
}

static void
add(struct found *f, const char *s, size_t len)
{
	const char *given, *key;

	if (f->count == MENTIONS_MAX || len == 0 || len > LOGIN_MAX * 4)
		return;
	given = arena_strndup(f->arena, s, len);
	if (text_length(given) < LOGIN_MIN || text_length(given) > LOGIN_MAX)
		return;
	key = fold_login(f->arena, given);
	if (strchr(key, ' ')) /* some marks decompose into it */
		return;
	for (int i = 0; i < f->count; i++)
		if (strcmp(f->keys[i], key) == 0)
			return;
	f->keys[f->count++] = key;
}

/* The word after an @, with and without what may be the end of a sentence. */
static void
add_both(struct found *f, const char *s, size_t len)
{
	size_t bare = len;

	while (bare > 0 && strchr("._-", s[bare - 1]))
		bare--;
	add(f, s, len);
	if (bare < len)
		add(f, s, bare);
}

static const char *
joined(const struct found *f)
{
	struct strbuf b = { .arena = f->arena };

	for (int i = 0; i < f->count; i++)
		strbuf_printf(&b, "%s%s", i ? " " : "", f->keys[i]);
	return b.data;
}

const char *
mentions_find(struct arena *a, const char *text)
{
	struct found found = { .arena = a };
	const char *at = text ? strchr(text, '@') : NULL;

	while (at && found.count < MENTIONS_MAX) {
		size_t len = login_length(at + 1);

		if (!is_inside(text, at) && at[1 + len] != '@')
			add_both(&found, at + 1, len);
		at = strchr(at + 1 + len, '@');
	}
	return joined(&found);
}
