/* users_store.h -- SQL of people: oneself, others, and finding them. What of others
 * is seen by whom is decided inside the statements (user_columns.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

/* ---- oneself ------------------------------------------------------------- */

/* ERR_UNAUTHENTICATED: the account is gone. So below. */
enum err user_own(struct db *db, struct arena *a, const char *user_id, struct user *out);

/* A text that is kept unless given; NULL then clears it. */
struct text_change {
	bool given;
	const char *text;
};

struct user_change {
	const char *user_id;
	struct text_change first_name, last_name, bio;
	struct text_change avatar;	  /* a file's id */
	const char *first_key, *last_key; /* names_words_key() of the names */
	const char *settings;		  /* JSON object: the members named are changed */
};

/* out_avatar_fits false: the file is no image that they may use; nothing is changed. */
enum err user_update(struct db *db, struct arena *a, const struct user_change *c,
		     bool *out_avatar_fits, struct user *out);

/* Whoever goes offline was last seen now. */
enum err user_set_status(struct db *db, struct arena *a, const char *user_id,
			 const char *status, const struct text_change *text,
			 struct user *out);

/* ---- others -------------------------------------------------------------- */

/* ERR_NOT_FOUND. */
enum err user_get(struct db *db, struct arena *a, const char *viewer, const char *user_id,
		  struct user *out);

extern const struct stmt *const users_statements[];
