/* audience_store.h -- SQL of who is where, and the rows it gives. */
#pragma once

#include "broker/audience.h"
#include "shared/db.h"

/* Rooms that a person is in, banned ones left out. */
struct db_call audience_rooms_call(struct arena *a, const char *user_id);
struct crowd_facts audience_room_from(const struct rows *rows, int row);

/* Who came or went in the last age_ms, in any room: each pair once, as it is now. */
struct membership_row {
	struct crowd_facts room;
	const char *user_id;
	bool is_member;
	const char *reason; /* a literal: why not */
};
struct db_call membership_touched_call(struct arena *a, int64_t age_ms);
struct membership_row membership_row_from(const struct rows *rows, int row);
/* Ids of rooms that were removed in the last age_ms. */
struct db_call membership_removed_call(struct arena *a, int64_t age_ms);

extern const struct stmt *const membership_statements[];
extern const struct stmt *const audience_statements[];
