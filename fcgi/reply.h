/* reply.h -- the answer: status, headers, body.
 *
 * A handler makes a struct reply with one of these; route.c makes one from an err.
 * reply_print() turns it into a CGI response (RFC 3875, section 6), with the headers that
 * every answer has. An answer with an ETag is `private, no-cache`, every other one
 * `no-store`.
 *
 * Lifetime: everything belongs to the request's arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi/limit.h"
#include "fcgi/request.h"
#include "shared/err.h"
#include "shared/json.h"

/* A body that is sent from a file, in pieces. */
struct reply_file {
	int fd;
	int64_t from, len;
	int64_t changed_s; /* since 1970 */
	/* With this header the web server sends it instead. NULL: we do. */
	const char *sendfile_header, *sendfile_value;
};

struct reply {
	int status;
	const char *type; /* Content-Type; NULL: no body */
	const char *body;
	size_t body_len;
	const struct reply_file *file;		 /* instead of body; NULL none */
	const char *disposition, *content_range; /* of a file */
	const char *cache_control;		 /* NULL: follows from the rest */
	const char *location;
	const char *etag;
	const char *allow;     /* of a 405 and of OPTIONS */
	bool preflight;	       /* an answer to OPTIONS */
	int retry_after_s;     /* 0: none */
	const char *challenge; /* WWW-Authenticate; NULL none */
	struct limit_report limit;
};

/* 200, or another status, with a JSON body. */
void reply_json(struct req *rq, struct reply *out, int status, struct json *body);

/* 201 with Location: prefix, "/api/v1", then the formatted path. */
void reply_created(struct req *rq, struct reply *out, struct json *body, const char *path,
		   ...) __attribute__((format(printf, 4, 5)));

void reply_no_content(struct reply *out);

/* ETags. "<epoch>.<seq>-<reader>": this reader gets the same answer until the room's seq
 * moves. Only for an answer without people. */
const char *reply_etag_of_seq(struct req *rq, const char *epoch, int64_t seq);
/* Does If-None-Match match it? (RFC 9110: weak comparison, lists, "*".) */
bool reply_is_fresh(const struct req *rq, const char *etag);
void reply_not_modified(struct reply *out, const char *etag);
/* reply_json() with an ETag over the body, or 304. */
void reply_json_tagged(struct req *rq, struct reply *out, struct json *body);

/* The problem+json for a failed step, from rq->problem if it has words. */
void reply_problem(struct req *rq, struct reply *out, enum err err);
/* Problems for which there is no err: 405, and 416 for content of this size. */
void reply_method_not_allowed(struct req *rq, struct reply *out, const char *allow);
void reply_range_not_satisfiable(struct req *rq, struct reply *out, int64_t size);

int reply_status_of(enum err err);
const char *reply_status_words(int status); /* "Not Found" */

/* The whole response, except the content of a file. */
const char *reply_print(struct req *rq, const struct reply *r, size_t *out_len);
/* Do we have to send r's file after it? */
bool reply_sends_file(const struct req *rq, const struct reply *r);
