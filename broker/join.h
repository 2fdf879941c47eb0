/* join.h -- from a wish to listen to a listener.
 *
 * The database says whether this person may listen and where the room's log ends; a
 * person who may join and is no member becomes one first, as POST …/join would do.
 * Until the answer is here the listener exists, so that the room keeps what is told of
 * it meanwhile, and what the client sends about this room waits. */
#pragma once

#include <stdint.h>

#include "broker/hello.h"
#include "shared/uuid.h"

struct conn;

void join_begin(struct conn *c, const struct uuid *room_id, const struct place *place,
		const char *ref);
/* The room that the connection is for. If it cannot be joined, the connection ends. */
void join_default(struct conn *c);
/* `joined`, for a listener that has to begin anew from l->seq: its client reloads. */
struct listener;
void join_again(struct listener *l);
