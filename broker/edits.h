/* edits.h -- edit, delete, react: changes by clients to existing messages.
 *
 * The same statements as REST's (shared/edits.h), one message at a time, on the line
 * LINE_JOIN and without waiting for a locked room: such an edit is retried a little
 * later, so no other edit waits for it. Everybody gets the event through the log. If
 * the outcome is unknown because the connection to the database was lost, the edit is
 * repeated: an edit that was already done changes nothing.
 *
 * Order: what a connection says about one room is done in that order. An edit waits for
 * the connection's messages to the room, and its next frames about the room wait for
 * the edit (said_must_wait()). The audience tells which room a message's id belongs to;
 * if it does not know the room, the edit counts as one of every room.
 *
 * Owns: the edits in flight, and notes of connections whose frame waits for their
 * posts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "shared/edits.h"

struct broker;
struct conn;
struct said;
struct uuid;

enum {
	EDITS_MAX = 2000,    /* at once; beyond that, clients get `unavailable` */
	EDITS_REST_MS = 20,  /* before a locked room, or a lost line, is retried */
	EDITS_WAIT_MS = 8000 /* then an edit is given up */
};

struct edits {
	struct link all;     /* in flight, whatever they wait for */
	struct link resting; /* those of them to be retried, the earliest first */
	struct link behind;  /* connections that wait for their own posts */
	int count;
};

void edits_init(struct edits *es);
void edits_done(struct broker *b);

/* Which change to make: shared/edits.h. on, text: as given to edits_begin(). */
typedef void edits_make(struct arena *a, const struct edit_of *of, const char *text,
			bool on, struct db_call out[EDITS_CALLS]);
/* Apply it to the message that the frame names, or hold the frame until earlier frames
 * are done. text: is copied; NULL: none. */
enum err edits_begin(struct said *s, const struct uuid *id, edits_make *make,
		     const char *text, bool on);

/* Is an edit of this connection in flight that may concern the room? */
bool edits_are_busy(const struct conn *c, const struct uuid *room_id);
bool edits_are_idle(const struct edits *es);

/* Retry resting edits, release waiting connections. At the end of a turn. */
void edits_kick(struct broker *b);
/* When to call it even if nothing happens; -1: never. */
int64_t edits_next_ms(const struct broker *b);
