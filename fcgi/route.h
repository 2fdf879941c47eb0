/* route.h -- an endpoint is one row.
 *
 * The same rows route, authorise, limit and validate, answer 404, 405 and OPTIONS, and
 * print the OpenAPI document (openapi.h), so the reference cannot drift from the code. To
 * add an endpoint: one row, one handler, perhaps a statement, a test.
 *
 * A table is an array of rows that ends with {}; a program has one or more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "fcgi/limit.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"
#include "shared/body.h"
#include "shared/err.h"

/* Who may call. A sign-in may do everything; an API token what its scopes allow. */
enum who {
	AUTH_NONE,     /* anybody; a token is ignored */
	AUTH_OPTIONAL, /* anybody; the handler reads the token if there is one */
	AUTH_ANY,      /* a user, or any API token */
	AUTH_READ,     /* a user, or a token with scope read */
	AUTH_POST,     /* … post */
	AUTH_ADMIN,    /* … admin: changing rooms and memberships */
	AUTH_SESSION,  /* a user who signed in, never an API token */
	AUTH_OPERATOR, /* … and is an administrator of the instance */
};

enum route_flags {
	ROUTE_TEXT = 1 << 0,	   /* takes text/plain and forms: the field `text` */
	ROUTE_EVERYWHERE = 1 << 1, /* also at <prefix> itself: /health, /status */
	ROUTE_KEYED = 1 << 2,	   /* accepts Idempotency-Key */
	ROUTE_TAGGED = 1 << 3,	   /* answers with ETag, and with 304 */
	ROUTE_ALIAS = 1 << 4,	   /* another name for another row */
	ROUTE_BYTES = 1 << 5,	   /* answers with a file of any type */
	ROUTE_NOWHERE = 1 << 6,	   /* what it creates has no path: 201 without Location */
	ROUTE_BOUND = 1 << 7,	   /* also for tokens bound to a room, see bound.h */
	ROUTE_UPLOAD = 1 << 8,	   /* takes a form with a file, see upload.h */
};

typedef enum err handler(struct req *rq, struct reply *out);
/* Rules that the tables cannot express: notes bad fields in rq->problem. It also runs if
 * other fields were bad, so that all are reported at once; bad fields are then absent. */
typedef void checker(struct req *rq);

struct route {
	enum method method;
	const char *pattern; /* below /api/v1: "/rooms/{id}/members/{user_id}" */
	enum who who;
	enum limit_class limit;
	int cost;
	unsigned flags;
	const struct body *query; /* NULL: no parameters */
	const struct body *body;  /* NULL: the body is not read */
	checker *check;		  /* NULL: the tables suffice */
	handler *handler;

	/* words for the reference */
	const char *name; /* operationId: the handler's name, see HANDLER */
	const char *tag, *summary, *about;
	int status;	   /* of success */
	const char *gives; /* the schema of its body; NULL none */
	const int *fails;  /* further statuses, not implied by other columns; 0 ends */
};

#define HANDLER(fn) .handler = (fn), .name = #fn
#define HANDLER_AS(fn, id) .handler = (fn), .name = (id) /* used by several rows */
#define FAILS(...)             \
	.fails = (const int[]) \
	{                      \
		__VA_ARGS__, 0 \
	}

/* Answers a request whose head was read (head is the result of request_head()). */
void route_answer(const struct route *const tables[], struct req *rq, enum err head,
		  struct reply *out);

enum route_match {
	ROUTE_FOUND,	 /* rq->route and rq->arg are set */
	ROUTE_NO_PATH,	 /* no row has this path */
	ROUTE_NO_METHOD, /* a row has it, with another method */
};

/* Finds the row. out_allow: the value of Allow; set if ROUTE_NO_METHOD. */
enum route_match route_find(const struct route *const tables[], struct req *rq,
			    const char **out_allow);

/* Walks a pattern's segments: returns the next one and its length, NULL at the end.
 * "{name}" is a parameter. */
const char *route_segment(const char **pattern, size_t *out_len);
/* Parameters named id or ..._id must be ids. */
bool route_segment_is_id(const char *segment, size_t len);
