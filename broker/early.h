/* early.h -- messages that another broker said whole (bus_words.h), on their way into the
 * ring of their room.
 *
 * One that is next in line is delivered. One that is further on waits for those before
 * it: the log is read at once, and whatever comes first, by the bus or from the log,
 * brings the ring up to it. So brokers that write to one room at the same time need not
 * read each other's messages from the database, and what is lost or wrong about the bus
 * is made up for as ever.
 *
 * Owns:   what waits, of each room.
 * Bounds: EARLY_MAX of them, EARLY_BYTES_MAX in all, a room; beyond, the log has them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "broker/frame.h"

struct broker;
struct live_room;

enum { EARLY_MAX = 512, EARLY_BYTES_MAX = 1024 * 1024 };

/* A line of another broker's. */
void early_hear(struct broker *b, const char *line);
/* A message, ours or another's, that is further on than the ring of its room. */
void early_keep(struct live_room *room, int64_t seq, const char *author_id,
		struct bytes frame);
/* The ring has grown: deliver what is next now, forget what was. The room is held. */
void early_take(struct broker *b, struct live_room *room);
void early_room_gone(struct live_room *room);
