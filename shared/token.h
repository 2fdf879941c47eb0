/* token.h -- access tokens: the door to libjwt.
 *
 * JWT (RFC 7519, RFC 8725): HS256 pinned, header typ and kid, claims iss, aud,
 * sub, sid, iat, exp, jti. Any key of the folder verifies, one signs, so keys
 * rotate by kid. An EC key pair in PEM as key file means ES256 for that kid.
 * libjwt 1.10 accepts unsigned tokens when given no key, other algorithms than
 * meant, and expired ones: algorithm, exp, nbf, iss and aud are checked here. */
#pragma once

#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/problem.h"
#include "shared/uuid.h"

struct keys;

/* dir: one file a key, its name is the kid. ERR_INVALID (said on stderr) when
 * a file is no key, is readable by others, or signing_kid is not there.
 * signing_kid "": verify only. */
enum err keys_open(const char *dir, const char *signing_kid, struct keys **out);
void keys_close(struct keys *k);

struct claims {
	struct uuid user_id;	/* sub */
	struct uuid session_id; /* sid */
	int64_t issued_at_s, expires_at_s;
};

/* issuer is iss and aud. The token is in the arena. */
enum err token_sign(const struct keys *k, struct arena *a, const char *issuer,
		    const struct claims *c, const char **out);

/* ERR_UNAUTHENTICATED with code token_expired or token_invalid. Knows nothing
 * of sessions: whether the session still lives is session.h's matter. */
enum err token_verify(const struct keys *k, struct arena *a, const char *issuer,
		      const char *token, int64_t now_s, struct problem *p,
		      struct claims *out);

/* 256 random bits as 43 characters of base64url; their SHA-256 as hex is what
 * the database stores. */
const char *secret_new(struct arena *a);
const char *secret_hash(struct arena *a, const char *secret); /* 64 hex */

/* First 8 bytes of the SHA-256 over the parts (each with its length), as a
 * signed number: fingerprints of requests. NULL parts are distinct from "". */
int64_t fingerprint(const char *const parts[], int count);
