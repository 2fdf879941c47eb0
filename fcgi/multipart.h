/* multipart.h -- reading multipart/form-data (RFC 7578) as it arrives.
 *
 * Pull: multipart_next() moves to the next part, multipart_read() returns its content,
 * piece by piece. It never holds more than its buffer, however large the parts are and
 * however small the pieces that arrive. Unread content is skipped.
 *
 * Errors: ERR_MALFORMED for what RFC 2046 does not allow, a body that ends early
 * and headers without end; ERR_INVALID for more parts than any real form has. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/arena.h"
#include "shared/err.h"

enum {
	MULTIPART_BUFFER = 16384,
	MULTIPART_HEADERS_MAX = 8192, /* of one part, in bytes */
	MULTIPART_PARTS_MAX = 32,
	MULTIPART_BOUNDARY_MAX = 70,
};

struct part {
	const char *name;     /* valid UTF-8; "" none */
	const char *filename; /* as sent, any bytes; NULL: not a file */
};

struct multipart {
	size_t (*read)(void *arg, char *buf, size_t len); /* 0 at the end */
	void *arg;
	struct arena *arena; /* for names */
	char delimiter[4 + MULTIPART_BOUNDARY_MAX + 1];
	size_t delimiter_len;
	size_t part_count;
	bool in_part, source_ended;
	size_t at, end; /* the unread part of buffer */
	char buffer[MULTIPART_BUFFER];
};

/* content_type: the whole header. ERR_MALFORMED without a valid boundary. */
enum err multipart_open(struct multipart *m, struct arena *a, const char *content_type,
			size_t (*read)(void *arg, char *buf, size_t len), void *arg);

/* out_more false: there are no more parts. */
enum err multipart_next(struct multipart *m, struct part *out, bool *out_more);

/* Up to size bytes of the part; 0 at its end. */
enum err multipart_read(struct multipart *m, char *out, size_t size, size_t *out_len);
