/* signal_peers.h -- signals to a device that is connected to another broker.
 *
 * They go over the bus (bus.h), in parts that fit into a NOTIFY; the parts of one
 * signal come together and in order. The broker that has the device delivers it and
 * sends `heard`; if none does within SIGNAL_HEARD_MS, the sender is told `conflict`, as
 * for a device that is connected nowhere. The signal may have arrived all the same, as
 * with any lost answer.
 *
 * Owns:   signals that wait for `heard`, and one received in part.
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
	struct link waiting; /* for `heard`, the oldest first */
	struct uuid id;	     /* of the signal being received */
	char *text;	     /* its text so far */
	size_t len;
	int next_part;
};

void signals_init(struct signals *ss);
void signals_done(struct signals *ss);

/* Is there another broker to pass it to? */
bool signal_has_peers(const struct broker *b);
/* False: too much waits. */
bool signal_tell_peers(struct said *s, const struct call_part *from,
		       const struct call_part *to, const char *data, size_t len);
/* Handles a line of another broker, if it is about signals; false: it is not. */
bool signal_hear(struct broker *b, const char *text);
/* Tell senders whose signals were not heard. Called periodically. */
void signals_tick(struct broker *b);
