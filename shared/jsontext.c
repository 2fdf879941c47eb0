#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/jsontext.h"
#include "shared/text.h"

/* The NUL behind the text matches no rule, so a byte can be read without comparing with
 * the end first. */
struct scan {
	const char *at, *end;
	int depth_left;
	struct jsontext *out;
};

static enum err value(struct scan *s);

static enum err
fail(const struct scan *s, const char *why)
{
	s->out->why = why;
	return ERR_MALFORMED;
}

static void
skip_space(struct scan *s)
{
	while (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n')
		s->at++;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The four digits of a \u escape. */
static enum err
hex4(struct scan *s, uint32_t *out)
{
	unsigned char bytes[2];
	char digits[5] = "";

	memcpy(digits, s->at, strnlen(s->at, 4));
	if (text_unhex(digits, bytes, 2) != OK)
		return fail(s, "A \\u escape needs four hexadecimal digits.");
	s->at += 4;
	*out = (uint32_t)bytes[0] << 8 | bytes[1];
	return OK;
}

static enum err
unicode_escape(struct scan *s)
{
	uint32_t first, second;

	TRY(hex4(s, &first));
	s->out->nuls += first == 0;
	if (first < 0xd800 || first > 0xdfff)
		return OK;
	if (first > 0xdbff || s->at[0] != '\\' || s->at[1] != 'u')
		return fail(s, "Half of a surrogate pair is missing.");
	s->at += 2;
	TRY(hex4(s, &second));
	if (second < 0xdc00 || second > 0xdfff)
		return fail(s, "Half of a surrogate pair is missing.");
	return OK;
}

static enum err
escape(struct scan *s)
{
	char c = *s->at++;

	if (c == 'u')
		return unicode_escape(s);
	if (c == '\0' || !strchr("\"\\/bfnrt", c))
		return fail(s, "There is no such escape.");
	return OK;
}

static enum err
string(struct scan *s)
{
	for (s->at++; *s->at != '"';) {
		unsigned char c = (unsigned char)*s->at;

		if (s->at == s->end)
			return fail(s, "A string has no end.");
		if (c < 0x20)
			return fail(s, "A control character in a string is not escaped.");
		s->at++;
		if (c == '\\')
			TRY(escape(s));
	}
	s->at++;
	return OK;
}

static enum err
digits(struct scan *s)
{
	if (!is_digit(*s->at))
		return fail(s, "A number is not in the form of JSON.");
	while (is_digit(*s->at))
		s->at++;
	return OK;
}

static enum err
number(struct scan *s)
{
	const char *start = s->at;
	bool whole = true;

	s->at += *s->at == '-';
	if (*s->at == '0' && is_digit(s->at[1]))
		return fail(s, "A number starts with a needless zero.");
	TRY(digits(s));
	if (*s->at == '.') {
		whole = false;
		s->at++;
		TRY(digits(s));
	}
	if (*s->at == 'e' || *s->at == 'E') {
		whole = false;
		s->at++;
		s->at += *s->at == '+' || *s->at == '-';
		TRY(digits(s));
	}
	errno = 0;
	if (whole ? (strtoll(start, NULL, 10), errno == ERANGE)
		  : isinf(strtod(start, NULL)))
		return fail(s, "A number is too large.");
	return OK;
}

static enum err
word(struct scan *s, const char *expected)
{
	if (!text_starts(s->at, expected))
		return fail(s, "A value is missing.");
	s->at += strlen(expected);
	return OK;
}

static enum err
member(struct scan *s)
{
	size_t nuls = s->out->nuls;

	skip_space(s);
	if (*s->at != '"')
		return fail(s, "The name of a member is missing.");
	TRY(string(s));
	if (s->out->nuls > nuls)
		return fail(s, "The name of a member contains U+0000.");
	skip_space(s);
	if (*s->at != ':')
		return fail(s, "A colon is missing.");
	s->at++;
	s->out->members++;
	return value(s);
}

/* An array or an object: items between commas. */
static enum err
list(struct scan *s, char close, enum err (*item)(struct scan *))
{
	if (s->depth_left-- == 0)
		return fail(s, "It is nested too deeply.");
	s->at++;
	skip_space(s);
	for (bool first = true; *s->at != close; first = false) {
		if (!first && *s->at != ',')
			return fail(s, "A comma is missing.");
		s->at += !first;
		TRY(item(s));
	}
	s->at++;
	s->depth_left++;
	return OK;
}

static enum err
value(struct scan *s)
{
	enum err e;

	skip_space(s);
	switch (*s->at) {
	case '{':
		e = list(s, '}', member);
		break;
	case '[':
		e = list(s, ']', value);
		break;
	case '"':
		e = string(s);
		break;
	case 't':
		e = word(s, "true");
		break;
	case 'f':
		e = word(s, "false");
		break;
	case 'n':
		e = word(s, "null");
		break;
	default:
		e = *s->at == '-' || is_digit(*s->at) ? number(s)
						      : fail(s, "A value is missing.");
	}
	if (e == OK)
		skip_space(s);
	return e;
}

enum err
jsontext_check(const char *text, size_t len, int max_depth, struct jsontext *out)
{
	struct scan s = { text, text + len, max_depth, out };
	enum err e;

	*out = (struct jsontext){};
	if (!text_is_utf8(text, len))
		return fail(&s, "It is not valid UTF-8.");
	e = value(&s);
	if (e == OK && s.at != s.end)
		e = fail(&s, "Something follows after the value.");
	out->where = (size_t)(s.at - text);
	return e;
}

/* The code unit of the escape at s; 0 if there is none. */
static uint32_t
unit_at(const char *s)
{
	unsigned char bytes[2];
	char digits[5] = "";

	if (s[0] != '\\' || s[1] != 'u')
		return 0;
	memcpy(digits, s + 2, 4);
	return text_unhex(digits, bytes, 2) == OK ? (uint32_t)bytes[0] << 8 | bytes[1]
						  : 0;
}

static char *
put_astral(char *out, uint32_t c)
{
	*out++ = (char)(0xf0 | c >> 18);
	*out++ = (char)(0x80 | (c >> 12 & 0x3f));
	*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

size_t
jsontext_join_pairs(char *text, size_t len)
{
	enum { ESCAPE = sizeof("\\ud83d") - 1 };
	char *out = text;

	for (const char *at = text, *end = text + len; at < end;) {
		uint32_t high = unit_at(at);

		if (high >= 0xd800 && high <= 0xdbff) {
			uint32_t low = unit_at(at + ESCAPE);

			out = put_astral(
				out, 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff)));
			at += 2 * ESCAPE;
			continue;
		}
		/* An escaped backslash does not start another escape. */
		if (*at == '\\')
			*out++ = *at++;
		*out++ = *at++;
	}
	*out = '\0';
	return (size_t)(out - text);
}
