/* request.h -- one HTTP request, from FastCGI, CGI, or a test.
 *
 * The web server's variables (RFC 3875) and body are read through a struct source.
 * Everything taken from them is checked once, here: paths and queries are decoded, valid
 * UTF-8 and without NUL; a request id, a method, an address are valid or absent.
 *
 * Lifetime: everything belongs to the request's arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi/app.h"
#include "shared/arena.h"
#include "shared/body.h"
#include "shared/err.h"
#include "shared/problem.h"
#include "shared/token.h"

enum method { GET, POST, PUT, DELETE, OPTIONS, METHOD_OTHER, METHOD_COUNT };

extern const char *const method_names[METHOD_COUNT];

/* How the web server passes a request in. */
struct source {
	char *const *env;				  /* "NAME=value", NULL */
	size_t (*read)(void *arg, char *buf, size_t len); /* 0 at the end */
	void *arg;
};

const char *source_param(const struct source *src, const char *name); /* NULL: none */

enum { REQUEST_SEGMENTS_MAX = 8, REQUEST_ARGS_MAX = 3, REQUEST_QUERY_MAX = 32 };

struct api_token;
struct route;
struct upload;

struct req {
	struct app *app;
	struct arena *arena;
	const struct source *source;
	struct problem problem; /* filled by a failing step */

	/* head: request_head() */
	enum method method;
	bool head_only; /* HEAD: a GET whose answer has no body */
	bool is_api;	/* below <prefix>/api/v1, not beside it */
	size_t segment_count;
	const char *segment[REQUEST_SEGMENTS_MAX]; /* decoded */
	size_t query_count;
	struct body_pair query_pairs[REQUEST_QUERY_MAX];
	const char *id;		     /* X-Request-Id, the caller's own if valid */
	const char *address;	     /* the client's */
	const char *address_counted; /* the form by which limits count */
	const char *token;	     /* from Authorization: Bearer; NULL none */
	const char *content_type;    /* lower case, without parameters; "" none */
	int64_t content_length;	     /* -1: not given */

	/* body: request_body() */
	bool body_ended;
	const char *raw; /* with a NUL after it */
	size_t raw_len;

	/* filled on the way to the handler: route.c, access.c */
	const struct route *route;
	const char *arg[REQUEST_ARGS_MAX]; /* from the pattern; ids in lower case */
	const void *query;		   /* the route's query table, filled */
	const void *body;		   /* the route's body table, filled */
	struct upload *upload;		   /* the file in a form; NULL none */
	const void *checked;		   /* the result of the route's check() */
	bool has_user;
	struct claims claims;
	const char *user_id, *session_id; /* from claims; NULL without a user */
	unsigned scopes; /* of enum token_scope; all without an API token */
	const struct api_token *api_token; /* session_id is its id; NULL: signed in */
	const char *room_only; /* the room an API token is bound to; NULL: none */
	int64_t room_only_no;  /* 0: that room no longer exists */
};

/* Reads everything but the body. Only app, arena and source are set in rq. ERR_MALFORMED
 * for an invalid path or query; id and address are set even then, so that the refusal can
 * be answered and logged. */
enum err request_head(struct req *rq);

/* Reads the body into raw. ERR_TOO_LARGE as soon as the length is known; ERR_MALFORMED if
 * the body is shorter than announced. */
enum err request_body(struct req *rq, int64_t max);

/* The next piece of the body; 0 at its end. For bodies too large to read into raw. */
size_t request_read(struct req *rq, char *buf, size_t size);

/* Reads and discards the rest of the body, so that the client gets our answer instead of
 * a broken connection. Gives up after a while. */
void request_drain(struct req *rq);

/* A request header by its CGI name ("HTTP_ORIGIN"); NULL if absent or empty. */
const char *request_header(const struct req *rq, const char *name);

/* Idempotency-Key: NULL if there is none, ERR_INVALID if it is malformed. */
enum err request_key(struct req *rq, const char **out);

/* User-Agent as it may be stored: valid UTF-8, at most 256 characters; or NULL. */
const char *request_user_agent(const struct req *rq);
