/* digest.h -- SHA-256 over data in pieces, HMAC-SHA256, and HMAC-SHA1 for peers that know
 * no other.
 *
 * Running out of memory, or an OpenSSL without these, ends the process. */
#pragma once

#include <stddef.h>

enum { SHA256_BYTES = 32, SHA1_BYTES = 20 };

/* Of data that is there as a whole. */
void sha256(const void *data, size_t len, unsigned char out[SHA256_BYTES]);

struct sha256;

struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *s, const void *data, size_t len);
/* Of everything that was added. After this, s may only be passed to sha256_free(). */
void sha256_end(struct sha256 *s, unsigned char out[SHA256_BYTES]);
void sha256_free(struct sha256 *s); /* NULL is fine */
void auto_sha256(struct sha256 **s);

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
		 unsigned char out[SHA256_BYTES]);
void hmac_sha1(const void *key, size_t key_len, const void *data, size_t len,
	       unsigned char out[SHA1_BYTES]);
