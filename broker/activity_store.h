/* activity_store.h -- SQL of what goes on in rooms. */
#pragma once

#include "shared/db.h"
#include "shared/model.h"

/* What each of these people has not read in the room beside them. */
struct db_call activity_call(struct arena *a, const int64_t *room_nos,
			     const char *const *user_ids, int count);

/* In the order of the question; who is no member is left out. */
struct activity_row {
	const char *room_id, *user_id;
	int64_t seq, unread, mentions;
	bool sees_last; /* came before the last message, or may see what was before */
	struct event
		last; /* of the first row of each room; seq 0: another row, or none */
};
void activity_row_from(const struct rows *rows, int row, struct activity_row *out);

extern const struct stmt *const activity_statements[];
