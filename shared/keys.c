/* keys.c -- the door to OpenSSL for key files; secrets and fingerprints. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/auto.h"
#include "shared/die.h"
#include "shared/digest.h"
#include "shared/keys.h"
#include "shared/random.h"
#include "shared/text.h"

enum { KEY_FILE_MAX = 8192, SECRET_BYTES = 32 };

static void
auto_keys(struct keys **k)
{
	keys_close(*k);
}

static void
auto_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void
auto_pkey(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
}

static void *
made(void *object)
{
	if (!object)
		die("OpenSSL: out of memory");
	return object;
}

/* ---- the keys' folder ---------------------------------------------------- */

static struct key_text
key_text(const void *data, size_t len)
{
	struct key_text t = { .data = xmalloc(len), .len = len };

	memcpy(t.data, data, len);
	return t;
}

static void
key_text_free(struct key_text *t)
{
	if (t->data)
		OPENSSL_cleanse(t->data, t->len);
	free(t->data);
}

static struct key_text
pem_of(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return key_text(data, (size_t)len);
}

/* ES256 exists for P-256 alone. */
static bool
is_p256(EVP_PKEY *pkey)
{
	char group[64] = "";

	return EVP_PKEY_is_a(pkey, "EC") &&
	       EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

static enum err
read_pem(const char *text, size_t len, struct key *out)
{
	AUTO(bio) BIO *in = made(BIO_new_mem_buf(text, (int)len));
	AUTO(bio) BIO *again = made(BIO_new_mem_buf(text, (int)len));
	AUTO(bio) BIO *out_pem = made(BIO_new(BIO_s_mem()));
	/* "" is the pass phrase, so that OpenSSL never asks a terminal for one. */
	AUTO(pkey) EVP_PKEY *pair = PEM_read_bio_PrivateKey(in, NULL, NULL, "");
	AUTO(pkey) EVP_PKEY *half = PEM_read_bio_PUBKEY(again, NULL, NULL, "");
	EVP_PKEY *any = pair ? pair : half;

	ERR_clear_error(); /* one of the two has failed */
	if (!any || !is_p256(any) || PEM_write_bio_PUBKEY(out_pem, any) != 1)
		return ERR_INVALID;
	out->kind = KEY_ES256;
	out->verify = pem_of(out_pem);
	if (pair)
		out->sign = key_text(text, len);
	return OK;
}

static enum err
read_secret(const char *text, size_t len, struct key *out)
{
	char hex[2 * SECRET_BYTES + 1] = "";
	unsigned char secret[SECRET_BYTES];

	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	if (len != 2 * SECRET_BYTES)
		return ERR_INVALID;
	memcpy(hex, text, len);
	TRY(text_unhex(hex, secret, sizeof(secret)));
	out->kind = KEY_HS256;
	out->sign = key_text(secret, sizeof(secret));
	out->verify = key_text(secret, sizeof(secret));
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(hex, sizeof(hex));
	return OK;
}

static enum err
refuse_for(const char *setting, const char *dir, const char *name, const char *why)
{
	fprintf(stderr, "%s: %s/%s %s\n", setting, dir, name, why);
	return ERR_INVALID;
}

static enum err
refuse(const char *dir, const char *name, const char *why)
{
	return refuse_for("keys_dir", dir, name, why);
}

static enum err
read_key(int folder, const char *dir, const char *name, struct key *out)
{
	AUTO(fd) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[KEY_FILE_MAX];
	struct stat st;
	ssize_t len;
	enum err e;

	if (fd < 0 || fstat(fd, &st) != 0)
		return refuse(dir, name, strerror(errno));
	if (!S_ISREG(st.st_mode) || !text_is_key(name))
		return refuse(dir, name, "is not the file of a key");
	if (st.st_mode & (S_IRWXO | S_IWGRP))
		return refuse(dir, name, "can be read or changed by others (chmod 600)");
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return refuse(dir, name, strerror(errno));
	text[len] = '\0';
	snprintf(out->kid, sizeof(out->kid), "%s", name);
	e = text_starts(text, "-----BEGIN ") ? read_pem(text, (size_t)len, out)
					     : read_secret(text, (size_t)len, out);
	OPENSSL_cleanse(text, sizeof(text));
	if (e != OK)
		return refuse(dir, name, "is neither 64 hex digits nor a P-256 PEM");
	return OK;
}

const struct key *
keys_find(const struct keys *k, const char *kid)
{
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->items[i].kid, kid) == 0)
			return &k->items[i];
	return NULL;
}

static enum err
read_folder(struct keys *k, const char *dir)
{
	AUTO(dir) DIR *folder = opendir(dir);
	const struct dirent *entry;

	if (!folder)
		return refuse(dir, "", strerror(errno));
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (k->count == KEYS_MAX)
			return refuse(dir, entry->d_name, "is one key too many");
		/* Counted first, so that what was read of a bad key is freed too. */
		TRY(read_key(dirfd(folder), dir, entry->d_name, &k->items[k->count++]));
	}
	return OK;
}

enum err
keys_open(const char *dir, const char *signing_kid, struct keys **out)
{
	AUTO(keys) struct keys *k = xcalloc(1, sizeof(*k));

	TRY(read_folder(k, dir));
	if (*signing_kid) {
		k->signer = keys_find(k, signing_kid);
		if (!k->signer || !k->signer->sign.data)
			return refuse_for("signing_key", dir, signing_kid,
					  "is to sign, and is not there or public");
	}
	*out = TAKE(k);
	return OK;
}

void
keys_close(struct keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->count; i++) {
		key_text_free(&k->items[i].sign);
		key_text_free(&k->items[i].verify);
	}
	free(k);
}

/* ---- secrets and fingerprints -------------------------------------------- */

const char *
secret_new(struct arena *a)
{
	unsigned char secret[SECRET_BYTES];

	random_bytes(secret, sizeof(secret));
	return text_base64url(a, secret, sizeof(secret));
}

const char *
secret_hash(struct arena *a, const char *secret)
{
	unsigned char digest[SHA256_BYTES];
	char *hex = arena_alloc(a, 2 * sizeof(digest) + 1);

	sha256(secret, strlen(secret), digest);
	text_hex(digest, sizeof(digest), hex);
	return hex;
}

int64_t
fingerprint(const char *const parts[], int count)
{
	AUTO(sha256) struct sha256 *sum = sha256_new();
	unsigned char digest[SHA256_BYTES];
	uint64_t first = 0;

	for (int i = 0; i < count; i++) {
		/* NULL counts as a length that no text has. */
		uint64_t len = parts[i] ? strlen(parts[i]) : UINT64_MAX;
		uint64_t le = htole64(len);

		sha256_add(sum, &le, sizeof(le));
		if (parts[i])
			sha256_add(sum, parts[i], len);
	}
	sha256_end(sum, digest);
	for (int i = 0; i < 8; i++)
		first = first << 8 | digest[i];
	return (int64_t)first;
}
