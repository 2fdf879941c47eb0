/* contacts_store.h -- SQL of the people in somebody's list, contacts and blocked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

struct contact {
	struct user user;
	const char *nickname; /* NULL: none */
	bool blocked;
	int64_t created_at;
};

/* What is not given stays unchanged. */
struct contact_change {
	bool given_nickname, given_blocked;
	const char *nickname;	  /* NULL: none */
	const char *nickname_key; /* names_words_key() of it */
	bool blocked;
};

/* Adds somebody to the list, or changes their entry. */
struct contact_draft {
	const char *owner_id;
	const char *user_id, *login_key; /* whom: one is set, the other NULL */
	struct contact_change change;
	const char *key; /* Idempotency-Key; NULL none */
	int64_t fingerprint, max_contacts;
};

enum contact_put {
	CONTACT_PUT,
	CONTACT_WAS_THERE, /* by the same key: nothing changes */
	CONTACT_NO_USER,
	CONTACT_SELF,
	CONTACT_TOO_MANY,
	CONTACT_MISMATCH
};

/* out: for CONTACT_PUT and CONTACT_WAS_THERE. */
enum err contact_put(struct db *db, struct arena *a, const struct contact_draft *d,
		     enum contact_put *out_put, struct contact *out);

/* ERR_NOT_FOUND: not in the list. The same below. */
enum err contact_get(struct db *db, struct arena *a, const char *owner_id,
		     const char *user_id, struct contact *out);
enum err contact_update(struct db *db, struct arena *a, const char *owner_id,
			const char *user_id, const struct contact_change *c,
			struct contact *out);
enum err contact_remove(struct db *db, struct arena *a, const char *owner_id,
			const char *user_id);

/* A place in the list: the name without case by which somebody is sorted. */
struct contact_place {
	const char *word, *user_id;
};

struct contact_list {
	int count; /* one more than limit means that there are more */
	struct contact *items;
	struct contact_place *places;
};

/* By the owner's nickname for them, else by name, else by login. blocked: -1 all, 0, 1;
 * after NULL: from the beginning. The cost grows with the length of the list. */
enum err contacts_list(struct db *db, struct arena *a, const char *owner_id, int blocked,
		       const struct contact_place *after, int64_t limit,
		       struct contact_list *out);

extern const struct stmt *const contacts_statements[];
