/* admission.h -- how many newcomers a second: a crowd that comes back all at once must
 * not take the time of those who are here.
 *
 * More than the database answers in good time are never let in: a connection that is open
 * waits CONN_OPENING_S for it, whoever is at the door longer.
 *
 * Where nobody has said anything for ADMISSION_QUIET_MS there is nobody to protect, and
 * all come in as fast as the machine can. Otherwise:
 *
 * A newcomer costs a handshake, a token, and two questions to the database, some half a
 * millisecond of the host's in all. So they are let in evenly, newcomers_per_second of
 * them; a small crowd at once, since nobody would notice that; a quarter as many while
 * it takes long to write to all. The others wait at the door, as many as can be let in
 * within ADMISSION_WAIT_S, and whoever comes after these is told to come back, at a time
 * of their own, spread over as long as it takes to let in all who were told so. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/frame.h"

struct broker;

enum {
	ADMISSION_QUIET_MS = 1000,
	ADMISSION_WAIT_S = 9,
	ADMISSION_ASKING_MAX =
		256, /* who wait for the database: the next ones stay outside */
	ADMISSION_ASKING_MS = 20,     /* and are looked at again after this */
	ADMISSION_BURST_MS = 200,     /* as many as in this time may come at once */
	ADMISSION_LAG_US = 10 * 1000, /* passes that take longer are too long */
};

struct admission {
	int64_t credit;	     /* thousandths of a newcomer */
	int64_t since_ms;    /* when credit was last given */
	int64_t talk_ms;     /* when somebody last said something; 0: not yet */
	int64_t told, at_ms; /* who were told to come back and did not yet, as of then */
};

void admission_init(struct broker *b);
/* A message is on its way to those who listen. */
void admission_hear_talk(struct broker *b);
/* Has there been none for ADMISSION_QUIET_MS? */
bool admission_is_quiet(const struct broker *b);
/* May one come in now? */
bool admission_take(struct broker *b);
/* When the next one may. */
int64_t admission_next_ms(const struct broker *b);
/* May one more wait, where so many do? */
bool admission_may_wait(const struct broker *b, int waiting);

/* Too many: 503, with a Retry-After that is different for each. */
struct bytes admission_refusal(struct broker *b);
/* How long it takes to let so many in. */
int64_t admission_spread_s(const struct broker *b, int64_t count);
