/* door.h -- those who knock: the listening socket, and connections until they are
 * WebSockets.
 *
 * Request heads are read here, by ourselves, because libwebsockets 4.1 reads them badly:
 * it has room for subprotocols of 127 bytes (a token is longer), drops what it does not
 * like without an answer, and reads freed memory on a second request with an odd
 * Upgrade. It is handed only handshakes that are right, in words of ours.
 *
 * Those who are right wait for their turn, so that a crowd that comes back all at once
 * does not stand in the way of those who talk (admission.h). For the same reason sockets
 * are accepted by and by while people talk: the rest of a crowd waits in the kernel.
 *
 * One request a connection, DOOR_TIME_S for it, and DOOR_GUESTS_MAX at once. When there
 * are as many connections as may be, the others hear so and are not let in.
 *
 * Owns: the listening socket, and the sockets of those who are still at the door. */
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

/* A port of its own for /metrics and /health, which anybody may ask who reaches it. */
enum err door_open_metrics(struct broker *b, struct door **out);
/* On the socket that we were started with (LISTEN_FDS), else on broker_listen. */
enum err door_open(struct broker *b, int max_conns, struct door **out);
/* Nobody new is let in. */
void door_stop(struct door *d);
void door_close(struct door *d); /* NULL is fine */

/* Let in whose turn it is; and when the next one's is, -1: nobody waits. */
void door_kick(struct door *d);
int64_t door_next_ms(const struct broker *b);

/* Once a second: who has been at the door for too long has to go. */
void door_tick(struct door *d); /* NULL is fine */
