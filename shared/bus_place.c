/* bus_place.c -- see bus_place.h. */
#include "shared/bus_place.h"

#include <string.h>

#include "shared/text.h"

enum { PORT_MAX = 65535 };

static bool
take_port(const char *text, int *out)
{
	int64_t port;

	if (text_to_int(text, &port) != OK || port < 1 || port > PORT_MAX)
		return false;
	*out = (int)port;
	return true;
}

static bool
take_host(const char *text, struct bus_place *out)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return false;
	}
	if (len == 0 || len >= sizeof(out->host) || strcspn(text, "/@? []") < len)
		return false;
	memcpy(out->host, text, len);
	return take_port(colon + 1, &out->port);
}

bool
bus_place_parse(const char *text, struct bus_place *out)
{
	struct bus_place place = {};

	if (text_starts(text, "unix:/")) {
		text += strlen("unix:");
		if (strlen(text) >= sizeof(place.path))
			return false;
		strcpy(place.path, text);
	} else if (text_starts(text, "redis://")) {
		if (!take_host(text + strlen("redis://"), &place))
			return false;
	} else if (*text) {
		return false;
	}
	*out = place;
	return true;
}
