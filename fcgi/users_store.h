/* users_store.h -- SQL of people: oneself, others, and finding them. The statements
 * decide what each viewer may see of others (user_columns.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

/* ---- oneself ------------------------------------------------------------- */

/* ERR_UNAUTHENTICATED: the account is gone. The same below. */
enum err user_own(struct db *db, struct arena *a, const char *user_id, struct user *out);

/* A text that stays unless given; given as NULL, it is cleared. */
struct text_change {
	bool given;
	const char *text;
};

struct user_change {
	const char *user_id;
	struct text_change first_name, last_name, bio;
	struct text_change avatar;	  /* a file's id */
	const char *first_key, *last_key; /* names_words_key() of the names */
	const char *settings;		  /* JSON object with the members to change */
};

/* out_avatar_fits false: the file is not an image that they may use; nothing is
 * changed. */
enum err user_update(struct db *db, struct arena *a, const struct user_change *c,
		     bool *out_avatar_fits, struct user *out);

/* Going offline sets last_seen_at to now. */
enum err user_set_status(struct db *db, struct arena *a, const char *user_id,
			 const char *status, const struct text_change *text,
			 struct user *out);

/* ---- others -------------------------------------------------------------- */

/* ERR_NOT_FOUND. */
enum err user_get(struct db *db, struct arena *a, const char *viewer, const char *user_id,
		  struct user *out);

extern const struct stmt *const users_statements[];
