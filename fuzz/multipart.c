/* multipart.c -- a form with a file in it, which must read the same in whatever pieces it
 * arrives. The first line is the Content-Type, the rest the body. */
#include "fcgi/multipart.h"
#include "fuzz/fuzz.h"

struct feed {
	const char *text;
	size_t len, at, step;
};

static size_t
feed_read(void *arg, char *buf, size_t len)
{
	struct feed *f = arg;
	size_t n = f->len - f->at;

	n = n < f->step ? n : f->step;
	n = n < len ? n : len;
	memcpy(buf, f->text + f->at, n);
	f->at += n;
	return n;
}

/* Appends everything it reads to told. */
static enum err
read_all(struct arena *a, const char *type, struct feed *feed, size_t piece,
	 struct strbuf *told)
{
	struct multipart *m = ARENA_NEW(a, struct multipart);
	struct part part;
	bool more;

	TRY(multipart_open(m, a, type, feed_read, feed));
	for (int parts = 0;; parts++) {
		char buf[256];
		size_t got;

		TRY(multipart_next(m, &part, &more));
		if (!more)
			return OK;
		CLAIM(parts < MULTIPART_PARTS_MAX);
		CLAIM(fuzz_is_sound(part.name));
		strbuf_printf(told, "%s<%s>", part.name,
			      part.filename ? part.filename : "");
		do {
			TRY(multipart_read(m, buf, piece, &got));
			CLAIM(got <= piece);
			strbuf_add(told, buf, got);
		} while (got > 0);
	}
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const uint8_t *line = len ? memchr(data, '\n', len) : NULL;
	size_t type_len = line ? (size_t)(line - data) : len;
	const char *type = fuzz_text(a, data, type_len);
	const char *body = (const char *)data + type_len + (line ? 1 : 0);
	size_t body_len = len - type_len - (line ? 1 : 0);
	struct feed whole = { body, body_len, 0, body_len + 1 };
	struct feed bits = { body, body_len, 0, 1 };
	struct strbuf one = { .arena = a }, other = { .arena = a };
	enum err e = read_all(a, type, &whole, 256, &one);

	CLAIM(e == OK || e == ERR_MALFORMED || e == ERR_INVALID);
	CLAIM(read_all(a, type, &bits, 7, &other) == e);
	if (e == OK)
		CLAIM(one.len == other.len &&
		      (one.len == 0 || memcmp(one.data, other.data, one.len) == 0));
	arena_free(a);
	return 0;
}
