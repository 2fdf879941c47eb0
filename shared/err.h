/* err.h -- what can go wrong, and the one way to pass it on.
 *
 * A name says what is wrong from the caller's point of view. How it looks on the wire is
 * decided elsewhere: fcgi/reply.c picks the HTTP status, broker/frame.c the error frame.
 * The words that go with it are in a struct problem. */
#pragma once

/* clang-format off */
enum [[nodiscard]] err {
	OK = 0,
	ERR_MALFORMED,	     /* the input cannot be parsed */
	ERR_INVALID,	     /* the input parses but breaks a stated rule */
	ERR_UNAUTHENTICATED, /* no token, or one that does not verify */
	ERR_FORBIDDEN,	     /* known user, not allowed */
	ERR_NOT_FOUND,	     /* absent, or hidden from this user */
	ERR_CONFLICT,	     /* someone else got there first */
	ERR_TOO_LARGE,	     /* over a size limit */
	ERR_TOO_MANY,	     /* over a rate or count limit */
	ERR_UNAVAILABLE,     /* the database is away or busy; retry later */
	ERR_INTERNAL,	     /* our bug; already logged */
	ERR_COUNT
};
/* clang-format on */

/* Do one step; if it fails, return its error from this function. This is the only macro
 * in the tree that returns. It is safe anywhere, because nothing here is freed by hand:
 * see arena.h and auto.h. */
#define TRY(step)                           \
	do {                                \
		enum err try_err_ = (step); \
		if (try_err_ != OK)         \
			return try_err_;    \
	} while (0)
