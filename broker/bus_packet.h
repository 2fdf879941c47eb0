/* bus_packet.h -- lines on their way through Redis, which is trusted in nothing: a seal
 * that only brokers of this database can make, who says so, and the lines.
 *
 *	<16 hex digits> <id of the broker> LF <line> LF <line> ...
 *
 * The seal is SipHash-2-4 of all that follows it, keyed by the database's key and the
 * channel: what was said on one channel is nothing on another. That it is not older than
 * it seems is for its reader to see: a message has its seq, and anything else only says
 * where to look, or does not last. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/siphash.h"

/* The key, from a uuid. */
enum err bus_packet_key(const char *uuid, struct siphash_key *out);

const char *bus_packet_seal(struct arena *a, const struct siphash_key *key,
			    const char *channel, const char *broker_id,
			    const char *const lines[], int count, size_t *out_len);

/* Does it say that it is of this broker? Sealed or not: for passing by one's own. */
bool bus_packet_is_of(const char *bytes, size_t len, const char *broker_id);

/* out: the lines, in the arena, for strsep(). ERR_INVALID: it is none, or not sealed. */
enum err bus_packet_open(struct arena *a, const struct siphash_key *key,
			 const char *channel, const char *bytes, size_t len, char **out);
