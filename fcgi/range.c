#include "fcgi/range.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Parses digits, capping the number; returns their end, NULL if there are none. */
static const char *
digits(const char *s, int64_t *out)
{
	int64_t n = 0;

	if (!isdigit((unsigned char)*s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++)
		n = n > INT64_MAX / 10 - 1 ? INT64_MAX / 10 : n * 10 + (*s - '0');
	*out = n;
	return s;
}

static enum range_kind
suffix(const char *s, int64_t size, int64_t *out_from, int64_t *out_len)
{
	int64_t len;

	s = digits(s, &len);
	if (!s || *s)
		return RANGE_ALL;
	if (len == 0 || size == 0)
		return RANGE_NONE;
	*out_len = len < size ? len : size;
	*out_from = size - *out_len;
	return RANGE_PART;
}

enum range_kind
range_parse(const char *header, int64_t size, int64_t *out_from, int64_t *out_len)
{
	int64_t from, to = INT64_MAX;
	const char *s = header;

	if (!s || strncasecmp(s, "bytes=", 6) != 0 || strchr(s, ','))
		return RANGE_ALL;
	s += 6;
	s += strspn(s, " \t");
	if (*s == '-')
		return suffix(s + 1, size, out_from, out_len);
	s = digits(s, &from);
	if (!s || *s++ != '-')
		return RANGE_ALL;
	if (*s) {
		s = digits(s, &to);
		if (!s || *s || to < from)
			return RANGE_ALL;
	}
	if (from >= size)
		return RANGE_NONE;
	if (to >= size)
		to = size - 1;
	*out_from = from;
	*out_len = to - from + 1;
	return RANGE_PART;
}
