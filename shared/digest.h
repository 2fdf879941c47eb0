/* digest.h -- SHA-256 over what comes in pieces, HMAC-SHA256, and HMAC-SHA1 for those who
 * know no other.
 *
 * Out of memory, or an OpenSSL without them, ends the process. */
#pragma once

#include <stddef.h>

enum { SHA256_BYTES = 32, SHA1_BYTES = 20 };

/* Of what is there as a whole. */
void sha256(const void *data, size_t len, unsigned char out[SHA256_BYTES]);

struct sha256;

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *s, const void *data, size_t len);
/* Of all that was added; s is good for nothing but sha256_free() then. */
void sha256_end(struct sha256 *s, unsigned char out[SHA256_BYTES]);
void sha256_free(struct sha256 *s); /* NULL is fine */
void auto_sha256(struct sha256 **s);

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		 unsigned char out[SHA256_BYTES]);
void hmac_sha1(const void *key, size_t key_len, const void *data, size_t len,
	       unsigned char out[SHA1_BYTES]);
