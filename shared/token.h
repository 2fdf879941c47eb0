/* token.h -- access tokens: the door to libjwt.
 *
 * JWT (RFC 7519, RFC 8725): HS256 pinned, header typ and kid, claims iss, aud, sub, sid,
 * iat, exp, jti. Every key in the folder verifies and one of them signs, so keys rotate
 * by kid. A key file with an EC key pair in PEM means ES256 for that kid. libjwt 1.10
 * accepts unsigned tokens when given no key, algorithms other than the intended one, and
 * expired tokens: algorithm, exp, nbf, iss and aud are checked here. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/problem.h"
#include "shared/uuid.h"

struct keys;

/* dir has one file a key, named by its kid. ERR_INVALID (with a message on stderr) if a
 * file is not a key or is readable by others, or if there is no signing_kid. signing_kid
 * "": verify only. */
enum err keys_open(const char *dir, const char *signing_kid, struct keys **out);
void keys_close(struct keys *k);

struct claims {
	struct uuid user_id;	/* sub */
	struct uuid session_id; /* sid */
	int64_t issued_at_s, expires_at_s;
};

/* issuer is used for iss and aud. The token is in the arena. */
enum err token_sign(const struct keys *k, struct arena *a, const char *issuer,
		    const struct claims *c, const char **out);

/* ERR_UNAUTHENTICATED with code token_expired or token_invalid. Knows nothing of
 * sessions: session.h tells whether the session still lives. */
enum err token_verify(const struct keys *k, struct arena *a, const char *issuer,
		      const char *token, int64_t now_s, struct problem *p,
		      struct claims *out);

/* 256 random bits as 43 characters of base64url. The database stores their SHA-256 as
 * hex. */
const char *secret_new(struct arena *a);
const char *secret_hash(struct arena *a, const char *secret); /* 64 hex */

/* The first 8 bytes of the SHA-256 over the parts (each with its length), as a signed
 * number, to fingerprint requests. A NULL part differs from "". */
int64_t fingerprint(const char *const parts[], int count);
