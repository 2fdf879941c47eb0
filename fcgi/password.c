#include <argon2.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/password.h"
#include "fcgi/slots.h"
#include "shared/auto.h"
#include "shared/log.h"
#include "shared/random.h"

enum { SALT_BYTES = 16, HASH_BYTES = 32, LANES = 1, WAIT_MS = 200, LOOK_MS = 5 };

/* A hash takes some twenty milliseconds: for two people who come at once it is worth
 * waiting for. Longer than that nobody blocks a worker. */
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

enum err
password_hash(const struct config *c, struct arena *a, const char *password,
	      struct problem *p, const char **out_phc)
{
	uint32_t passes = (uint32_t)c->password_passes;
	uint32_t memory = (uint32_t)c->password_memory_kib;
	size_t len = argon2_encodedlen(passes, memory, LANES, SALT_BYTES, HASH_BYTES,
				       Argon2_id);
	char *phc = arena_alloc(a, len);
	unsigned char salt[SALT_BYTES];
	AUTO(fd) int slot = -1;
	int code;

	TRY(take_slot(c, a, p, &slot));
	random_bytes(salt, sizeof(salt));
	code = argon2id_hash_encoded(passes, memory, LANES, password, strlen(password),
				     salt, sizeof(salt), HASH_BYTES, phc, len);
	if (code != ARGON2_OK)
		return failed(code);
	*out_phc = phc;
	return OK;
}

/* "$argon2id$v=19$m=19456,t=2,p=1$…" */
static bool
is_cheap(const struct config *c, const char *phc)
{
	int64_t memory, passes;

	if (sscanf(phc, "$argon2id$v=%*d$m=%" SCNd64 ",t=%" SCNd64, &memory, &passes) !=
	    2)
		return true;
	return memory < c->password_memory_kib || passes < c->password_passes;
}

/* The work of a verification without a hash to compare with. */
static int
pretend(const struct config *c, const char *password)
{
	static const char salt[SALT_BYTES] = "nobody";
	unsigned char hash[HASH_BYTES];
	int code = argon2id_hash_raw(
		(uint32_t)c->password_passes, (uint32_t)c->password_memory_kib, LANES,
		password, strlen(password), salt, sizeof(salt), hash, sizeof(hash));

	return code == ARGON2_OK ? ARGON2_VERIFY_MISMATCH : code;
}

enum err
password_verify(const struct config *c, struct arena *a, const char *password,
		const char *phc, struct problem *p, struct password_check *out)
{
	AUTO(fd) int slot = -1;
	int code;

	TRY(take_slot(c, a, p, &slot));
	code = phc ? argon2id_verify(phc, password, strlen(password))
		   : pretend(c, password);
	if (code != ARGON2_OK && code != ARGON2_VERIFY_MISMATCH)
		return failed(code);
	out->right = code == ARGON2_OK;
	out->is_cheap = out->right && is_cheap(c, phc);
	return OK;
}
