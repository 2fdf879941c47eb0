#include <string.h>

#include "shared/ice_url.h"
#include "shared/text.h"

#define HOST_AND_PORT \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]"

bool
ice_url_needs_password(const char *text)
{
	return text_starts(text, "turn:") || text_starts(text, "turns:");
}

static bool
is_transport(const char *query)
{
	return strcmp(query, "?transport=udp") == 0 ||
	       strcmp(query, "?transport=tcp") == 0;
}

bool
ice_url_is_good(const char *text)
{
	bool turn = ice_url_needs_password(text);
	const char *host = strchr(text, ':'), *query;

	if (!turn && !text_starts(text, "stun:") && !text_starts(text, "stuns:"))
		return false;
	host++;
	query = host + strspn(host, HOST_AND_PORT);
	return query > host && (!*query || (turn && is_transport(query)));
}
