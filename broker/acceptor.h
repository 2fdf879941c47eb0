/* acceptor.h -- the listening socket, and connections until they are WebSockets.
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
 * One request per connection, PENDING_TIME_S for it, and PENDING_MAX at once. When
 * max_conns is reached, further clients are told so and not let in.
 *
 * Owns: the listening socket, and pending connections (pending.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/err.h"

struct broker;
struct acceptor;

enum {
	PENDING_TIME_S = 5,
	PENDING_LINGER_S = 2,
	PENDING_MAX = 4800,
	PENDING_METRICS_MAX = 16,
};

/* A separate port for /metrics and /health, open to anybody who can reach it. */
enum err acceptor_open_metrics(struct broker *b, struct acceptor **out);
/* On the socket that we were started with (LISTEN_FDS), else on broker_listen. */
enum err acceptor_open(struct broker *b, int max_conns, struct acceptor **out);
/* Let nobody new in. */
void acceptor_stop(struct acceptor *a);
void acceptor_close(struct acceptor *a); /* NULL is fine */

/* Admit the connections whose turn it is; and when the next one is due, -1: none
 * waits. */
void acceptor_kick(struct acceptor *a);
int64_t acceptor_next_ms(const struct broker *b);

/* Once a second: close connections that have been pending for too long. */
void acceptor_tick(struct acceptor *a); /* NULL is fine */
