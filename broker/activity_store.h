/* activity_store.h -- SQL for what goes on in rooms. */
#pragma once

#include "shared/db.h"
#include "shared/model.h"

/* What each of these people has not read in the room of the same index. */
struct db_call activity_call(struct arena *a, const int64_t *room_nos,
			     const char *const *user_ids, int count);

/* In the order of the query; people who are not members are left out. */
struct activity_row {
	const char *room_id, *user_id;
	int64_t seq, unread, mentions;
	bool sees_last; /* joined before the last message, or may read the history */
	struct event
		last; /* in the first row of each room; seq 0: another row, or none */
};
void activity_row_from(const struct rows *rows, int row, struct activity_row *out);

extern const struct stmt *const activity_statements[];
