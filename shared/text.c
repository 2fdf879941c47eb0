#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/text.h"

/* The length of the sequence that starts at s; 0 if it is invalid. */
static size_t
sequence_length(const unsigned char *s, size_t len)
{
	/* By the first byte: the length, and the range of the second byte. The narrowed
	 * ranges exclude overlong forms, surrogates and everything above U+10FFFF. */
	static const struct {
		unsigned char from, to, length, second_from, second_to;
	} kinds[] = {
		{ 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf },
		{ 0xe0, 0xe0, 3, 0xa0, 0xbf }, { 0xe1, 0xec, 3, 0x80, 0xbf },
		{ 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
		{ 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf },
		{ 0xf4, 0xf4, 4, 0x80, 0x8f },
	};
	size_t k = 0, length;

	while (k < sizeof(kinds) / sizeof(*kinds) && s[0] > kinds[k].to)
		k++;
	if (k == sizeof(kinds) / sizeof(*kinds) || s[0] < kinds[k].from)
		return 0;
	length = kinds[k].length;
	if (length > len)
		return 0;
	if (length > 1 && (s[1] < kinds[k].second_from || s[1] > kinds[k].second_to))
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

size_t
text_next(const char *s, size_t len, uint32_t *out)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t length = len > 0 ? sequence_length(u, len) : 0;
	uint32_t c;

	if (length == 0)
		return 0;
	c = length == 1 ? u[0] : u[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++)
		c = c << 6 | (u[i] & 0x3f);
	*out = c;
	return length;
}

bool
text_is_utf8(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;

	for (size_t length; len > 0; u += length, len -= length) {
		length = *u < 0x80 ? 1 : sequence_length(u, len);
		if (length == 0)
			return false;
	}
	return true;
}

size_t
text_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

const char *
text_clip(struct arena *a, const char *s, size_t max)
{
	size_t end = 0;

	for (size_t n = 0; s[end]; end++)
		if (((unsigned char)s[end] & 0xc0) != 0x80 && n++ == max)
			return arena_printf(a, "%.*s…", (int)end, s);
	return s;
}

struct span {
	uint32_t first, last;
};

static bool
is_in(const struct span *spans, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= spans[i].first && c <= spans[i].last)
			return true;
	return false;
}

bool
text_is_unseen(uint32_t c)
{
	static const struct span unseen[] = {
		{ 0, 0x20 },	    { 0x7f, 0xa0 },	{ 0xad, 0xad },
		{ 0x1680, 0x1680 }, { 0x2000, 0x200b }, { 0x200e, 0x200f },
		{ 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x3000, 0x3000 },
		{ 0xfeff, 0xfeff },
	};

	return is_in(unseen, sizeof(unseen) / sizeof(unseen[0]), c);
}

bool
text_shows_alone(uint32_t c)
{
	/* joiners, fillers, selectors, tags, and Braille without a dot */
	static const struct span silent[] = {
		{ 0x34f, 0x34f },     { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },   { 0x200c, 0x200d }, { 0x2800, 0x2800 },
		{ 0x3164, 0x3164 },   { 0xfe00, 0xfe0f }, { 0xffa0, 0xffa0 },
		{ 0xe0000, 0xe0fff },
	};

	return !text_is_unseen(c) &&
	       !is_in(silent, sizeof(silent) / sizeof(silent[0]), c);
}

static bool
is_control_or_end_of_line(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* Embeddings and overrides: isolates have replaced them, and they can make one name look
 * like another. */
static bool
is_embedding(uint32_t c)
{
	return c >= 0x202a && c <= 0x202e;
}

/* How many more isolates are open after c. */
static int
isolates(uint32_t c)
{
	return c >= 0x2066 && c <= 0x2068 ? 1 : c == 0x2069 ? -1 : 0;
}

bool
text_is_name(const char *s)
{
	bool is_seen = false;
	int open = 0;
	size_t n;
	uint32_t c;

	for (size_t left = strlen(s); left > 0; s += n, left -= n) {
		n = text_next(s, left, &c);
		open += isolates(c);
		if (n == 0 || is_control_or_end_of_line(c) || is_embedding(c) || open < 0)
			return false;
		is_seen |= text_shows_alone(c);
	}
	return is_seen && open == 0;
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
text_is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	if (len == 0 || strchr(word, ','))
		return false;
	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == ',' || !at[len]))
			return true;
	}
	return false;
}

static char
lower_ascii(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_is_key(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			       "0123456789._-");

	return len >= 1 && len <= 64 && s[len] == '\0';
}

enum err
text_to_int(const char *s, int64_t *out)
{
	const char *digits = *s == '-' ? s + 1 : s;
	size_t len = strspn(digits, "0123456789");
	long long value;

	if (len == 0 || digits[len] != '\0')
		return ERR_INVALID;
	if (*digits == '0' && (len > 1 || digits != s))
		return ERR_INVALID;
	errno = 0;
	value = strtoll(s, NULL, 10);
	if (errno != 0)
		return ERR_INVALID;
	*out = value;
	return OK;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower_ascii(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
text_url_decode(struct arena *a, const char *s, size_t len, bool plus_is_space)
{
	char *out = arena_alloc(a, len + 1), *at = out;

	for (size_t i = 0; i < len; i++, at++) {
		*at = s[i] == '+' && plus_is_space ? ' ' : s[i];
		if (s[i] == '%') {
			int high = i + 2 < len ? hex_value(s[i + 1]) : -1;
			int low = i + 2 < len ? hex_value(s[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			*at = (char)(high << 4 | low);
			i += 2;
		}
		if (*at == '\0')
			return NULL;
	}
	return text_is_utf8(out, (size_t)(at - out)) ? out : NULL;
}

void
text_hex(const void *bytes, size_t len, char *out)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < len; i++) {
		*out++ = "0123456789abcdef"[b[i] >> 4];
		*out++ = "0123456789abcdef"[b[i] & 15];
	}
	*out = '\0';
}

enum err
text_unhex(const char *hex, void *out, size_t len)
{
	unsigned char *b = out;

	if (strlen(hex) != 2 * len || strspn(hex, "0123456789abcdefABCDEF") != 2 * len)
		return ERR_INVALID;
	for (size_t i = 0; i < len; i++)
		b[i] = (unsigned char)(hex_value(hex[2 * i]) << 4 |
				       hex_value(hex[2 * i + 1]));
	return OK;
}

#define BASE62 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char base64[] = BASE62 "+/", base64url[] = BASE62 "-_";

/* The digits that encode these bytes, followed by zeros; out_len: how many. */
static char *
digits_of(struct arena *a, const char *digits, const void *bytes, size_t len,
	  size_t *out_len)
{
	const unsigned char *b = bytes;
	char *out = arena_alloc(a, len * 4 / 3 + 5), *at = out;
	uint32_t bits = 0;
	int held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | b[i];
		for (held += 8; held >= 6; held -= 6)
			*at++ = digits[bits >> (held - 6) & 63];
	}
	if (held > 0)
		*at++ = digits[bits << (6 - held) & 63];
	*out_len = (size_t)(at - out);
	return out;
}

char *
text_base64(struct arena *a, const void *bytes, size_t len)
{
	size_t count;
	char *out = digits_of(a, base64, bytes, len, &count);

	while (count % 4 != 0)
		out[count++] = '=';
	return out;
}

char *
text_base64url(struct arena *a, const void *bytes, size_t len)
{
	size_t count;

	return digits_of(a, base64url, bytes, len, &count);
}

void *
text_unbase64url(struct arena *a, const char *s, size_t len, size_t *out_len)
{
	unsigned char *out = arena_alloc(a, len * 3 / 4 + 1), *at = out;
	uint32_t bits = 0;
	int held = 0;

	for (size_t i = 0; i < len; i++) {
		const char *digit = s[i] ? strchr(base64url, s[i]) : NULL;

		if (!digit)
			return NULL;
		bits = bits << 6 | (uint32_t)(digit - base64url);
		held += 6;
		if (held >= 8) {
			held -= 8;
			*at++ = (unsigned char)(bits >> held);
		}
	}
	/* Each value has one encoding: no single last digit, and the unused bits are
	 * 0. */
	if (held >= 6 || (bits & ((1u << held) - 1)) != 0)
		return NULL;
	*out_len = (size_t)(at - out);
	return out;
}

bool
text_equal_secret(const char *a, const char *b)
{
	size_t len = strlen(a);
	volatile unsigned char differ = 0;

	if (strlen(b) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

/* The old piece stays in the arena. */
void
strbuf_grow(struct strbuf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 128;
	char *data;

	while (cap - b->len <= len)
		cap *= 2;
	data = arena_bytes(b->arena, cap);
	if (b->len)
		memcpy(data, b->data, b->len);
	b->data = data;
	b->cap = cap;
}

void
strbuf_add(struct strbuf *b, const char *s, size_t len)
{
	memcpy(strbuf_room(b, len), s, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
strbuf_puts(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

/* Most prints fit into this much room and need not be measured first. */
enum { USUAL_PRINT = 64 };

void
strbuf_printf(struct strbuf *b, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(strbuf_room(b, USUAL_PRINT), USUAL_PRINT + 1, fmt, ap);
	if (len > USUAL_PRINT)
		vsnprintf(strbuf_room(b, (size_t)len), (size_t)len + 1, fmt, again);
	if (len > 0)
		b->len += (size_t)len;
	va_end(again);
	va_end(ap);
}
