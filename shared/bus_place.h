/* bus_place.h -- the setting `bus`: where the Redis is through which brokers tell each
 * other things. "": none; "redis://host:port" (an IPv6 address in brackets);
 * "unix:/path". */
#pragma once

#include <stdbool.h>

struct bus_place {
	char host[256]; /* "" if it is a path */
	int port;
	char path[108];
};

/* False if it has none of these forms. */
bool bus_place_parse(const char *text, struct bus_place *out);
