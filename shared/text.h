/* text.h -- UTF-8 and small text tools. Pure; uses no library.
 *
 * Strings in Foyer are NUL-terminated, valid UTF-8 (RFC 3629) without U+0000 once they
 * have passed the door (body.c, request.c, ws.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"

/* Valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *s, size_t len);

/* Decode the code point at s: its length in bytes, 0 if it is not valid UTF-8. */
size_t text_next(const char *s, size_t len, uint32_t *out);

/* Code points in a valid string. */
size_t text_length(const char *s);

/* At most max code points, followed by "…" if there were more: for messages that quote a
 * client's input. */
const char *text_clip(struct arena *a, const char *s, size_t max);

/* Blank, a control character, or one that changes the writing direction. The joiner and
 * the tags used in emoji are not. */
bool text_is_unseen(uint32_t c);
/* Is it visible by itself? The invisible parts of emoji are not. */
bool text_shows_alone(uint32_t c);

/* One line with something visible in it, which leaves the writing direction of what
 * follows as it was: a valid name for a thing or a person. */
bool text_is_name(const char *s);

bool text_starts(const char *s, const char *prefix);
/* Is word one of a list like "one,two,three"? NULL is the empty list. */
bool text_is_listed(const char *list, const char *word);

/* [A-Za-z0-9._-], 1..64: client ids, idempotency keys, request ids. */
bool text_is_key(const char *s);

/* An int64_t in plain decimal and nothing else; ERR_INVALID otherwise (leading zeros,
 * signs but '-', overflow). */
enum err text_to_int(const char *s, int64_t *out);

/* Percent-decoding (RFC 3986); plus_is_space for forms and queries. NULL if the result
 * would hold a NUL or bad UTF-8, or if an escape is broken. */
char *text_url_decode(struct arena *a, const char *s, size_t len, bool plus_is_space);

/* Lower-case hex. out has room for 2 * len + 1. */
void text_hex(const void *bytes, size_t len, char *out);
enum err text_unhex(const char *hex, void *out, size_t len);

/* RFC 4648 section 4, padded. */
char *text_base64(struct arena *a, const void *bytes, size_t len);

/* RFC 4648 section 5 without padding. Decoding returns NULL unless the text is the
 * canonical encoding of its bytes; the result has a NUL after it. */
char *text_base64url(struct arena *a, const void *bytes, size_t len);
void *text_unbase64url(struct arena *a, const char *s, size_t len, size_t *out_len);

/* Compares in constant time (for equal lengths). */
bool text_equal_secret(const char *a, const char *b);

/* A growing string in an arena; append never fails. */
struct strbuf {
	struct arena *arena;
	char *data; /* always NUL-terminated once anything was added */
	size_t len, cap;
};
void strbuf_grow(struct strbuf *b, size_t len);
/* Room for len more bytes and a NUL. The caller writes them and advances b->len. */
static inline char *
strbuf_room(struct strbuf *b, size_t len)
{
	if (b->cap - b->len <= len)
		strbuf_grow(b, len);
	return b->data + b->len;
}
void strbuf_add(struct strbuf *b, const char *s, size_t len);
void strbuf_puts(struct strbuf *b, const char *s);
void strbuf_printf(struct strbuf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));
