/* bus_packet.c -- see bus_packet.h. */
#include "broker/bus_packet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/uuid.h"

enum {
	SEAL_SIZE = 16,
	ID_SIZE = UUID_TEXT_SIZE - 1,
	ID_AT = SEAL_SIZE + 1,
	LINES_AT = ID_AT + ID_SIZE + 1,
};

enum err
bus_packet_key(const char *text, struct siphash_key *out)
{
	struct uuid id;
	struct siphash_key zero = {};

	TRY(uuid_parse(text, &id));
	/* 122 random bits, in 36 characters */
	out->k[0] = siphash(&zero, id.text, ID_SIZE);
	zero.k[0] = 1;
	out->k[1] = siphash(&zero, id.text, ID_SIZE);
	return OK;
}

static uint64_t
seal_of(const struct siphash_key *key, const char *channel, const char *bytes, size_t len)
{
	const struct siphash_key other = { { key->k[1], key->k[0] } };
	const struct siphash_key own = { { siphash(key, channel, strlen(channel)),
					   siphash(&other, channel, strlen(channel)) } };

	return siphash(&own, bytes + ID_AT, len - ID_AT);
}

static void
print_seal(uint64_t seal, char out[SEAL_SIZE + 1])
{
	snprintf(out, SEAL_SIZE + 1, "%016" PRIx64, seal);
}

const char *
bus_packet_seal(struct arena *a, const struct siphash_key *key, const char *channel,
		const char *broker_id, const char *const lines[], int count,
		size_t *out_len)
{
	size_t len = LINES_AT - 1;
	char seal[SEAL_SIZE + 1], *packet, *at;

	for (int i = 0; i < count; i++)
		len += 1 + strlen(lines[i]);
	packet = arena_alloc(a, len + 1);
	at = packet + ID_AT;
	packet[SEAL_SIZE] = ' ';
	at = stpcpy(at, broker_id);
	for (int i = 0; i < count; i++) {
		*at++ = '\n';
		at = stpcpy(at, lines[i]);
	}
	print_seal(seal_of(key, channel, packet, len), seal);
	memcpy(packet, seal, SEAL_SIZE);
	*out_len = len;
	return packet;
}

bool
bus_packet_is_of(const char *bytes, size_t len, const char *broker_id)
{
	return len >= LINES_AT && memcmp(bytes + ID_AT, broker_id, ID_SIZE) == 0;
}

/* In constant time, however many characters match. */
static bool
is_same(const char *a, const char *b)
{
	unsigned differ = 0;

	for (int i = 0; i < SEAL_SIZE; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

enum err
bus_packet_open(struct arena *a, const struct siphash_key *key, const char *channel,
		const char *bytes, size_t len, char **out)
{
	char seal[SEAL_SIZE + 1];

	if (len < LINES_AT || bytes[SEAL_SIZE] != ' ' || bytes[LINES_AT - 1] != '\n' ||
	    memchr(bytes, '\0', len))
		return ERR_INVALID;
	print_seal(seal_of(key, channel, bytes, len), seal);
	if (!is_same(bytes, seal))
		return ERR_INVALID;
	*out = arena_strndup(a, bytes + LINES_AT, len - LINES_AT);
	return OK;
}
