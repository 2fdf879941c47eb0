/* join.h -- from a request to listen to a listener.
 *
 * The database says whether this person may listen and how far the room's log has come;
 * a person who may join and is not a member becomes one first, as by POST …/join. The
 * listener exists before the answer is here, so that the room keeps its new events
 * meanwhile; frames of the client about this room wait. */
#pragma once

#include <stdint.h>

#include "broker/hello.h"
#include "broker/list.h"
#include "shared/uuid.h"

struct broker;
struct conn;
struct listener;

enum {
	JOIN_REST_MS = 20, /* before a locked room is retried */
	JOIN_TRIES_MAX = 150,
};

struct joins {
	struct link resting; /* joins waiting to retry a locked room */
};

void join_begin(struct conn *c, const struct uuid *room_id, const struct place *place,
		const char *ref);
/* Join the room that the connection is for. If that fails, the connection ends. */
void join_default(struct conn *c);
/* Retry locked rooms. At the end of a turn. */
void joins_kick(struct broker *b);
/* When to call it even if nothing happens; -1: never. */
int64_t joins_next_ms(const struct broker *b);
void joins_done(struct broker *b);

/* Send `joined` to a listener that has to begin anew from l->seq: its client
 * reloads. */
void join_again(struct listener *l);
