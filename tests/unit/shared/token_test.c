#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/text.h"
#include "shared/token.h"
#include "tests/unit/test.h"

#define ANN "0189dc4e-7b1a-4c3e-9f00-00000000abcd"
#define SESSION "7189dc4e-7b1a-4c3e-9f00-00000000ffff"
#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER_SECRET "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const int64_t now = 1800000000;
static const struct claims claims = { { ANN }, { SESSION }, now, now + 900 };

/* ---- a folder of keys ---------------------------------------------------- */

static char folder[] = "/tmp/foyer-keys-XXXXXX";

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_key(const char *name, const char *text, int mode)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static void
write_pem(const char *name, EVP_PKEY *pkey, bool private)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	if (private)
		PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_PUBKEY(f, pkey);
	fclose(f);
	assert_int_equal(chmod(path_of(name), 0600), 0);
}

static void
remove_keys(void)
{
	static const char *const names[] = { "main", "next", "ec",   "ec2",
					     "rsa",  "p384", "odd~", ".hidden" };

	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path_of(names[i]));
}

static struct keys *
opened(const char *signing_kid)
{
	struct keys *k = NULL;

	assert_int_equal(keys_open(folder, signing_kid, &k), OK);
	return k;
}

static struct keys *
only_main(void)
{
	remove_keys();
	write_key("main", SECRET "\n", 0600);
	return opened("main");
}

/* ---- tokens made by hand ------------------------------------------------- */

static const char *
encoded(struct arena *a, const char *text)
{
	return text_base64url(a, text, strlen(text));
}

static const char *
signed_with(struct arena *a, const EVP_MD *md, const char *secret, const char *header,
	    const char *payload)
{
	const char *text =
		arena_printf(a, "%s.%s", encoded(a, header), encoded(a, payload));
	unsigned char key[32], mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	assert_int_equal(text_unhex(secret, key, sizeof(key)), OK);
	HMAC(md, key, sizeof(key), (const unsigned char *)text, strlen(text), mac, &len);
	return arena_printf(a, "%s.%s", text, text_base64url(a, mac, len));
}

static const char *
handmade(struct arena *a, const char *header, const char *payload)
{
	return signed_with(a, EVP_sha256(), SECRET, header, payload);
}

#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"main\"}"
#define WHO \
	"\"iss\":\"foyer\",\"aud\":\"foyer\",\"sub\":\"" ANN "\",\"sid\":\"" SESSION "\""
#define WHEN "\"iat\":1800000000,\"exp\":1800000900"

static const char *
verdict(const struct keys *k, struct arena *a, const char *token, int64_t at)
{
	struct claims c = { .user_id = { "untouched" } };
	struct problem p = {};

	if (token_verify(k, a, "foyer", token, at, &p, &c) == OK) {
		assert_string_equal(c.user_id.text, ANN);
		assert_string_equal(c.session_id.text, SESSION);
		return "good";
	}
	assert_string_equal(c.user_id.text, "untouched");
	return p.code;
}

/* ---- the tests ----------------------------------------------------------- */

static void
what_was_signed_verifies(void **state)
{
	struct keys *k = only_main();
	const char *token;
	struct problem p = {};
	struct claims c;

	assert_int_equal(token_sign(k, *state, "foyer", &claims, &token), OK);
	assert_int_equal(token_verify(k, *state, "foyer", token, now, &p, &c), OK);
	assert_string_equal(c.user_id.text, ANN);
	assert_string_equal(c.session_id.text, SESSION);
	assert_int_equal(c.issued_at_s, now);
	assert_int_equal(c.expires_at_s, now + 900);
	keys_close(k);
}

static void
a_token_says_what_the_contract_names(void **state)
{
	struct keys *k = only_main();
	const char *token, *dot, *header, *payload;
	size_t len;

	assert_int_equal(token_sign(k, *state, "foyer", &claims, &token), OK);
	dot = strchr(token, '.');
	header = text_unbase64url(*state, token, (size_t)(dot - token), &len);
	payload = text_unbase64url(*state, dot + 1, strcspn(dot + 1, "."), &len);
	assert_non_null(strstr(header, "\"alg\":\"HS256\""));
	assert_non_null(strstr(header, "\"typ\":\"JWT\""));
	assert_non_null(strstr(header, "\"kid\":\"main\""));
	assert_non_null(strstr(payload, "\"iss\":\"foyer\""));
	assert_non_null(strstr(payload, "\"aud\":\"foyer\""));
	assert_non_null(strstr(payload, "\"iat\":1800000000"));
	assert_non_null(strstr(payload, "\"exp\":1800000900"));
	assert_non_null(strstr(payload, "\"jti\":\""));
	keys_close(k);
}

static void
a_token_expires_at_its_time(void **state)
{
	struct keys *k = only_main();
	const char *token;

	assert_int_equal(token_sign(k, *state, "foyer", &claims, &token), OK);
	assert_string_equal(verdict(k, *state, token, now + 899), "good");
	assert_string_equal(verdict(k, *state, token, now + 900), "token_expired");
	keys_close(k);
}

static const struct {
	const char *name, *header, *payload, *verdict;
} cases[] = {
	{ "as ours", HEADER, "{" WHO "," WHEN "}", "good" },
	{ "nbf passed", HEADER, "{" WHO "," WHEN ",\"nbf\":1799999999}", "good" },
	{ "nbf ahead", HEADER, "{" WHO "," WHEN ",\"nbf\":1800000500}", "token_invalid" },
	{ "iat ahead", HEADER, "{" WHO ",\"iat\":1800000500,\"exp\":1800000900}",
	  "token_invalid" },
	{ "expired", HEADER, "{" WHO ",\"iat\":1,\"exp\":2}", "token_expired" },
	{ "no exp", HEADER, "{" WHO ",\"iat\":1800000000}", "token_invalid" },
	{ "exp is text", HEADER, "{" WHO ",\"iat\":1800000000,\"exp\":\"1800000900\"}",
	  "token_invalid" },
	{ "exp is real", HEADER, "{" WHO ",\"iat\":1800000000,\"exp\":1.8e9}",
	  "token_invalid" },
	{ "exp is negative", HEADER, "{" WHO ",\"iat\":1800000000,\"exp\":-1}",
	  "token_invalid" },
	{ "no iat", HEADER, "{" WHO ",\"exp\":1800000900}", "token_invalid" },
	{ "no sub", HEADER,
	  "{\"iss\":\"foyer\",\"aud\":\"foyer\",\"sid\":\"" SESSION "\"," WHEN "}",
	  "token_invalid" },
	{ "no sid", HEADER,
	  "{\"iss\":\"foyer\",\"aud\":\"foyer\",\"sub\":\"" ANN "\"," WHEN "}",
	  "token_invalid" },
	{ "sub is no id", HEADER,
	  "{\"iss\":\"foyer\",\"aud\":\"foyer\",\"sub\":\"ann\",\"sid\":\"" SESSION
	  "\"," WHEN "}",
	  "token_invalid" },
	{ "another issuer", HEADER,
	  "{\"iss\":\"evil\",\"aud\":\"foyer\",\"sub\":\"" ANN "\",\"sid\":\"" SESSION
	  "\"," WHEN "}",
	  "token_invalid" },
	{ "another audience", HEADER,
	  "{\"iss\":\"foyer\",\"aud\":\"evil\",\"sub\":\"" ANN "\",\"sid\":\"" SESSION
	  "\"," WHEN "}",
	  "token_invalid" },
	{ "no claims", HEADER, "{}", "token_invalid" },
	{ "claims are an array", HEADER, "[]", "token_invalid" },
	{ "claims are no JSON", HEADER, "x", "token_invalid" },
	{ "no kid", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{" WHO "," WHEN "}",
	  "token_invalid" },
	{ "unknown kid", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"x\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "kid is a path", "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"../main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "no typ", "{\"alg\":\"HS256\",\"kid\":\"main\"}", "{" WHO "," WHEN "}",
	  "token_invalid" },
	{ "alg none", "{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "alg in lower case", "{\"alg\":\"hs256\",\"typ\":\"JWT\",\"kid\":\"main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "alg RS256", "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "alg ES256", "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "alg is no text", "{\"alg\":1,\"typ\":\"JWT\",\"kid\":\"main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "two algs",
	  "{\"alg\":\"none\",\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"main\"}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "critical extension",
	  "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"main\",\"crit\":[\"x\"],\"x\":1}",
	  "{" WHO "," WHEN "}", "token_invalid" },
	{ "header is an array", "[]", "{" WHO "," WHEN "}", "token_invalid" },
};

static void
only_the_pinned_algorithm_and_whole_claims_pass(void **state)
{
	struct keys *k = only_main();

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *token = handmade(*state, cases[i].header, cases[i].payload);

		CASE(strcmp(verdict(k, *state, token, now + 1), cases[i].verdict) == 0,
		     cases[i].name);
	}
	keys_close(k);
}

static void
other_signatures_do_not_pass(void **state)
{
	struct arena *a = *state;
	struct keys *k = only_main();
	const char *good = handmade(a, HEADER, "{" WHO "," WHEN "}");
	const char *signature = strrchr(good, '.');
	const char *none = "{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"main\"}";
	const char *hs512 = "{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":\"main\"}";
	const char *const tokens[] = {
		signed_with(a, EVP_sha512(), SECRET, hs512, "{" WHO "," WHEN "}"),
		signed_with(a, EVP_sha512(), SECRET, HEADER, "{" WHO "," WHEN "}"),
		signed_with(a, EVP_sha256(), OTHER_SECRET, HEADER, "{" WHO "," WHEN "}"),
		arena_printf(a, "%s.%s.", encoded(a, none),
			     encoded(a, "{" WHO "," WHEN "}")),
		arena_printf(a, "%s.%s.", encoded(a, HEADER),
			     encoded(a, "{" WHO "," WHEN "}")),
		arena_printf(a, "%s.%s", encoded(a, HEADER),
			     encoded(a, "{" WHO "," WHEN "}")),
		arena_printf(
			a, "%s.%s%s", encoded(a, HEADER),
			encoded(a, "{" WHO ",\"iat\":1800000000,\"exp\":1900000000}"),
			signature),
		arena_strndup(a, good, strlen(good) - 1),
		arena_printf(a, "%sA", good),
		arena_printf(a, "%s.x", good),
		arena_printf(a, " %s", good),
	};

	assert_string_equal(verdict(k, a, good, now + 1), "good");
	for (size_t i = 0; i < COUNT(tokens); i++)
		CASE(strcmp(verdict(k, a, tokens[i], now + 1), "token_invalid") == 0,
		     tokens[i]);
	keys_close(k);
}

static void
rubbish_is_no_token(void **state)
{
	static const char *const rubbish[] = { "",     ".",	   "..",
					       "...",  "a.b.c",	   "e30",
					       "e30.", "e30.e30.", "e30.e30.e30",
					       "\xff", "=.=.=" };
	struct keys *k = only_main();
	char long_one[10000];

	for (size_t i = 0; i < COUNT(rubbish); i++)
		CASE(strcmp(verdict(k, *state, rubbish[i], now), "token_invalid") == 0,
		     rubbish[i]);
	memset(long_one, 'a', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	assert_string_equal(verdict(k, *state, long_one, now), "token_invalid");
	keys_close(k);
}

/* Flipping any single bit of a token is noticed. */
static void
no_byte_of_a_token_can_be_changed(void **state)
{
	struct keys *k = only_main();
	const char *token;
	char *changed;

	assert_int_equal(token_sign(k, *state, "foyer", &claims, &token), OK);
	changed = arena_strdup(*state, token);
	for (size_t i = 0; changed[i]; i++) {
		changed[i] ^= 1;
		CASE(strcmp(verdict(k, *state, changed, now), "good") != 0, changed);
		changed[i] ^= 1;
	}
	keys_close(k);
}

static void
keys_rotate_without_signing_anybody_out(void **state)
{
	struct keys *k = only_main();
	const char *before, *after;

	assert_int_equal(token_sign(k, *state, "foyer", &claims, &before), OK);
	keys_close(k);
	write_key("next", OTHER_SECRET, 0600);
	k = opened("next");
	assert_int_equal(token_sign(k, *state, "foyer", &claims, &after), OK);
	assert_string_equal(verdict(k, *state, before, now), "good");
	assert_string_equal(verdict(k, *state, after, now), "good");
	keys_close(k);
	unlink(path_of("main"));
	k = opened("next");
	assert_string_equal(verdict(k, *state, before, now), "token_invalid");
	assert_string_equal(verdict(k, *state, after, now), "good");
	keys_close(k);
}

static void
an_ec_pair_signs_es256_and_its_public_half_verifies(void **state)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	struct keys *k = only_main();
	const char *token, *header;
	size_t len;

	keys_close(k);
	write_pem("ec", pair, true);
	k = opened("ec");
	assert_int_equal(token_sign(k, *state, "foyer", &claims, &token), OK);
	header = text_unbase64url(*state, token, strcspn(token, "."), &len);
	assert_non_null(strstr(header, "\"alg\":\"ES256\""));
	assert_string_equal(verdict(k, *state, token, now), "good");
	keys_close(k);

	write_pem("ec", pair, false);
	k = opened("main");
	assert_string_equal(verdict(k, *state, token, now), "good");
	keys_close(k);
	k = NULL;
	assert_int_equal(keys_open(folder, "ec", &k), ERR_INVALID);
	assert_null(k);

	write_pem("ec", other, true);
	k = opened("");
	assert_string_equal(verdict(k, *state, token, now), "token_invalid");
	keys_close(k);
	EVP_PKEY_free(pair);
	EVP_PKEY_free(other);
}

/* The classic attack: an HMAC with the text of the public key as its secret. */
static void
a_public_key_is_no_secret(void **state)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	struct keys *k = only_main();
	const char *text;
	char pem[1024] = "";
	unsigned char mac[32];
	unsigned len;
	FILE *f;

	keys_close(k);
	write_pem("ec", pair, false);
	f = fopen(path_of("ec"), "r");
	assert_true(fread(pem, 1, sizeof(pem) - 1, f) > 0);
	fclose(f);
	text = arena_printf(
		*state, "%s.%s",
		encoded(*state, "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"ec\"}"),
		encoded(*state, "{" WHO "," WHEN "}"));
	HMAC(EVP_sha256(), pem, (int)strlen(pem), (const unsigned char *)text,
	     strlen(text), mac, &len);
	k = opened("main");
	assert_string_equal(verdict(k, *state,
				    arena_printf(*state, "%s.%s", text,
						 text_base64url(*state, mac, len)),
				    now + 1),
			    "token_invalid");
	keys_close(k);
	EVP_PKEY_free(pair);
}

static void
who_only_verifies_does_not_sign(void **state)
{
	struct keys *k = only_main();
	const char *token = NULL;

	keys_close(k);
	k = opened("");
	assert_int_equal(token_sign(k, *state, "foyer", &claims, &token), ERR_INTERNAL);
	assert_null(token);
	keys_close(k);
}

static void
expect_refused(const char *why)
{
	struct keys *k = NULL;

	CASE(keys_open(folder, "main", &k) == ERR_INVALID, why);
	CASE(k == NULL, why);
}

static void
a_folder_with_a_bad_key_is_refused(void **state)
{
	static const struct {
		const char *name, *text;
		int mode;
	} bad[] = {
		{ "main", "", 0600 },
		{ "main", "short", 0600 },
		{ "main", SECRET "00", 0600 },
		{ "main",
		  "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
		  0600 },
		{ "main", "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n",
		  0600 },
		{ "main", SECRET, 0604 },
		{ "main", SECRET, 0620 },
		{ "odd~", SECRET, 0600 },
		{ "next", SECRET, 0600 }, /* but no main */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		remove_keys();
		if (strcmp(bad[i].name, "odd~") == 0)
			write_key("main", SECRET, 0600);
		write_key(bad[i].name, bad[i].text, bad[i].mode);
		expect_refused(bad[i].text);
	}
	remove_keys();
	write_key(".hidden", "editor's", 0644);
	write_key("main", SECRET "\r\n", 0640);
	keys_close(opened("main"));
}

static void
keys_of_other_kinds_are_refused(void **state)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *p384 = EVP_EC_gen("P-384");

	(void)state;
	keys_close(only_main());
	write_pem("rsa", rsa, true);
	expect_refused("rsa");
	unlink(path_of("rsa"));
	write_pem("p384", p384, true);
	expect_refused("p384");
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(p384);
}

static void
a_missing_folder_is_refused(void **state)
{
	struct keys *k = NULL;

	(void)state;
	assert_int_equal(keys_open("/nowhere", "main", &k), ERR_INVALID);
	assert_null(k);
	keys_close(NULL);
}

static void
secrets_are_256_bits_and_stored_as_their_hash(void **state)
{
	const char *a = secret_new(*state), *b = secret_new(*state);
	size_t len;

	assert_int_equal(strlen(a), 43);
	assert_non_null(text_unbase64url(*state, a, 43, &len));
	assert_int_equal(len, 32);
	assert_string_not_equal(a, b);
	assert_string_equal(
		secret_hash(*state, "abc"),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
fingerprints_tell_their_parts_apart(void **state)
{
	static const char *const lists[][2] = {
		{ "ab", "c" }, { "a", "bc" },	{ "", "abc" }, { NULL, "abc" },
		{ "abc", "" }, { "abc", NULL }, { "", "" },    { NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		assert_int_equal(fingerprint(lists[i], 2), fingerprint(lists[i], 2));
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(fingerprint(lists[i], 2),
					     fingerprint(lists[j], 2));
	}
	assert_int_not_equal(fingerprint(lists[6], 1), fingerprint(lists[6], 2));
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	remove_keys();
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_signed_verifies),
		T(a_token_says_what_the_contract_names),
		T(a_token_expires_at_its_time),
		T(only_the_pinned_algorithm_and_whole_claims_pass),
		T(other_signatures_do_not_pass),
		T(rubbish_is_no_token),
		T(no_byte_of_a_token_can_be_changed),
		T(keys_rotate_without_signing_anybody_out),
		T(an_ec_pair_signs_es256_and_its_public_half_verifies),
		T(a_public_key_is_no_secret),
		T(who_only_verifies_does_not_sign),
		T(a_folder_with_a_bad_key_is_refused),
		T(keys_of_other_kinds_are_refused),
		T(a_missing_folder_is_refused),
		T(secrets_are_256_bits_and_stored_as_their_hash),
		T(fingerprints_tell_their_parts_apart),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
