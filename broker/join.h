/* join.h -- from a wish to listen to a listener.
 *
 * The database says whether this person may listen and where the room's log ends; a
 * person who may join and is no member becomes one first, as POST …/join would do.
 * Until the answer is here the listener exists, so that the room keeps what is told of
 * it meanwhile, and what the client sends about this room waits. */
#pragma once

#include <stdint.h>

#include "broker/hello.h"
#include "broker/list.h"
#include "shared/uuid.h"

struct broker;
struct conn;
struct listener;

enum {
	JOIN_REST_MS = 20, /* a room that somebody else holds is tried again after this */
	JOIN_TRIES_MAX = 150,
};

struct joins {
	struct link resting; /* until a locked room is tried again */
};

void join_begin(struct conn *c, const struct uuid *room_id, const struct place *place,
		const char *ref);
/* The room that the connection is for. If it cannot be joined, the connection ends. */
void join_default(struct conn *c);
/* Try locked rooms again. At the end of a turn. */
void joins_kick(struct broker *b);
/* When that is to be done though nothing happens; -1: never. */
int64_t joins_next_ms(const struct broker *b);
void joins_done(struct broker *b);

/* `joined`, for a listener that has to begin anew from l->seq: its client reloads. */
void join_again(struct listener *l);
