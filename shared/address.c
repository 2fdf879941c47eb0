#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "shared/address.h"
#include "shared/text.h"

enum { IP_BITS = 128, IP4_BITS = 32, COUNTED_BITS = 64 };

/* Both families in one form: IPv4 is stored as ::ffff:a.b.c.d. */
struct ip {
	unsigned char bytes[16];
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_ip4(const struct ip *ip)
{
	return memcmp(ip->bytes, mapped, sizeof(mapped)) == 0;
}

static bool
parse(const char *text, struct ip *out)
{
	struct ip ip = {};

	if (inet_pton(AF_INET6, text, ip.bytes) != 1) {
		memcpy(ip.bytes, mapped, sizeof(mapped));
		if (inet_pton(AF_INET, text, ip.bytes + sizeof(mapped)) != 1)
			return false;
	}
	*out = ip;
	return true;
}

static const char *
print(struct arena *a, const struct ip *ip)
{
	char text[INET6_ADDRSTRLEN];

	if (is_ip4(ip))
		inet_ntop(AF_INET, ip->bytes + sizeof(mapped), text, sizeof(text));
	else
		inet_ntop(AF_INET6, ip->bytes, text, sizeof(text));
	return arena_strdup(a, text);
}

static void
cut(struct ip *ip, int bits)
{
	for (int i = 0; i < 16; i++, bits -= 8)
		if (bits < 8)
			ip->bytes[i] &=
				(unsigned char)(bits > 0 ? 0xff << (8 - bits) : 0);
}

struct range {
	struct ip ip; /* cut to bits */
	int bits;
};

/* "10.0.0.0/8"; without a slash, a single address. */
static bool
parse_range(const char *text, struct range *out)
{
	size_t len = strcspn(text, "/");
	char ip[INET6_ADDRSTRLEN] = "";
	int64_t bits, most;
	struct range r;

	if (len >= sizeof(ip))
		return false;
	memcpy(ip, text, len);
	if (!parse(ip, &r.ip))
		return false;
	most = is_ip4(&r.ip) ? IP4_BITS : IP_BITS;
	bits = most;
	if (text[len] && (text_to_int(text + len + 1, &bits) || bits < 0 || bits > most))
		return false;
	r.bits = (int)(IP_BITS - most + bits);
	cut(&r.ip, r.bits);
	*out = r;
	return true;
}

static bool
is_unix(const char *text)
{
	return !*text || strcmp(text, "unix") == 0;
}

bool
address_is_range(const char *text)
{
	struct range r;

	return strcmp(text, "unix") == 0 || parse_range(text, &r);
}

static bool
is_in(const struct ip *ip, const char *range)
{
	struct range r;
	struct ip start = *ip;

	if (!parse_range(range, &r))
		return false;
	cut(&start, r.bits);
	return memcmp(&start, &r.ip, sizeof(start)) == 0;
}

bool
address_is_trusted(const struct text_list *trusted, const char *address)
{
	struct ip ip;
	bool local = is_unix(address);

	if (!local && !parse(address, &ip))
		return false;
	for (size_t i = 0; i < trusted->count; i++) {
		const char *item = trusted->items[i];

		if (local ? is_unix(item) : is_in(&ip, item))
			return true;
	}
	return false;
}

/* One entry of X-Forwarded-For, without the port that some proxies add; NULL if it is not
 * an address. */
static const char *
entry(struct arena *a, const char *text, size_t len)
{
	char *s = arena_strndup(a, text, len), *colon;
	struct ip ip;

	s += strspn(s, " \t");
	s[strcspn(s, " \t")] = '\0';
	if (*s == '[') {
		s++;
		s[strcspn(s, "]")] = '\0';
	} else if ((colon = strchr(s, ':')) && !strchr(colon + 1, ':')) {
		*colon = '\0';
	}
	return parse(s, &ip) ? print(a, &ip) : NULL;
}

const char *
address_of_client(struct arena *a, const struct text_list *trusted, const char *peer,
		  const char *forwarded)
{
	size_t end = forwarded ? strlen(forwarded) : 0;
	const char *client = "unix";
	struct ip ip;

	if (!is_unix(peer))
		client = parse(peer, &ip) ? print(a, &ip) : peer;
	/* From the right, each proxy vouches for the entry that it added. Anybody may
	 * have written the entries left of an untrusted or invalid one. */
	while (end > 0 && address_is_trusted(trusted, client)) {
		size_t start = end;
		const char *next;

		while (start > 0 && forwarded[start - 1] != ',')
			start--;
		next = entry(a, forwarded + start, end - start);
		if (!next)
			break;
		client = next;
		end = start > 0 ? start - 1 : 0;
	}
	return client;
}

const char *
address_counted(struct arena *a, const char *address)
{
	struct ip ip;

	if (!parse(address, &ip))
		return address;
	if (is_ip4(&ip))
		return print(a, &ip);
	cut(&ip, COUNTED_BITS);
	return arena_printf(a, "%s/%d", print(a, &ip), COUNTED_BITS);
}
