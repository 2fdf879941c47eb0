/* keys.h -- the keys of access tokens, as token.c needs them; everything else uses
 * token.h. */
#pragma once

#include <stddef.h>

#include "shared/token.h"

enum { KEYS_MAX = 64, KID_SIZE = 65 };

enum key_kind { KEY_HS256, KEY_ES256 };

/* The bytes of a secret, or a PEM. */
struct key_text {
	unsigned char *data; /* NULL: none */
	size_t len;
};

struct key {
	char kid[KID_SIZE];
	enum key_kind kind;
	struct key_text sign; /* none: a public key */
	struct key_text verify;
};

struct keys {
	size_t count;
	struct key items[KEYS_MAX];
	const struct key *signer; /* NULL: verify only */
};

const struct key *keys_find(const struct keys *k, const char *kid);
