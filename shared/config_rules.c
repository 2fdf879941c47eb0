/* config_rules.c -- rules for settings that are texts. */
#include "shared/config_rules.h"

#include <arpa/inet.h>
#include <string.h>

#include "shared/address.h"
#include "shared/bus_place.h"
#include "shared/ice_url.h"
#include "shared/text.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool
is_prefix(const char *text)
{
	size_t len = strlen(text);

	return len == 0 ||
	       (text[0] == '/' && text[len - 1] != '/' && !strstr(text, "//") &&
		strspn(text, "/" LETTERS DIGITS "._~-") == len);
}

static bool
is_there(const char *text)
{
	return *text != '\0';
}

/* The address after "http://" or "https://"; NULL without. */
static const char *
after_scheme(const char *url)
{
	if (text_starts(url, "https://"))
		return url + strlen("https://");
	return text_starts(url, "http://") ? url + strlen("http://") : NULL;
}

static bool
is_host(const char *text, size_t len)
{
	return len > 0 && strspn(text, LETTERS DIGITS ".-:[]") >= len;
}

static bool
is_origin(const char *text)
{
	const char *host = after_scheme(text);

	return host && is_host(host, strlen(host));
}

static bool
is_url(const char *text)
{
	const char *host = after_scheme(text);

	if (!host)
		return !*text;
	return is_host(host, strcspn(host, "/")) && is_prefix(host + strcspn(host, "/"));
}

/* "127.0.0.1", or "::1" in brackets; no name, which could mean several addresses. */
static bool
is_numeric_host(const char *text, size_t len)
{
	bool six = len > 2 && text[0] == '[' && text[len - 1] == ']';
	char host[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (six) {
		text++;
		len -= 2;
	}
	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	return inet_pton(six ? AF_INET6 : AF_INET, host, &address) == 1;
}

static bool
is_listen(const char *text)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	return colon && is_numeric_host(text, (size_t)(colon - text)) &&
	       text_to_int(colon + 1, &port) == OK && port >= 1 && port <= 65535;
}

static bool
is_bus(const char *text)
{
	struct bus_place place;

	return bus_place_parse(text, &place);
}

static bool
is_listen_maybe(const char *text)
{
	return !*text || is_listen(text);
}

static bool
is_kid(const char *text)
{
	return !*text || (text_is_key(text) && *text != '.');
}

/* A relative path would depend on the folder in which the program is started; for CGI, a
 * folder that everybody can read. */
static bool
is_path(const char *text)
{
	return *text == '/';
}

static bool
is_path_maybe(const char *text)
{
	return !*text || is_path(text);
}

/* One plain address: anything written around it would be taken for a second one. */
static bool
is_mail_address(const char *text)
{
	const char *at = strchr(text, '@');

	return !*text ||
	       (at && at != text && *text != '-' && is_host(at + 1, strlen(at + 1)) &&
		strcspn(text, " ,;:<>()\"\\") == strlen(text));
}

/* The rule for the field `name` of a room. */
static bool
is_room_name(const char *text)
{
	return text_length(text) <= 100;
}

const struct setting_rule
	rule_ice_server = { ice_url_is_good,
			    "like stun:host:3478 or turn:host:3478?transport=tcp" },
	rule_prefix = { is_prefix, "empty or a path like /chat" },
	rule_there = { is_there, "something" },
	rule_room_name = { is_room_name, "empty or at most 100 characters" },
	rule_origin = { is_origin, "like https://example.org" },
	rule_url = { is_url, "empty or like https://example.org/chat" },
	rule_listen_at = { is_listen, "an address and a port" },
	rule_bus = { is_bus, "empty, redis://host:port or unix:/path" },
	rule_listen_maybe = { is_listen_maybe, "empty, or an address and a port" },
	rule_path = { is_path, "a whole path" },
	rule_path_maybe = { is_path_maybe, "empty or a whole path" },
	rule_mail_address = { is_mail_address, "empty or like foyer@example.org" },
	rule_kid = { is_kid, "the name of a key file, or empty" },
	rule_range = { address_is_range, "an address, a range like 10.0.0.0/8, or unix" };
