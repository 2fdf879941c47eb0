/* origin.c -- see origin.h. */
#include "broker/origin.h"

#include <string.h>
#include <strings.h>

#include "shared/address.h"

/* The origin's host and port; NULL if it is not a web origin. */
static const char *
authority_of(struct arena *a, const char *origin)
{
	bool secure = strncasecmp(origin, "https://", 8) == 0;
	const char *host, *default_port = secure ? ":443" : ":80";
	size_t len;

	if (!secure && strncasecmp(origin, "http://", 7) != 0)
		return NULL;
	host = origin + (secure ? 8 : 7);
	len = strlen(host);
	if (len == 0 || strpbrk(host, "/?#@"))
		return NULL;
	if (len > strlen(default_port) &&
	    strcmp(host + len - strlen(default_port), default_port) == 0)
		len -= strlen(default_port);
	return arena_strndup(a, host, len);
}

/* Does this Host header name the origin's host? */
static bool
is_host(struct arena *a, const char *host, const char *origin, const char *authority)
{
	bool secure = strncasecmp(origin, "https", 5) == 0;
	const char *with_port;

	if (!host)
		return false;
	with_port = arena_printf(a, "%s%s", authority, secure ? ":443" : ":80");
	return strcasecmp(host, authority) == 0 || strcasecmp(host, with_port) == 0;
}

/* Is it the origin of this URL, that is everything before the path? */
static bool
is_origin_of(const char *origin, const char *url)
{
	const char *path = strstr(url, "://");
	size_t len;

	if (!path)
		return false;
	len = (size_t)(path + 3 - url) + strcspn(path + 3, "/");
	return strlen(origin) == len && strncasecmp(origin, url, len) == 0;
}

static bool
is_configured(const struct config *config, const char *origin)
{
	for (size_t i = 0; i < config->allowed_origins.count; i++)
		if (strcasecmp(origin, config->allowed_origins.items[i]) == 0)
			return true;
	return false;
}

bool
origin_is_welcome(struct arena *a, const struct config *config,
		  const struct http_request *rq, const char *peer)
{
	const char *origin = rq->headers[HTTP_ORIGIN], *authority;

	if (!origin) /* not from a web page */
		return true;
	authority = authority_of(a, origin);
	if (!authority)
		return false;
	if (is_origin_of(origin, config->public_url) ||
	    is_host(a, rq->headers[HTTP_HOST], origin, authority))
		return true;
	if (address_is_trusted(&config->trusted_proxies, peer) &&
	    is_host(a, rq->headers[HTTP_FORWARDED_HOST], origin, authority))
		return true;
	return is_configured(config, origin);
}

const char *
origin_cors(struct arena *a, const struct config *config, const struct http_request *rq,
	    const char *methods)
{
	const char *origin = rq->headers[HTTP_ORIGIN];

	if (config->allowed_origins.count == 0)
		return "";
	if (!origin || !is_configured(config, origin))
		return "Vary: Origin\r\n";
	if (!methods)
		return arena_printf(a,
				    "Vary: Origin\r\n"
				    "Access-Control-Allow-Origin: %s\r\n"
				    "Access-Control-Expose-Headers: Retry-After, "
				    "X-Request-Id\r\n",
				    origin);
	return arena_printf(a,
			    "Vary: Origin\r\n"
			    "Access-Control-Allow-Origin: %s\r\n"
			    "Access-Control-Allow-Methods: %s\r\n"
			    "Access-Control-Allow-Headers: Authorization, Cache-Control, "
			    "Last-Event-ID, X-Request-Id\r\n"
			    "Access-Control-Max-Age: 600\r\n",
			    origin, methods);
}
