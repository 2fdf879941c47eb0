/* audience_store.h -- SQL for memberships, and the rows it returns. */
#pragma once

#include "broker/audience.h"
#include "shared/db.h"

/* The rooms of a person, except those that they are banned from. */
struct db_call audience_rooms_call(struct arena *a, const char *user_id);
struct crowd_facts audience_room_from(const struct rows *rows, int row);

/* People who joined or left any room in the last age_ms: each pair of a room and a
 * person once, with the present state. */
struct membership_row {
	struct crowd_facts room;
	const char *user_id;
	bool is_member;
	const char *reason; /* a string literal: why they are no member */
};
struct db_call membership_touched_call(struct arena *a, int64_t age_ms);
struct membership_row membership_row_from(const struct rows *rows, int row);
/* Ids of rooms that were removed in the last age_ms. */
struct db_call membership_removed_call(struct arena *a, int64_t age_ms);

extern const struct stmt *const membership_statements[];
extern const struct stmt *const audience_statements[];
