/* token.c -- an access token: without our key it opens nothing, whatever it says. */
#include "fuzz/fuzz.h"
#include "shared/api_token.h"
#include "shared/keys.h"
#include "shared/log.h"
#include "shared/token.h"

static unsigned char secret[] = "a key that the corpus does not know";

int
fuzz_one(const uint8_t *data, size_t len)
{
	static struct keys keys = {
		.count = 1,
		.items = { { .kid = "main",
			     .kind = KEY_HS256,
			     .sign = { secret, sizeof(secret) },
			     .verify = { secret, sizeof(secret) } } },
	};
	struct arena *a = arena_new();
	const char *text = fuzz_utf8(a, data, len);
	struct problem p = {};
	struct claims claims;

	if (text) {
		CLAIM(token_verify(&keys, a, "foyer", text, 1800000000, &p, &claims) !=
		      OK);
		api_token_is(text);
	}
	arena_free(a);
	return 0;
}
