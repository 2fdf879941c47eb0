/* edits.h -- edit, delete, react: what clients do to messages that are there.
 *
 * The same statements as REST's (shared/edits.h), one message at a time, on the line
 * LINE_JOIN and without waiting for a room that somebody else holds: that one is tried
 * again a little later, so nobody else's waits for it. The event comes to everybody
 * through the log. When the outcome is unknown, because the connection was lost, it is
 * asked for again: what was done already is unchanged then.
 *
 * Order: what a connection says about one room is done in that order. An edit waits for
 * its messages there, and what it says about the room waits for the edit
 * (said_must_wait()). Which room a message's id leads to is known from the audience;
 * where it is not, the edit counts as one of every room.
 *
 * Owns: the edits under way, and notes of connections whose frame waits for their posts.
 */
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
	EDITS_MAX = 2000,    /* at once; beyond, clients hear `unavailable` */
	EDITS_REST_MS = 20,  /* until a locked room, or a lost line, is tried again */
	EDITS_WAIT_MS = 8000 /* then an edit is given up */
};

struct edits {
	struct link all; /* under way, whatever they wait for */
	struct link
		resting;    /* of those, the ones to be tried again; the earliest first */
	struct link behind; /* connections that wait for posts of theirs */
	int count;
};

void edits_init(struct edits *es);
void edits_done(struct broker *b);

/* Which of the changes: shared/edits.h. on, text: as they are given to edits_begin(). */
typedef void edits_make(struct arena *a, const struct edit_of *of, const char *text,
			bool on, struct db_call out[EDITS_CALLS]);
/* Do it to the message that the frame names, or put the frame aside until what was said
 * before is done. text: is copied; NULL none. */
enum err edits_begin(struct said *s, const struct uuid *id, edits_make *make,
		     const char *text, bool on);

/* Is one of this connection's under way that may concern the room? */
bool edits_are_busy(const struct conn *c, const struct uuid *room_id);
bool edits_are_idle(const struct edits *es);

/* Try again what rests, take up what waited. At the end of a turn. */
void edits_kick(struct broker *b);
/* When that is to be done though nothing happens; -1: never. */
int64_t edits_next_ms(const struct broker *b);
