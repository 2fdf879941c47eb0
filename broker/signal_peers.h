/* signal_peers.h -- signals to a device that is connected to another broker.
 *
 * They go as what brokers tell each other does (bus.h), in parts that fit a NOTIFY; the
 * parts of one come together and in order. The broker that has the device hands it
 * on and says `heard`; where nobody does within SIGNAL_HEARD_MS, the sender is told
 * `conflict`, as for a device that is connected nowhere. A signal may then have been
 * heard all the same, as with any answer that is lost.
 *
 * Owns:   what waits to be heard, and what came in part.
 * Bounds: SIGNALS_WAITING_MAX of ours, one of the others' (max_signal_bytes). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"
#include "shared/uuid.h"

struct broker;
struct call_part;
struct said;

enum {
	SIGNAL_HEARD_MS = 2000,
	SIGNALS_WAITING_MAX = 10000,
	SIGNAL_PART_BYTES = 7000, /* a NOTIFY takes less than 8000 */
};

struct signals {
	struct table by_id;
	struct link waiting; /* to be heard, the oldest first */
	struct uuid id;	     /* of the one that is coming in */
	char *text;	     /* what has come of it */
	size_t len;
	int next_part;
};

void signals_init(struct signals *ss);
void signals_done(struct signals *ss);

/* Is there anybody else to hand it on? */
bool signal_has_peers(const struct broker *b);
/* False: too much waits. */
bool signal_tell_peers(struct said *s, const struct call_part *from,
		       const struct call_part *to, const char *data, size_t len);
/* What another broker said, if it is about signals; false: it is not. */
bool signal_hear(struct broker *b, const char *text);
/* Tell those who were not heard. Now and then. */
void signals_tick(struct broker *b);
