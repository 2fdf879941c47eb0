/* http.h -- the little HTTP that comes before a WebSocket or a stream (RFC 9110, 9112).
 *
 * The broker reads request heads itself and gives libwebsockets only valid handshakes
 * (acceptor.h says why). One request per connection; nothing here does I/O.
 *
 * Lifetime: everything found is text in the arena, decoded and NUL-terminated. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "broker/frame.h"
#include "shared/arena.h"
#include "shared/json.h"

enum http_header {
	HTTP_HOST,
	HTTP_UPGRADE,
	HTTP_CONNECTION,
	HTTP_WS_VERSION,
	HTTP_WS_KEY,
	HTTP_WS_PROTOCOL,
	HTTP_AUTHORIZATION,
	HTTP_ORIGIN,
	HTTP_FORWARDED_FOR,
	HTTP_FORWARDED_HOST,
	HTTP_CONTENT_LENGTH,
	HTTP_TRANSFER_ENCODING,
	HTTP_ACCEPT,
	HTTP_LAST_EVENT_ID,
	HTTP_REQUEST_ID,
	HTTP_HEADER_COUNT
};

struct http_request {
	const char *method;
	const char *path;  /* decoded, otherwise as sent: with prefix and slashes */
	const char *query; /* as sent; "": none */
	bool is_http_1_1;
	const char *headers[HTTP_HEADER_COUNT]; /* NULL: absent */
	size_t head_len; /* what follows in the buffer is not part of the head */
};

enum { HTTP_HEAD_MAX = 16 * 1024 };

enum http_progress {
	HTTP_MORE, /* the head is not complete yet */
	HTTP_DONE,
	HTTP_BROKEN, /* not HTTP, or malformed */
};

enum http_progress http_read(struct arena *a, const char *buf, size_t len,
			     struct http_request *out);

/* Is word one of the header's comma-separated ones, in any case? NULL header: no. */
bool http_has_word(const char *header, const char *word);

/* The first parameter of this name in a query, decoded; NULL: none, or it does not
 * decode. */
const char *http_query(struct arena *a, const char *query, const char *name);

/* The answer without its body: for HEAD. */
struct bytes http_head_of(struct bytes answer);

/* A whole answer, after which the connection is closed. more: further header lines,
 * each with its CRLF. */
struct bytes http_answer(struct arena *a, int status, const char *type, const char *body,
			 const char *more);
/* RFC 9457, in the contract's words. */
struct bytes http_problem(struct arena *a, int status, const char *code,
			  const char *detail, const char *more);

/* The caller's X-Request-Id if it is valid, else one of ours. */
const char *http_request_id(struct arena *a, const struct http_request *rq);
/* As http_problem(), for a request that has an id already. */
struct bytes http_problem_of(struct arena *a, const char *request_id, int status,
			     const char *code, const char *detail, const char *more);
/* What REST would answer: the error's status, words and headers. token: the request
 * carried one. */
struct bytes http_error(struct arena *a, const char *request_id, enum err e,
			const struct problem *p, bool token, const char *more);
/* 204: no body. */
struct bytes http_no_content(struct arena *a, const char *request_id, const char *more);
