/* directory_store.h -- SQL of finding people: everybody, or a person's own circle. The
 * statements decide what each viewer may see (user_columns.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

/* A place in a list: the key by which somebody is sorted. */
struct user_place {
	bool inside; /* found inside a word */
	const char *word, *user_id;
};

struct user_list {
	int count; /* one more than limit means that there are more */
	struct user *items;
	struct user_place *places;
};

/* Everybody, by login; after NULL: from the beginning. Disabled accounts are in no
 * list. */
enum err users_list(struct db *db, struct arena *a, const char *viewer,
		    const struct user_place *after, int64_t limit, struct user_list *out);

/* People whose login or name contains `key` (names_search_key(), not empty); those with a
 * word that begins with it come first. The cost does not grow with the number of
 * people. */
enum err users_search(struct db *db, struct arena *a, const char *viewer, const char *key,
		      const struct user_place *after, int64_t limit,
		      struct user_list *out);

/* The same among the people whom the viewer knows anyway: themselves, those in their list
 * (blocked or not), and those who share a room with them that is not public. The cost
 * grows with their number. */
enum err circle_list(struct db *db, struct arena *a, const char *viewer,
		     const struct user_place *after, int64_t limit,
		     struct user_list *out);
enum err circle_search(struct db *db, struct arena *a, const char *viewer,
		       const char *key, const struct user_place *after, int64_t limit,
		       struct user_list *out);

extern const struct stmt *const directory_statements[];
