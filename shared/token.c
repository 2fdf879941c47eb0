/* token.c -- the door to libjwt. The token's kid picks the key, and the key alone decides
 * the algorithm. libjwt is never called without a key, so it never accepts "none". */
#include <jwt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shared/auto.h"
#include "shared/json.h"
#include "shared/keys.h"
#include "shared/log.h"
#include "shared/text.h"
#include "shared/token.h"

enum {
	TOKEN_MAX = 4096,
	HEADER_DEPTH = 4,
	CLOCK_SKEW_S = 60, /* between the hosts of one installation */
};

static const jwt_alg_t algorithms[] = {
	[KEY_HS256] = JWT_ALG_HS256,
	[KEY_ES256] = JWT_ALG_ES256,
};

static void
auto_jwt(jwt_t **jwt)
{
	jwt_free(*jwt);
}

static int
fill(jwt_t *jwt, const struct keys *k, const char *issuer, const struct claims *c)
{
	struct uuid id;

	uuid_random(&id);
	return jwt_add_header(jwt, "kid", k->signer->kid) ||
	       jwt_add_grant(jwt, "iss", issuer) || jwt_add_grant(jwt, "aud", issuer) ||
	       jwt_add_grant(jwt, "sub", c->user_id.text) ||
	       jwt_add_grant(jwt, "sid", c->session_id.text) ||
	       jwt_add_grant_int(jwt, "iat", c->issued_at_s) ||
	       jwt_add_grant_int(jwt, "exp", c->expires_at_s) ||
	       jwt_add_grant(jwt, "jti", id.text) ||
	       jwt_set_alg(jwt, algorithms[k->signer->kind], k->signer->sign.data,
			   (int)k->signer->sign.len);
}

enum err
token_sign(const struct keys *k, struct arena *a, const char *issuer,
	   const struct claims *c, const char **out)
{
	AUTO(jwt) jwt_t *jwt = NULL;
	char *text = NULL;

	if (k->signer && jwt_new(&jwt) == 0 && fill(jwt, k, issuer, c) == 0)
		text = jwt_encode_str(jwt);
	if (!text) {
		log_event(LOG_ERROR, "token_not_signed", LOG_S("issuer", issuer));
		return ERR_INTERNAL;
	}
	arena_defer(a, free, text);
	*out = text;
	return OK;
}

/* The key that the token's header names; NULL if the header asks for anything that this
 * key does not do. */
static const struct key *
key_of(const struct keys *k, struct arena *a, const char *token)
{
	size_t len;
	const char *header = text_unbase64url(a, token, strcspn(token, "."), &len);
	const char *kid, *alg, *typ;
	const struct key *key;
	struct json *json;

	if (!header || json_parse(a, header, len, HEADER_DEPTH, NULL, &json) != OK)
		return NULL;
	kid = json_text_of(json_get(json, "kid"));
	alg = json_text_of(json_get(json, "alg"));
	typ = json_text_of(json_get(json, "typ"));
	if (!kid || !alg || !typ || strcmp(typ, "JWT") != 0 || json_get(json, "crit"))
		return NULL;
	key = keys_find(k, kid);
	return key && strcmp(alg, jwt_alg_str(algorithms[key->kind])) == 0 ? key : NULL;
}

static bool
grant_is(jwt_t *jwt, const char *name, const char *expected)
{
	const char *value = jwt_get_grant(jwt, name);

	return value && strcmp(value, expected) == 0;
}

/* Read the required claims of a token whose signature is good. */
static enum err
read_claims(jwt_t *jwt, const char *issuer, struct claims *out)
{
	const char *sub = jwt_get_grant(jwt, "sub"), *sid = jwt_get_grant(jwt, "sid");

	if (!grant_is(jwt, "iss", issuer) || !grant_is(jwt, "aud", issuer) || !sub ||
	    !sid)
		return ERR_INVALID;
	TRY(uuid_parse(sub, &out->user_id));
	TRY(uuid_parse(sid, &out->session_id));
	out->issued_at_s = jwt_get_grant_int(jwt, "iat");
	out->expires_at_s = jwt_get_grant_int(jwt, "exp");
	return out->issued_at_s > 0 && out->expires_at_s > 0 ? OK : ERR_INVALID;
}

/* A missing nbf reads as 0, and so does one of the wrong type: we never write one. */
static bool
is_early(jwt_t *jwt, const struct claims *c, int64_t now_s)
{
	return c->issued_at_s > now_s + CLOCK_SKEW_S ||
	       jwt_get_grant_int(jwt, "nbf") > now_s + CLOCK_SKEW_S;
}

enum err
token_verify(const struct keys *k, struct arena *a, const char *issuer, const char *token,
	     int64_t now_s, struct problem *p, struct claims *out)
{
	AUTO(jwt) jwt_t *jwt = NULL;
	bool sane = strnlen(token, TOKEN_MAX + 1) <= TOKEN_MAX;
	const struct key *key = sane ? key_of(k, a, token) : NULL;
	struct claims c;

	if (!key ||
	    jwt_decode(&jwt, token, key->verify.data, (int)key->verify.len) != 0 ||
	    jwt_get_alg(jwt) != algorithms[key->kind] ||
	    read_claims(jwt, issuer, &c) != OK || is_early(jwt, &c, now_s))
		return problem_fail(p, ERR_UNAUTHENTICATED, "token_invalid",
				    "The access token is not valid.");
	if (c.expires_at_s <= now_s)
		return problem_fail(p, ERR_UNAUTHENTICATED, "token_expired",
				    "The access token has expired.");
	*out = c;
	return OK;
}
