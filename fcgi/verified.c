/* verified.c -- see verified.h. */
#include "fcgi/verified.h"

#include <string.h>

#include "shared/clock.h"
#include "shared/digest.h"

enum { SLOTS = 256 };

static struct {
	unsigned char digest[SHA256_BYTES];
	struct claims claims; /* in a free slot: long expired */
} verified[SLOTS];

enum err
verified_claims(struct req *rq)
{
	const struct app *app = rq->app;
	int64_t now_s = clock_now_ms() / 1000;
	unsigned char digest[SHA256_BYTES];
	size_t slot;

	sha256(rq->token, strlen(rq->token), digest);
	slot = digest[0] % SLOTS;
	if (memcmp(verified[slot].digest, digest, sizeof(digest)) == 0 &&
	    now_s < verified[slot].claims.expires_at_s) {
		rq->claims = verified[slot].claims;
		return OK;
	}
	TRY(token_verify(app->keys, rq->arena, app->config.issuer, rq->token, now_s,
			 &rq->problem, &rq->claims));
	memcpy(verified[slot].digest, digest, sizeof(digest));
	verified[slot].claims = rq->claims;
	return OK;
}
