/* multipart.c -- see multipart.h.
 *
 * A part ends at CR LF "--" boundary. The buffer begins with a CR LF of ours, so that the
 * first delimiter is like the others. Until the delimiter is found, the last bytes of the
 * buffer may be its beginning and are held back. */
#include <string.h>
#include <strings.h>

#include "fcgi/multipart.h"
#include "shared/text.h"

/* ---- the buffer ---------------------------------------------------------- */

static size_t
held(const struct multipart *m)
{
	return m->end - m->at;
}

static const char *
head(const struct multipart *m)
{
	return m->buffer + m->at;
}

/* Fill the buffer to at least this many bytes, unless the source ends. */
static bool
have(struct multipart *m, size_t want)
{
	while (held(m) < want && !m->source_ended) {
		size_t got;

		if (m->at > 0) {
			memmove(m->buffer, head(m), held(m));
			m->end -= m->at;
			m->at = 0;
		}
		got = m->read(m->arg, m->buffer + m->end, sizeof(m->buffer) - m->end);
		m->source_ended = got == 0;
		m->end += got;
	}
	return held(m) >= want;
}

/* ---- opening ------------------------------------------------------------- */

/* The raw value of a header's parameter; NULL if it is absent. If quoted: without the
 * quotes, escapes still in it. */
static const char *
parameter(const char *header, const char *name, size_t *out_len)
{
	size_t name_len = strlen(name);
	const char *p = strchrnul(header, ';');

	while (*p == ';') {
		const char *value;
		bool found;

		p += 1 + strspn(p + 1, " \t");
		found = strncasecmp(p, name, name_len) == 0 && p[name_len] == '=';
		p += strcspn(p, "=;");
		if (*p != '=')
			continue;
		value = ++p;
		if (*value == '"') {
			value = ++p;
			while (*p && *p != '"')
				p += p[0] == '\\' && p[1] == '"' ? 2 : 1;
			*out_len = (size_t)(p - value);
			p = strchrnul(p, ';');
		} else {
			p = strchrnul(p, ';');
			*out_len = (size_t)(p - value);
			while (*out_len > 0 && strchr(" \t", value[*out_len - 1]))
				--*out_len;
		}
		if (found)
			return value;
	}
	return NULL;
}

enum err
multipart_open(struct multipart *m, struct arena *a, const char *content_type,
	       size_t (*read)(void *arg, char *buf, size_t len), void *arg)
{
	size_t len;
	const char *boundary = parameter(content_type, "boundary", &len);

	if (!boundary || len == 0 || len > MULTIPART_BOUNDARY_MAX)
		return ERR_MALFORMED;
	*m = (struct multipart){ .read = read, .arg = arg, .arena = a, .end = 2 };
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary, len);
	m->delimiter_len = 4 + len;
	memcpy(m->buffer, "\r\n", 2);
	return OK;
}

/* ---- what is in a part --------------------------------------------------- */

/* How much of the buffer certainly precedes the next delimiter. ERR_MALFORMED if there is
 * none. */
static enum err
before_delimiter(struct multipart *m, size_t *out)
{
	const char *hit;

	have(m, m->delimiter_len);
	hit = memmem(head(m), held(m), m->delimiter, m->delimiter_len);
	if (hit) {
		*out = (size_t)(hit - head(m));
		return OK;
	}
	if (m->source_ended)
		return ERR_MALFORMED;
	*out = held(m) - (m->delimiter_len - 1);
	return OK;
}

enum err
multipart_read(struct multipart *m, char *out, size_t size, size_t *out_len)
{
	size_t len = 0;

	if (m->in_part)
		TRY(before_delimiter(m, &len));
	m->in_part = len > 0;
	if (len > size)
		len = size;
	memcpy(out, head(m), len);
	m->at += len;
	*out_len = len;
	return OK;
}

static enum err
skip_to_delimiter(struct multipart *m)
{
	for (;;) {
		size_t len;

		TRY(before_delimiter(m, &len));
		if (len == 0)
			return OK;
		m->at += len;
	}
}

/* ---- its headers --------------------------------------------------------- */

/* One line without its end, in the arena; left: the bytes that headers may still take. */
static enum err
read_line(struct multipart *m, size_t *left, const char **out)
{
	const char *end;
	size_t len;

	while (!(end = memmem(head(m), held(m), "\r\n", 2)))
		if (held(m) >= *left || !have(m, held(m) + 1))
			return ERR_MALFORMED;
	len = (size_t)(end - head(m));
	if (len + 2 > *left)
		return ERR_MALFORMED;
	*out = arena_strndup(m->arena, head(m), len);
	*left -= len + 2;
	m->at += len + 2;
	return OK;
}

/* Browsers write a quote as %22 and line ends as %0D %0A (the HTML standard); older curl
 * writes \" and \\. A backslash before anything else is part of a Windows path. */
static const char *
unescape(struct arena *a, const char *s, size_t len)
{
	static const struct {
		const char *from;
		char to;
	} escapes[] = {
		{ "%22", '"' }, { "%0D", '\r' }, { "%0A", '\n' }, { "\\\"", '"' }
	};
	struct strbuf b = { .arena = a };

	strbuf_add(&b, "", 0);
	for (size_t i = 0; i < len;) {
		size_t step = 1;
		char c = s[i];

		for (size_t e = 0; e < sizeof(escapes) / sizeof(*escapes); e++) {
			size_t from_len = strlen(escapes[e].from);

			if (len - i < from_len ||
			    strncasecmp(s + i, escapes[e].from, from_len) != 0)
				continue;
			c = escapes[e].to;
			step = from_len;
		}
		strbuf_add(&b, &c, 1);
		i += step;
	}
	return b.data;
}

/* filename* (RFC 5987) is not allowed in forms, but some clients send it. */
static const char *
extended(struct arena *a, const char *s, size_t len)
{
	static const char utf8[] = "utf-8''";
	size_t skip = sizeof(utf8) - 1;

	if (len < skip || strncasecmp(s, utf8, skip) != 0)
		return NULL;
	return text_url_decode(a, s + skip, len - skip, false);
}

static enum err
read_disposition(struct multipart *m, const char *value, struct part *out)
{
	const char *name, *file;
	size_t len;

	value += strspn(value, " \t");
	if (strncasecmp(value, "form-data", strlen("form-data")) != 0)
		return ERR_MALFORMED;
	name = parameter(value, "name", &len);
	if (name)
		out->name = unescape(m->arena, name, len);
	if (!text_is_utf8(out->name, strlen(out->name)))
		return ERR_MALFORMED;
	file = parameter(value, "filename", &len);
	if (file)
		out->filename = unescape(m->arena, file, len);
	file = parameter(value, "filename*", &len);
	if (file && extended(m->arena, file, len))
		out->filename = extended(m->arena, file, len);
	return OK;
}

static enum err
read_headers(struct multipart *m, struct part *out)
{
	static const char disposition[] = "content-disposition:";
	size_t left = MULTIPART_HEADERS_MAX;
	const char *line;

	*out = (struct part){ .name = "" };
	for (;;) {
		TRY(read_line(m, &left, &line));
		if (!*line)
			return OK;
		if (strncasecmp(line, disposition, sizeof(disposition) - 1) == 0)
			TRY(read_disposition(m, line + sizeof(disposition) - 1, out));
	}
}

enum err
multipart_next(struct multipart *m, struct part *out, bool *out_more)
{
	TRY(skip_to_delimiter(m));
	m->at += m->delimiter_len;
	if (!have(m, 2))
		return ERR_MALFORMED;
	*out_more = memcmp(head(m), "--", 2) != 0;
	if (!*out_more)
		return OK;
	while (have(m, 1) && strchr(" \t", *head(m)) && *head(m))
		m->at++;
	if (!have(m, 2) || memcmp(head(m), "\r\n", 2) != 0)
		return ERR_MALFORMED;
	m->at += 2;
	if (m->part_count++ == MULTIPART_PARTS_MAX)
		return ERR_INVALID;
	TRY(read_headers(m, out));
	m->in_part = true;
	return OK;
}
