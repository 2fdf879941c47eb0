/* problem.h -- what went wrong, in words.
 *
 * enum err is the kind of failure; a problem is what a person or a program is told about
 * it: a stable machine word, a sentence, and for bad input every bad field at once. REST
 * answers with it as RFC 9457 problem+json, the broker as an `error` frame; both use the
 * same words.
 *
 * Lifetime: text comes from the arena of the piece of work; literals are fine.
 * Never:    contains secrets, message text or SQL. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/arena.h"
#include "shared/err.h"

struct json;

struct field_error {
	const char *field; /* as the client would write it: "member_ids[3]" */
	const char *code;  /* required, unknown, type, too_short, too_long, ... */
	const char *message;
};

enum { PROBLEM_FIELDS_MAX = 32 };

struct problem {
	const char *code;    /* NULL: the default word of the err (err_code()) */
	const char *detail;  /* NULL: the default sentence */
	int retry_after_s;   /* 0: none */
	const char *call_id; /* the call that stands in the way; NULL: none */
	const char *scope;   /* what their API token lacks; NULL: nothing */
	bool is_banned;	     /* hidden from them because they are banned */
	size_t error_count;
	struct field_error errors[PROBLEM_FIELDS_MAX];
};

/* Fills p and returns e: `return problem_fail(p, ERR_CONFLICT, "login_taken", "The login
 * is taken.")`. detail is a literal or lives in the arena. */
enum err problem_fail(struct problem *p, enum err e, const char *code,
		      const char *detail);

/* As above with Retry-After. */
enum err problem_retry(struct problem *p, enum err e, const char *code,
		       const char *detail, int retry_after_s);

/* Notes one bad field; more than PROBLEM_FIELDS_MAX are not noted. */
void problem_field(struct problem *p, const char *field, const char *code,
		   const char *message);

/* ERR_INVALID if any field was noted, else OK. */
enum err problem_fields_check(struct problem *p);

/* [{field, code, message}], as REST and frames return them. */
struct json *problem_errors(struct arena *a, const struct problem *p);

/* The default machine word: malformed, invalid, token_invalid, forbidden,
 * not_found, conflict, too_large, rate_limited, unavailable, internal. */
const char *err_code(enum err e);
/* The default sentence. */
const char *err_detail(enum err e);
