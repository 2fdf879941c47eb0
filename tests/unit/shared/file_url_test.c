#include "shared/file_url.h"
#include "shared/keys.h"
#include "tests/unit/test.h"

#define FILE_ID "0189dc4e-7b1a-4c3e-9f00-0000000000f1"
#define OTHER_FILE "0189dc4e-7b1a-4c3e-9f00-0000000000f2"
#define ANN "0189dc4e-7b1a-4c3e-9f00-00000000abcd"
#define BOB "0189dc4e-7b1a-4c3e-9f00-00000000bbbb"
#define SESSION "7189dc4e-7b1a-4c3e-9f00-00000000ffff"

static const int64_t now = 1800000000;

static struct keys *
keys_of(struct arena *a, const char *kid, const char *secret)
{
	struct keys *k = ARENA_NEW(a, struct keys);
	struct key *key = &k->items[k->count++];

	snprintf(key->kid, sizeof(key->kid), "%s", kid);
	key->sign = (struct key_text){ arena_memdup(a, secret, 32), 32 };
	k->signer = key;
	return k;
}

static const char secret[] = "0123456789abcdef0123456789abcdef";

/* A parameter of an address's query. */
static const char *
value_of(struct arena *a, const char *url, const char *name)
{
	const char *at = strstr(url, arena_printf(a, "%s=", name));

	assert_non_null(at);
	at += strlen(name) + 1;
	return arena_strndup(a, at, strcspn(at, "&"));
}

static const char *
sign(struct arena *a, const struct keys *k, int64_t at_s)
{
	return file_url_signed(a, k, "/api/v1", FILE_ID, FILE_WHOLE, ANN, SESSION, at_s);
}

static struct file_grant
grant_of(struct arena *a, const char *url)
{
	struct file_grant g = { .until_s = atoll(value_of(a, url, "until")),
				.key = value_of(a, url, "key"),
				.signature = value_of(a, url, "signature") };

	assert_int_equal(uuid_parse(value_of(a, url, "user"), &g.user_id), OK);
	assert_int_equal(uuid_parse(value_of(a, url, "session"), &g.session_id), OK);
	return g;
}

static void
a_signed_address_is_good_for_what_was_signed_alone(void **state)
{
	const struct keys *k = keys_of(*state, "main", secret);
	const struct file_grant good = grant_of(*state, sign(*state, k, now));
	struct file_grant g = good;

	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now), OK);
	assert_int_equal(file_url_check(*state, k, OTHER_FILE, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_THUMB, &g, now),
			 ERR_NOT_FOUND);
	g.until_s += 3600;
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
	g = good;
	strcpy(g.user_id.text, BOB);
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
	g = good;
	strcpy(g.session_id.text, BOB);
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
	g = good;
	g.signature = "";
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
	g = good;
	g.key = "nobody";
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
}

static void
it_stays_the_same_for_an_hour_and_is_good_for_one_at_least(void **state)
{
	const struct keys *k = keys_of(*state, "main", secret);
	int64_t hour = now - now % 3600;
	const char *first = sign(*state, k, hour), *last = sign(*state, k, hour + 3599);
	struct file_grant g = grant_of(*state, first);

	assert_string_equal(first, last);
	assert_string_not_equal(first, sign(*state, k, hour + 3600));
	assert_int_equal(g.until_s, hour + 7200);
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, hour + 7199),
			 OK);
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, hour + 7200),
			 ERR_NOT_FOUND);
}

static void
a_key_that_no_longer_signs_still_checks_and_another_does_not(void **state)
{
	struct keys *k = keys_of(*state, "old", secret);
	struct file_grant g = grant_of(*state, sign(*state, k, now));
	const struct keys *other =
		keys_of(*state, "old", "ffffffffffffffffffffffffffffffff");

	k->items[k->count] = k->items[0];
	strcpy(k->items[k->count].kid, "new");
	k->signer = &k->items[k->count++];
	assert_int_equal(file_url_check(*state, k, FILE_ID, FILE_WHOLE, &g, now), OK);
	assert_int_equal(file_url_check(*state, other, FILE_ID, FILE_WHOLE, &g, now),
			 ERR_NOT_FOUND);
}

static void
without_a_key_that_signs_the_address_is_plain(void **state)
{
	const struct keys none = {};

	assert_string_equal(sign(*state, &none, now), "/api/v1/files/" FILE_ID);
	assert_string_equal(file_url_plain(*state, "/chat/api/v1", FILE_ID, FILE_THUMB),
			    "/chat/api/v1/files/" FILE_ID "?variant=thumb");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_signed_address_is_good_for_what_was_signed_alone),
		T(it_stays_the_same_for_an_hour_and_is_good_for_one_at_least),
		T(a_key_that_no_longer_signs_still_checks_and_another_does_not),
		T(without_a_key_that_signs_the_address_is_plain),
	};

	return cmocka_run_group_tests_name("file_url", tests, NULL, NULL);
}
