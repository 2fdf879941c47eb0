/* admission.h -- how many new connections are let in a second: a crowd that reconnects
 * all at once must not take the time of the clients that are connected.
 *
 * Never more are let in than the database can look up in time: an open connection waits
 * for that for CONN_OPENING_S, a pending one longer.
 *
 * If nobody has sent a message for ADMISSION_QUIET_MS there is nobody to protect, and
 * all are let in as fast as the machine can. Otherwise:
 *
 * A newcomer costs a handshake, a token check and two queries, about half a millisecond
 * of the host in all. So newcomers are let in evenly, newcomers_per_second of them; a
 * small crowd at once, since nobody would notice; and a quarter as many while writing
 * to all connections takes long. The others wait (pending.h), as many as can be let in
 * within ADMISSION_WAIT_S. Clients beyond that are told to come back, each at a
 * different time, spread over the time it takes to let in all who were told so. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/frame.h"

struct broker;

enum {
	ADMISSION_QUIET_MS = 1000,
	ADMISSION_WAIT_S = 9,
	ADMISSION_ASKING_MAX = 256,   /* waiting for the database; no more come in */
	ADMISSION_ASKING_MS = 20,     /* and the number is checked again after this */
	ADMISSION_BURST_MS = 200,     /* as many as in this time may come at once */
	ADMISSION_LAG_US = 10 * 1000, /* passes that take longer are too long */
};

struct admission {
	int64_t credit;	     /* thousandths of a newcomer */
	int64_t since_ms;    /* when credit was last given */
	int64_t talk_ms;     /* when a message was last delivered; 0: not yet */
	int64_t told, at_ms; /* clients told to come back and still due, as of at_ms */
};

void admission_init(struct broker *b);
/* A message is being delivered to listeners. */
void admission_hear_talk(struct broker *b);
/* Has there been none for ADMISSION_QUIET_MS? */
bool admission_is_quiet(const struct broker *b);
/* May one come in now? Takes the credit for it. */
bool admission_take(struct broker *b);
/* When the next one may come in. */
int64_t admission_next_ms(const struct broker *b);
/* May one more wait, if this many do already? */
bool admission_may_wait(const struct broker *b, int waiting);

/* Too many: 503, with a Retry-After that differs for each client. */
struct bytes admission_refusal(struct broker *b);
/* How long it takes to let this many in. */
int64_t admission_spread_s(const struct broker *b, int64_t count);
