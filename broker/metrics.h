/* metrics.h -- what the broker counts, and how it is exported (Prometheus text, 0.0.4).
 *
 * Counters stand in one struct, and the code that sees something happen adds to it:
 * `b->metrics.wakes_socket++`. Values that can be looked up (connections, rooms,
 * queues) are not counted, but looked up when they are asked for. The table in
 * metrics.c has a row for each, with its name and its meaning; docs/operating.md
 * explains them.
 *
 * Times are kept in microseconds and exported in seconds. */
#pragma once

#include <stdint.h>

#include "broker/frame.h"
#include "shared/arena.h"

struct broker;

enum { HISTOGRAM_BOUNDS = 14 };

struct histogram {
	int64_t counts[HISTOGRAM_BOUNDS + 1]; /* of one bucket each, not cumulative */
	int64_t sum;
};

/* How a connection ended: by our close codes, or by itself. */
enum metrics_end {
	END_GONE, /* the peer went away */
	END_NORMAL,
	END_GOING_AWAY,
	END_TRY_LATER,
	END_BAD_FRAME,
	END_UNAUTHENTICATED,
	END_FORBIDDEN,
	END_NOT_FOUND,
	END_TOO_SLOW,
	END_CONFLICT,
	END_TOO_MUCH,
	END_COUNT
};

struct metrics {
	int64_t opened, ended[END_COUNT];
	int64_t frames_in, bytes_in, frames_out, bytes_out, writes, dropped;
	int64_t committed, refused; /* messages */
	int64_t resumed_ring, resumed_log, resumed_not;
	int64_t wakes_socket, wakes_notify, wakes_redis, wakes_told;
	int64_t bus_connects, bus_sent_bytes, bus_refused, bus_next, bus_early;
	int64_t db_connects;
	/* refused, by the limit that was exceeded */
	int64_t limited_frames, limited_bytes, limited_messages, limited_address_frames;
	int64_t limited_signals, limited_handshakes, limited_address, limited_user;
	struct histogram batch_messages;
	struct histogram commit_us; /* from sending a batch to its answer */
	struct histogram post_us;   /* from a message's arrival to its ack */
	struct histogram turn_us;   /* input that arrives meanwhile waits this long */
};

void metrics_size(struct histogram *h, int64_t count);
void metrics_time(struct histogram *h, int64_t us);
/* A connection is closed with this code. */
void metrics_closed(struct metrics *m, enum close_code code);

/* All of it, as text. */
const char *metrics_print(struct broker *b, struct arena *a);
