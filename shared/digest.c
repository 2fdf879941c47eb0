/* digest.c -- see digest.h. A door to OpenSSL, like keys.c. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "shared/die.h"
#include "shared/digest.h"

/* EVP_sha256() is looked up at each use, which takes longer than the digest of a message
 * (OpenSSL, crypto(7), "Performance"). */
static const EVP_MD *
fetched_sha256(void)
{
	static EVP_MD *md;

	if (!md)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!md)
		die("digest: no SHA-256");
	return md;
}

void
sha256(const void *data, size_t len, unsigned char out[SHA256_BYTES])
{
	if (EVP_Digest(data, len, out, NULL, fetched_sha256(), NULL) != 1)
		die("digest: no SHA-256");
}

static EVP_MD_CTX *
context(struct sha256 *s)
{
	return (EVP_MD_CTX *)s;
}

struct sha256 *
sha256_new(void)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (!md || EVP_DigestInit_ex(md, fetched_sha256(), NULL) != 1)
		die("digest: no SHA-256");
	return (struct sha256 *)md;
}

void
sha256_add(struct sha256 *s, const void *data, size_t len)
{
	if (EVP_DigestUpdate(context(s), data, len) != 1)
		die("digest: no SHA-256");
}

void
sha256_end(struct sha256 *s, unsigned char out[SHA256_BYTES])
{
	if (EVP_DigestFinal_ex(context(s), out, NULL) != 1)
		die("digest: no SHA-256");
}

void
sha256_free(struct sha256 *s)
{
	EVP_MD_CTX_free(context(s));
}

void
auto_sha256(struct sha256 **s)
{
	sha256_free(*s);
}

void
hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
	    unsigned char out[SHA256_BYTES])
{
	if (!HMAC(fetched_sha256(), key, (int)key_len, data, len, out, NULL))
		die("digest: no HMAC");
}

void
hmac_sha1(const void *key, size_t key_len, const void *data, size_t len,
	  unsigned char out[SHA1_BYTES])
{
	if (!HMAC(EVP_sha1(), key, (int)key_len, data, len, out, NULL))
		die("digest: no HMAC");
}
