/* directory_store.h -- SQL of finding people: everybody, or a person's own circle. What
 * of them is seen by whom is decided inside the statements (user_columns.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

/* A place in a list: the key by which somebody stands there. */
struct user_place {
	bool inside; /* found inside a word */
	const char *word, *user_id;
};

struct user_list {
	int count; /* one more than limit tells that there are more */
	struct user *items;
	struct user_place *places;
};

/* Everybody, by login; after NULL: from the beginning. Who is disabled is in no list. */
enum err users_list(struct db *db, struct arena *a, const char *viewer,
		    const struct user_place *after, int64_t limit, struct user_list *out);

/* Whose login or name has `key` in it (names_search_key(), not empty): those with a
 * word that begins so come first. Costs the same however many people there are. */
enum err users_search(struct db *db, struct arena *a, const char *viewer, const char *key,
		      const struct user_place *after, int64_t limit,
		      struct user_list *out);

/* The same among those whom the viewer knows anyway: themselves, whom they keep in
 * their list (blocked or not), and who shares a room with them that is not public.
 * Costs as much as there are of them. */
enum err circle_list(struct db *db, struct arena *a, const char *viewer,
		     const struct user_place *after, int64_t limit,
		     struct user_list *out);
enum err circle_search(struct db *db, struct arena *a, const char *viewer,
		       const char *key, const struct user_place *after, int64_t limit,
		       struct user_list *out);

extern const struct stmt *const directory_statements[];
