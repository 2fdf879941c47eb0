/* config_limits.c -- limits that are derived from others unless they are set. */
#include "shared/config.h"

enum { BYTES_A_REQUEST = 16384, SECONDS_AT_ONCE = 8, REST_S = 10 };

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
config_received_bytes_per_second(const struct config *c)
{
	if (c->received_bytes_per_second > 0)
		return c->received_bytes_per_second;
	return (c->messages_per_second + c->requests_per_second) * BYTES_A_REQUEST;
}

/* Never below the largest frame, however small the other limits are. */
int64_t
config_received_bytes_burst(const struct config *c)
{
	int64_t burst = c->received_bytes_burst > 0
				? c->received_bytes_burst
				: config_received_bytes_per_second(c) * SECONDS_AT_ONCE;

	return larger(burst, c->max_frame_bytes);
}

int64_t
config_handshakes_burst(const struct config *c)
{
	return c->handshakes_burst > 0 ? c->handshakes_burst
				       : c->max_connections_per_address;
}

int64_t
config_handshakes_per_second(const struct config *c)
{
	return c->handshakes_per_second > 0
		       ? c->handshakes_per_second
		       : larger(config_handshakes_burst(c) / REST_S, 1);
}
