/* recovery_store.h -- SQL of the secrets in mailed links: for a new password, another
 * e-mail address, an account that waits to be confirmed. The hashes come from
 * secret_hash(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/accounts_store.h"
#include "shared/db.h"
#include "shared/err.h"

/* A link for a new password to whoever has this address. A row is written even if nobody
 * does; *out is then empty. */
struct addressee {
	const char *user_id, *login, *email; /* NULL: nobody */
};
enum err reset_ask(struct db *db, struct arena *a, const char *hash, const char *email,
		   const char *email_key, int64_t life_s, struct addressee *out);
/* The same for a given person, by an administrator. ERR_NOT_FOUND. */
enum err reset_make(struct db *db, struct arena *a, const char *hash, const char *user_id,
		    int64_t life_s, struct addressee *out);

/* Whose secret is it, while it is valid? ERR_NOT_FOUND. */
enum err reset_find(struct db *db, struct arena *a, const char *hash,
		    struct addressee *out);
/* Uses it up: sets the password and ends every session. ERR_NOT_FOUND. */
enum err reset_use(struct db *db, struct arena *a, const char *hash, const char *user_id,
		   const char *password_hash);
/* For the batch that sets this password: deletes all links mailed before. */
struct db_call links_forget_call(struct arena *a, const char *user_id,
				 const char *password_hash);

/* The caller has shown the password that hashes to password_hash. ERR_NOT_FOUND if it was
 * changed meanwhile, ERR_CONFLICT if the address is somebody else's. */
enum err email_set(struct db *db, struct arena *a, const char *user_id,
		   const char *password_hash, const char *email, const char *email_key);
/* The address is to be confirmed. *out_owner: the other account that has it already, if
 * any. */
enum err email_ask(struct db *db, struct arena *a, const char *hash, const char *user_id,
		   const char *email, const char *email_key, int64_t life_s,
		   struct addressee *out_owner);
/* The link was opened. ERR_NOT_FOUND; ERR_CONFLICT. */
enum err email_confirm(struct db *db, struct arena *a, const char *hash);

/* An account that waits. *out_owner: who has the address already, if anybody.
 * ERR_NOT_FOUND: the invitation is not valid. */
enum err pending_insert(struct db *db, struct arena *a, const char *hash,
			const struct account_draft *d, int64_t life_s,
			struct addressee *out_owner);
/* The password hash of whoever registered last with this login. ERR_NOT_FOUND. */
enum err pending_find(struct db *db, struct arena *a, const char *login_key,
		      const char **out_password_hash);
/* Turns it into an account. lobby: as in an account_draft. ERR_NOT_FOUND; ERR_CONFLICT:
 * the login or the address was taken meanwhile. */
enum err pending_confirm(struct db *db, struct arena *a, const char *hash,
			 const struct lobby_name *lobby, struct seat *out_seat);
/* Which of the two was the conflict? */
enum err pending_taken(struct db *db, struct arena *a, const char *hash, bool *out_login);

/* Deletes, some at a time, what nobody used. */
enum err recovery_sweep(struct db *db, struct arena *a, bool *out_more);

extern const struct stmt *const recovery_statements[];
