/* early.h -- messages that another broker sent whole (bus_words.h), on their way into
 * the ring of their room.
 *
 * A message that is next in line is delivered. One further ahead waits for those before
 * it: the log is read at once, and whichever comes first, the bus or the log, brings
 * the ring up to it. So brokers that write to one room at the same time need not read
 * each other's messages from the database, and lost or wrong lines on the bus are made
 * up for as usual.
 *
 * Owns:   the waiting messages of each room.
 * Bounds: EARLY_MAX messages and EARLY_BYTES_MAX in all per room; beyond that the log
 *         has them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "broker/frame.h"

struct broker;
struct live_room;

enum { EARLY_MAX = 512, EARLY_BYTES_MAX = 1024 * 1024 };

/* A line from another broker. */
void early_hear(struct broker *b, const char *line);
/* A message, ours or another's, that is ahead of the ring of its room. */
void early_keep(struct live_room *room, int64_t seq, const char *author_id,
		struct bytes frame);
/* The ring has grown: deliver what is next now, drop what is behind. The caller holds
 * the room. */
void early_take(struct broker *b, struct live_room *room);
void early_room_gone(struct live_room *room);
