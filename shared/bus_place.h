/* bus_place.h -- the setting `bus`: where the Redis is by which brokers tell each other
 * things. "": nowhere; "redis://host:port" (an IPv6 address in brackets); "unix:/path".
 */
#pragma once

#include <stdbool.h>

struct bus_place {
	char host[256]; /* "" if it is a path */
	int port;
	char path[108];
};

/* False: it is none of these. */
bool bus_place_parse(const char *text, struct bus_place *out);
