/* door.h -- the listening socket, and connections until they are WebSockets.
 *
 * The broker reads request heads itself because libwebsockets 4.1 reads them badly: it
 * has room for subprotocols of 127 bytes (a token is longer), drops what it does not
 * like without an answer, and reads freed memory on a second request with an odd
 * Upgrade. It is given only valid handshakes, rewritten by us.
 *
 * Valid requests wait for their turn, so that a crowd that reconnects all at once does
 * not delay people who talk (admission.h). For the same reason sockets are accepted a
 * few at a time while people talk: the rest of a crowd waits in the kernel.
 *
 * One request per connection, DOOR_TIME_S for it, and DOOR_GUESTS_MAX at once. When
 * max_conns is reached, further clients are told so and not let in.
 *
 * Owns: the listening socket, and the sockets of guests still at the door. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/err.h"

struct broker;
struct door;

enum {
	DOOR_TIME_S = 5,
	DOOR_LINGER_S = 2,
	DOOR_GUESTS_MAX = 4800,
	DOOR_METRICS_MAX = 16,
};

/* A separate port for /metrics and /health, open to anybody who can reach it. */
enum err door_open_metrics(struct broker *b, struct door **out);
/* On the socket that we were started with (LISTEN_FDS), else on broker_listen. */
enum err door_open(struct broker *b, int max_conns, struct door **out);
/* Let nobody new in. */
void door_stop(struct door *d);
void door_close(struct door *d); /* NULL is fine */

/* Let in guests whose turn it is; and when the next one is due, -1: nobody waits. */
void door_kick(struct door *d);
int64_t door_next_ms(const struct broker *b);

/* Once a second: disconnect guests that have been at the door for too long. */
void door_tick(struct door *d); /* NULL is fine */
