/* presence_store.h -- SQL for presence: who is here, and who may know. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/model.h"
#include "shared/uuid.h"

/* These people are connected to this broker, and away or not. */
struct db_call presence_put_call(struct arena *a, const char *broker_id,
				 const char *const *user_ids, const char *const *aways,
				 int count);
/* They no longer are. */
struct db_call presence_remove_call(struct arena *a, const char *broker_id,
				    const char *const *user_ids, int count);
/* Deletes at most PRESENCE_SWEEP rows of other brokers that are dead; returns whose
 * they were. */
struct db_call presence_sweep_call(struct arena *a, const char *broker_id);
enum { PRESENCE_SWEEP = 1000 };

/* They were here until so long ago: written if they have gone, else at most once in
 * SEEN_EVERY_MS (shared/session.h). Not for people who are shown as offline. */
struct db_call presence_seen_call(struct arena *a, const char *const *user_ids,
				  const int64_t *ago_ms, const char *const *gone,
				  int count);

/* Each of these people, in this order, with everybody who may know how they are. Rooms
 * with more members than max_members do not count. */
struct db_call presence_read_call(struct arena *a, const char *const *user_ids, int count,
				  int64_t max_members);
struct presence_read {
	struct person person; /* login NULL: the account was removed */
	const char *shown;    /* what others see */
	const char *chosen;   /* what they chose */
	const char *text;     /* NULL: none */
	int64_t last_seen_at;
	const char *show_last_seen;
	/* lists for ids_next() (people_store.h) */
	const char *contacts, *blocked, *room_ids;
};
void presence_read_from(const struct rows *rows, int row, struct presence_read *out);

/* A person as one other person may see them now. A viewer who may not see them, but
 * shares a room with them, may have seen them until now: for that viewer they are
 * offline. False: nothing may be told; that somebody was put on a list is a secret. */
struct db_call presence_pair_call(struct arena *a, const char *viewer_id,
				  const char *user_id);
bool presence_pair_from(const struct rows *rows, struct user *out);

extern const struct stmt *const presence_statements[];
