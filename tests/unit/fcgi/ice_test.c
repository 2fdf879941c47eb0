/* TURN credentials, and the configuration of an RTCPeerConnection. */
#include <string.h>

#include "fcgi/ice.h"
#include "shared/ice_url.h"
#include "tests/unit/test.h"

#define ANN "6f1c4e3e-0f0e-4c43-9b9e-d5c3a2f7b001"

static void
a_password_is_the_code_of_rfc_2104_over_the_name(void **state)
{
	static const struct {
		const char *secret, *name, *password;
	} known[] = {
		/* RFC 2202, case 2 */
		{ "Jefe", "what do ya want for nothing?",
		  "7/zfauXrL6LSdBbV8YTfnCWafHk=" },
		/* openssl dgst -sha1 -hmac 'a secret' -binary | base64 */
		{ "a secret", "1700000600:" ANN, "UP2/7PdbS7K1G5I2SWxq40lGz50=" },
	};

	for (size_t i = 0; i < COUNT(known); i++)
		CASE(strcmp(ice_password(*state, known[i].secret, known[i].name),
			    known[i].password) == 0,
		     known[i].name);
}

static const char *
answer(struct arena *a, const char *const *urls, size_t count)
{
	const struct config c = { .ice_servers = { count, urls },
				  .turn_secret = "a secret" };

	return json_print(a, ice_answer(a, &c, ANN, 1700000000), NULL);
}

static void
the_answer_has_an_entry_for_each_sort_and_secrets_only_for_turn(void **state)
{
	static const char *const urls[] = { "turn:t.example:3478?transport=udp",
					    "stun:s.example", "turns:t.example:5349",
					    "stuns:s.example" };

	assert_string_equal(answer(*state, urls, COUNT(urls)),
			    "{\"ice_servers\":["
			    "{\"urls\":[\"stun:s.example\",\"stuns:s.example\"]},"
			    "{\"urls\":[\"turn:t.example:3478?transport=udp\","
			    "\"turns:t.example:5349\"],"
			    "\"username\":\"1700000600:" ANN "\","
			    "\"credential\":\"UP2/7PdbS7K1G5I2SWxq40lGz50=\"}],"
			    "\"expires_at\":\"2023-11-14T22:23:20.000Z\"}");
	assert_string_equal(answer(*state, urls + 1, 1),
			    "{\"ice_servers\":[{\"urls\":[\"stun:s.example\"]}],"
			    "\"expires_at\":\"2023-11-14T22:23:20.000Z\"}");
}

static void
without_servers_the_list_is_empty(void **state)
{
	assert_string_equal(answer(*state, NULL, 0),
			    "{\"ice_servers\":[],"
			    "\"expires_at\":\"2023-11-14T22:23:20.000Z\"}");
}

static void
addresses_are_those_of_rfc_7064_and_7065(void **state)
{
	static const char *const good[] = { "stun:a", "stuns:a.example:5349",
					    "turn:192.0.2.1:3478",
					    "turn:[2001:db8::1]:3478?transport=udp",
					    "turns:a?transport=tcp" };
	static const char *const bad[] = { "",
					   "a",
					   "stun",
					   "stun:",
					   "turn:?transport=udp",
					   "stu:a",
					   "turn:a/",
					   "turn:?",
					   "turn:a b",
					   "stun:a?transport=udp",
					   "http:a",
					   "turnx:a",
					   "turn:a?transport=sctp" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		CASE(ice_url_is_good(good[i]), good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(!ice_url_is_good(bad[i]), bad[i]);
	assert_true(ice_url_needs_password("turns:a"));
	assert_false(ice_url_needs_password("stun:a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_password_is_the_code_of_rfc_2104_over_the_name),
		T(the_answer_has_an_entry_for_each_sort_and_secrets_only_for_turn),
		T(without_servers_the_list_is_empty),
		T(addresses_are_those_of_rfc_7064_and_7065),
	};

	return cmocka_run_group_tests_name("ice", tests, NULL, NULL);
}
