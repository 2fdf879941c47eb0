/* wire.h -- how a connection reaches its socket: two functions, or up to four.
 *
 * ws.c has those for WebSockets, stream.c those for event streams; tests bring their
 * own, so that everything above runs without a socket. A connection keeps the wire it
 * began with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/err.h"
#include "shared/problem.h"

enum wire_sent {
	WIRE_SENT,   /* all of it is with the kernel */
	WIRE_KEPT,   /* the rest is kept below; conn_on_writable() follows */
	WIRE_BROKEN, /* nobody is there any more */
};

enum wire_wish {
	WIRE_HOLD,  /* deliver no more frames for now */
	WIRE_FLOW,  /* deliver frames again */
	WIRE_CLOSE, /* close at once: calls conn_on_gone() from within */
};

struct wire_ops {
	/* Whole WebSocket frames. Not while something is kept, except for the final
	 * close frame. */
	enum wire_sent (*send)(void *wire, const void *frames, size_t len);
	void (*tell)(void *wire, enum wire_wish wish);
	/* The socket, if whole frames may now be sent past the wire, with send() called
	 * for the rest that it does not take; else -1. NULL: never. */
	int (*fd)(const void *wire);
	/* Says why the close frame follows, for a wire that tells it in words of its
	 * own. NULL: the frames say it. */
	void (*refuse)(void *wire, enum err e, const struct problem *p);
	/* Frames that are not events of its room are left out. */
	bool events_only;
};
