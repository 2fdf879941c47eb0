/* redis.h -- one connection to Redis, on the broker's loop: the door to hiredis.
 *
 * It never blocks (except to resolve a host name, so configure an address), reconnects
 * by itself with growing delays, and is given up when nothing is answered for
 * REDIS_SILENT_MS or more than REDIS_OUT_MAX wait to be sent. Commands of that time are
 * lost: the caller has another way.
 *
 * Commands are gathered, and go out with redis_flush(), at the end of a turn.
 *
 * Redis is not trusted at all: a reply that is malformed or too large ends the
 * connection, and so does an error, since none is expected.
 *
 * Owns: the connection and its timer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/bus_place.h"

struct loop;
struct redis;

enum {
	REDIS_SILENT_MS = 3000,
	REDIS_OUT_MAX = 4 * 1024 * 1024,
	REDIS_IN_MAX = 64 * 1024 * 1024,
};

struct redis_owner {
	void *arg;
	void (*on_up)(void *arg); /* signed in; commands are accepted from now on */
	void (*on_down)(void *arg);
	/* A published message. The bytes are valid until it returns. */
	void (*on_message)(void *arg, const char *channel, const char *bytes, size_t len);
};

/* Connects at once, or keeps trying. name: for the log. All arguments must outlive
 * it. */
struct redis *redis_new(struct loop *loop, const struct bus_place *place,
			const char *password, const char *name,
			const struct redis_owner *owner);
void redis_free(struct redis *r); /* NULL is fine; no on_down */

bool redis_is_up(const struct redis *r);
/* A command; lens NULL: all words are texts. False: not connected, or too much
 * waits. */
bool redis_say(struct redis *r, int count, const char *const words[],
	       const size_t lens[]);
void redis_flush(struct redis *r);
/* Once a second: is it still there? */
void redis_tick(struct redis *r);
