/* address.h -- the client's address behind proxies.
 *
 * It is the peer's address, unless the peer is in trusted_proxies: then it is the
 * rightmost untrusted entry of X-Forwarded-For. For counting, IPv6 is cut to its /64 (as
 * text: "2001:db8:1:2::/64"), and IPv4-mapped IPv6 counts as IPv4. */
#pragma once

#include <stdbool.h>

#include "shared/arena.h"
#include "shared/config.h"

/* peer "" or "unix" means a Unix socket. forwarded may be NULL. */
const char *address_of_client(struct arena *a, const struct text_list *trusted,
			      const char *peer, const char *forwarded);
/* The address in the form by which limits count. */
const char *address_counted(struct arena *a, const char *address);
bool address_is_trusted(const struct text_list *trusted, const char *address);

/* May trusted_proxies contain it: an address, a range in CIDR form, or "unix"? */
bool address_is_range(const char *text);
