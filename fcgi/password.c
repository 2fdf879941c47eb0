/* password.c -- see password.h.
 *
 * The memory for a hash is mapped in large pages and returned to the system at once. In
 * small pages, a third of the time went into mapping them and into address look-ups.
 * libargon2 reads and writes PHC strings only if it allocates the memory itself, so that
 * is done here. */
#include <argon2.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "fcgi/password.h"
#include "fcgi/slots.h"
#include "shared/auto.h"
#include "shared/log.h"
#include "shared/random.h"
#include "shared/text.h"

enum { SALT_BYTES = 16, HASH_BYTES = 32, LANES = 1, WAIT_MS = 200, LOOK_MS = 5 };
enum { HASH_BYTES_MIN = 16, HASH_BYTES_MAX = 64, LARGE_PAGE = 2 << 20 };

/* A hash takes about twenty milliseconds: if two people sign in at once, waiting is
 * worthwhile. Waiting longer would block a worker. */
static enum err
take_slot(const struct config *c, struct arena *a, struct problem *p, int *out_fd)
{
	const char *path = arena_printf(a, "%s/hashing.slots", c->run_dir);

	for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
		if (slots_take(path, (int)c->password_slots, out_fd) == OK)
			return OK;
		poll(NULL, 0, LOOK_MS);
	}
	return problem_retry(p, ERR_UNAVAILABLE, NULL,
			     "Too many people are signing in; try again in a second.", 1);
}

static enum err
failed(int code)
{
	log_event(LOG_ERROR, "argon2", LOG_S("message", argon2_error_message(code)));
	return code == ARGON2_MEMORY_ALLOCATION_ERROR ? ERR_UNAVAILABLE : ERR_INTERNAL;
}

/* ---- memory in large pages ------------------------------------------------ */

/* With room to align the start to a large page. */
static size_t
mapped(size_t bytes)
{
	return bytes + LARGE_PAGE;
}

/* If there are no large pages, small ones work as well. The start of the mapping is
 * stored in the last bytes before the aligned area. */
static int
take_memory(uint8_t **out, size_t bytes)
{
	uint8_t *at = mmap(NULL, mapped(bytes), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void **area;

	if (at == MAP_FAILED)
		return ARGON2_MEMORY_ALLOCATION_ERROR;
	area = (void *)(at + LARGE_PAGE - (uintptr_t)at % LARGE_PAGE);
	(void)madvise(area, bytes, MADV_HUGEPAGE);
	area[-1] = at;
	*out = (uint8_t *)area;
	return ARGON2_OK;
}

static void
give_memory(uint8_t *memory, size_t bytes)
{
	void **area = (void *)memory;

	munmap(area[-1], mapped(bytes));
}

/* ---- hashes ---------------------------------------------------------------- */

/* A stored hash: "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>", both in base64 without
 * padding. */
struct hashed {
	uint32_t memory, passes, lanes;
	uint8_t *salt;
	size_t salt_len, hash_len;
	const char *hash; /* in base64 */
};

static int
run(const struct hashed *h, const char *password, uint8_t *out)
{
	argon2_context context = {
		.out = out,
		.outlen = (uint32_t)h->hash_len,
		.pwd = (uint8_t *)(uintptr_t)password, /* read only */
		.pwdlen = (uint32_t)strlen(password),
		.salt = h->salt,
		.saltlen = (uint32_t)h->salt_len,
		.t_cost = h->passes,
		.m_cost = h->memory,
		.lanes = h->lanes,
		.threads = 1,
		.version = ARGON2_VERSION_13,
		.allocate_cbk = take_memory,
		.free_cbk = give_memory,
	};

	return argon2id_ctx(&context);
}

static struct hashed
as_set(const struct config *c, uint8_t *salt)
{
	return (struct hashed){
		.memory = (uint32_t)c->password_memory_kib,
		.passes = (uint32_t)c->password_passes,
		.lanes = LANES,
		.salt = salt,
		.salt_len = SALT_BYTES,
		.hash_len = HASH_BYTES,
	};
}

static const char *
base64(struct arena *a, const uint8_t *bytes, size_t len)
{
	char *text = text_base64(a, bytes, len);

	text[strcspn(text, "=")] = '\0';
	return text;
}

/* NULL if it is not base64. */
static uint8_t *
unbase64(struct arena *a, const char *text, size_t len, size_t *out_len)
{
	char *url = arena_strndup(a, text, len);

	for (char *at = url; *at; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	return text_unbase64url(a, url, len, out_len);
}

static bool
read_hashed(struct arena *a, const char *phc, struct hashed *out)
{
	const char *salt, *hash;
	int head = 0;

	if (sscanf(phc, "$argon2id$v=19$m=%" SCNu32 ",t=%" SCNu32 ",p=%" SCNu32 "$%n",
		   &out->memory, &out->passes, &out->lanes, &head) != 3 ||
	    head == 0)
		return false;
	salt = phc + head;
	hash = strchr(salt, '$');
	if (!hash)
		return false;
	out->salt = unbase64(a, salt, (size_t)(hash - salt), &out->salt_len);
	out->hash = hash + 1;
	return out->salt && unbase64(a, out->hash, strlen(out->hash), &out->hash_len) &&
	       out->hash_len >= HASH_BYTES_MIN && out->hash_len <= HASH_BYTES_MAX;
}

static int
verify(struct arena *a, const struct hashed *h, const char *password)
{
	uint8_t found[HASH_BYTES_MAX];
	int code = run(h, password, found);

	if (code != ARGON2_OK)
		return code;
	return text_equal_secret(base64(a, found, h->hash_len), h->hash)
		       ? ARGON2_OK
		       : ARGON2_VERIFY_MISMATCH;
}

enum err
password_hash(const struct config *c, struct arena *a, const char *password,
	      struct problem *p, const char **out_phc)
{
	uint8_t salt[SALT_BYTES], hash[HASH_BYTES];
	struct hashed h = as_set(c, salt);
	AUTO(fd) int slot = -1;
	int code;

	TRY(take_slot(c, a, p, &slot));
	random_bytes(salt, sizeof(salt));
	code = run(&h, password, hash);
	if (code != ARGON2_OK)
		return failed(code);
	*out_phc =
		arena_printf(a, "$argon2id$v=19$m=%" PRIu32 ",t=%" PRIu32 ",p=%d$%s$%s",
			     h.memory, h.passes, LANES, base64(a, salt, sizeof(salt)),
			     base64(a, hash, sizeof(hash)));
	return OK;
}

static bool
is_cheap(const struct config *c, const struct hashed *h)
{
	return h->memory < c->password_memory_kib || h->passes < c->password_passes;
}

/* Does the work of a verification without a hash to compare with. */
static int
pretend(const struct config *c, const char *password)
{
	uint8_t salt[SALT_BYTES] = "nobody", hash[HASH_BYTES];
	struct hashed h = as_set(c, salt);
	int code = run(&h, password, hash);

	return code == ARGON2_OK ? ARGON2_VERIFY_MISMATCH : code;
}

enum err
password_verify(const struct config *c, struct arena *a, const char *password,
		const char *phc, struct problem *p, struct password_check *out)
{
	struct hashed h = {};
	AUTO(fd) int slot = -1;
	int code;

	TRY(take_slot(c, a, p, &slot));
	if (!phc)
		code = pretend(c, password);
	else if (read_hashed(a, phc, &h))
		code = verify(a, &h, password);
	else
		code = ARGON2_DECODING_FAIL;
	if (code != ARGON2_OK && code != ARGON2_VERIFY_MISMATCH)
		return failed(code);
	out->right = code == ARGON2_OK;
	out->is_cheap = out->right && is_cheap(c, &h);
	return OK;
}
