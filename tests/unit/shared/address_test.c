#include "shared/address.h"
#include "tests/unit/test.h"

static const char *const proxies[] = { "unix", "127.0.0.0/8", "::1", "10.1.0.0/16" };
static const struct text_list trusted = { COUNT(proxies), proxies };
static const struct text_list nobody = {};

static const struct {
	const char *peer, *forwarded, *client;
} cases[] = {
	/* an untrusted peer speaks only for itself */
	{ "198.51.100.7", NULL, "198.51.100.7" },
	{ "198.51.100.7", "203.0.113.9", "198.51.100.7" },
	{ "2001:DB8::7", "203.0.113.9", "2001:db8::7" },
	/* a trusted peer's word is taken */
	{ "127.0.0.1", NULL, "127.0.0.1" },
	{ "127.0.0.1", "", "127.0.0.1" },
	{ "127.0.0.1", "203.0.113.9", "203.0.113.9" },
	{ "unix", "203.0.113.9", "203.0.113.9" },
	{ "", "203.0.113.9", "203.0.113.9" },
	{ "", NULL, "unix" },
	{ "::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9" },
	{ "::1", "2001:db8::9", "2001:db8::9" },
	/* the rightmost entry that is not a proxy of ours */
	{ "127.0.0.1", "192.0.2.1, 203.0.113.9", "203.0.113.9" },
	{ "127.0.0.1", "192.0.2.1,203.0.113.9 , 10.1.2.3", "203.0.113.9" },
	{ "127.0.0.1", "10.1.2.3, 127.0.0.1", "10.1.2.3" },
	/* an invalid entry ends what can be trusted */
	{ "127.0.0.1", "unknown", "127.0.0.1" },
	{ "127.0.0.1", "203.0.113.9, evil, 10.1.2.3", "10.1.2.3" },
	{ "127.0.0.1", "203.0.113.9,", "127.0.0.1" },
	{ "127.0.0.1", "203.0.113.9,,", "127.0.0.1" },
	{ "127.0.0.1", "unix", "127.0.0.1" },
	{ "127.0.0.1", "203.0.113.999", "127.0.0.1" },
	/* some proxies add a port */
	{ "127.0.0.1", "203.0.113.9:4711", "203.0.113.9" },
	{ "127.0.0.1", "[2001:db8::9]:4711", "2001:db8::9" },
	{ "127.0.0.1", "[2001:db8::9]", "2001:db8::9" },
	{ "127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9" },
};

static void
the_client_is_the_rightmost_untrusted(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *client = address_of_client(*state, &trusted, cases[i].peer,
						       cases[i].forwarded);
		const char *name =
			arena_printf(*state, "%s < %s", cases[i].peer,
				     cases[i].forwarded ? cases[i].forwarded : "-");

		CASE(strcmp(client, cases[i].client) == 0, name);
	}
}

static void
without_trust_nobody_is_believed(void **state)
{
	assert_string_equal(address_of_client(*state, &nobody, "127.0.0.1", "192.0.2.1"),
			    "127.0.0.1");
	assert_string_equal(address_of_client(*state, &nobody, "unix", "192.0.2.1"),
			    "unix");
}

static const struct {
	const char *address, *counted;
} counts[] = {
	{ "203.0.113.9", "203.0.113.9" },
	{ "::ffff:203.0.113.9", "203.0.113.9" },
	{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
	{ "2001:db8:1:2:ffff::", "2001:db8:1:2::/64" },
	{ "2001:db8:1:3::", "2001:db8:1:3::/64" },
	{ "::1", "::/64" },
	{ "unix", "unix" },
};

static void
ipv6_counts_by_its_64(void **state)
{
	for (size_t i = 0; i < COUNT(counts); i++)
		CASE(strcmp(address_counted(*state, counts[i].address),
			    counts[i].counted) == 0,
		     counts[i].address);
}

static const struct {
	const char *range, *address;
	bool inside;
} ranges[] = {
	{ "10.0.0.0/8", "10.255.0.1", true },
	{ "10.0.0.0/8", "11.0.0.1", false },
	{ "10.0.0.0/9", "10.127.255.255", true },
	{ "10.0.0.0/9", "10.128.0.0", false },
	{ "10.1.2.3/8", "10.9.9.9", true },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1/32", "192.0.2.2", false },
	{ "0.0.0.0/0", "198.51.100.1", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "10.0.0.0/8", "::ffff:10.1.1.1", true },
	{ "10.0.0.0/8", "unix", false },
	{ "unix", "unix", true },
	{ "unix", "", true },
	{ "unix", "127.0.0.1", false },
	{ "10.0.0.0/8", "nonsense", false },
};

static void
ranges_hold_what_cidr_says(void **state)
{
	for (size_t i = 0; i < COUNT(ranges); i++) {
		const struct text_list list = { 1, &ranges[i].range };
		const char *name =
			arena_printf(*state, "%s %s", ranges[i].range, ranges[i].address);

		CASE(address_is_trusted(&list, ranges[i].address) == ranges[i].inside,
		     name);
	}
}

static void
ranges_are_checked(void **state)
{
	static const char *const good[] = { "unix", "10.0.0.0/8", "1.2.3.4",	   "::1",
					    "::/0", "0.0.0.0/0",  "2001:db8::/128" };
	static const char *const bad[] = { "",
					   "10.0.0.0/33",
					   "10.0.0/8",
					   "::/129",
					   "10.0.0.0/",
					   "10.0.0.0/-1",
					   "10.0.0.0/08",
					   "host",
					   "10.0.0.0/8/8",
					   "1.2.3.4 " };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		CASE(address_is_range(good[i]), good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(!address_is_range(bad[i]), bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_client_is_the_rightmost_untrusted),
		T(without_trust_nobody_is_believed),
		T(ipv6_counts_by_its_64),
		T(ranges_hold_what_cidr_says),
		T(ranges_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
