/* wire.h -- how a connection reaches its socket: two functions, or up to four.
 *
 * ws.c has those of WebSockets, stream.c those of event streams; tests bring their own,
 * so that everything above runs without a socket. A connection has its wire's from its
 * beginning. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/err.h"
#include "shared/problem.h"

enum wire_sent {
	WIRE_SENT,   /* gone to the kernel, all of it */
	WIRE_KEPT,   /* the rest is kept below; conn_on_writable() follows */
	WIRE_BROKEN, /* nobody is there any more */
};

enum wire_wish {
	WIRE_HOLD,  /* no more frames for now */
	WIRE_FLOW,  /* frames again */
	WIRE_CLOSE, /* away with it, now: conn_on_gone() comes from within */
};

struct wire_ops {
	/* Whole WebSocket frames. Not while something is kept, except for the close
	 * frame that ends it all. */
	enum wire_sent (*send)(void *wire, const void *frames, size_t len);
	void (*tell)(void *wire, enum wire_wish wish);
	/* The socket, if whole frames may go to it past the wire now, and what it does
	 * not take of them by send(); else -1. NULL: never. */
	int (*fd)(const void *wire);
	/* Why the close frame follows, for a wire that may say it in words of its own.
	 * NULL: the frames say it. */
	void (*refuse)(void *wire, enum err e, const struct problem *p);
	/* Frames that are no events of its room are left out. */
	bool events_only;
};
