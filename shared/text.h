/* text.h -- UTF-8 and small text tools. Pure; knows no library.
 *
 * Strings in Foyer are NUL-terminated, valid UTF-8 (RFC 3629) without U+0000
 * once they have passed the door (body.c, request.c, ws.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"

/* Valid UTF-8: no overlong forms, surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *s, size_t len);

/* Decode the code point at s: its length in bytes, 0 if it is not valid UTF-8. */
size_t text_next(const char *s, size_t len, uint32_t *out);

/* Code points in a valid string. */
size_t text_length(const char *s);

/* At most max code points, "…" after them if there were more: for what is told
 * about a client's input. */
const char *text_clip(struct arena *a, const char *s, size_t max);

/* Blank, control, or changing the direction; the joiner and the tags that emoji are made
 * of are none of these. */
bool text_is_unseen(uint32_t c);
/* Can it be seen where nothing else is? Those that emoji are made of cannot. */
bool text_shows_alone(uint32_t c);

/* One line with something to see in it: what a thing or a person may be called. */
bool text_is_name(const char *s);

bool text_starts(const char *s, const char *prefix);
/* Is word one of a list like "one,two,three"? NULL is the empty list. */
bool text_is_listed(const char *list, const char *word);
bool text_equal_fold_ascii(const char *a, const char *b);

/* [A-Za-z0-9._-], 1..64: client ids, idempotency keys, request ids. */
bool text_is_key(const char *s);

/* An int64_t in plain decimal, nothing else around it; ERR_INVALID otherwise
 * (leading zeros, signs but '-', overflow). */
enum err text_to_int(const char *s, int64_t *out);

/* Percent-decoding (RFC 3986); plus_is_space for forms and queries. NULL where
 * the result would hold a NUL, bad UTF-8 or a broken escape. */
char *text_url_decode(struct arena *a, const char *s, size_t len, bool plus_is_space);

/* Lower-case hex. out has room for 2 * len + 1. */
void text_hex(const void *bytes, size_t len, char *out);
enum err text_unhex(const char *hex, void *out, size_t len);

/* RFC 4648 section 4, padded. */
char *text_base64(struct arena *a, const void *bytes, size_t len);

/* RFC 4648 section 5 without padding. Decoding gives NULL unless it is the one
 * text for its bytes; the result has a NUL after it. */
char *text_base64url(struct arena *a, const void *bytes, size_t len);
void *text_unbase64url(struct arena *a, const char *s, size_t len, size_t *out_len);

/* Equal in constant time (for equal lengths). */
bool text_equal_secret(const char *a, const char *b);

/* A growing string in an arena; append never fails. */
struct strbuf {
	struct arena *arena;
	char *data; /* always NUL-terminated once anything was added */
	size_t len, cap;
};
void strbuf_grow(struct strbuf *b, size_t len);
/* Room for len more bytes and a NUL: whoever writes them moves b->len. */
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
