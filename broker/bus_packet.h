/* bus_packet.h -- lines on their way through Redis, which is not trusted at all: a seal
 * that only brokers of this database can make, the sender, and the lines.
 *
 *	<16 hex digits> <id of the broker> LF <line> LF <line> ...
 *
 * The seal is SipHash-2-4 of everything after it, keyed by the database's key and the
 * channel, so a packet is worthless on another channel. Replays are the reader's
 * business: a message has its seq, and any other line only says where to look, or is
 * ephemeral. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/siphash.h"

/* Derives the key from a uuid. */
enum err bus_packet_key(const char *uuid, struct siphash_key *out);

const char *bus_packet_seal(struct arena *a, const struct siphash_key *key,
			    const char *channel, const char *broker_id,
			    const char *const lines[], int count, size_t *out_len);

/* Does it claim to be from this broker? Sealed or not: to skip our own. */
bool bus_packet_is_of(const char *bytes, size_t len, const char *broker_id);

/* out: the lines, in the arena, for strsep(). ERR_INVALID: not a packet, or the seal is
 * wrong. */
enum err bus_packet_open(struct arena *a, const struct siphash_key *key,
			 const char *channel, const char *bytes, size_t len, char **out);
