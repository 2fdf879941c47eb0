/* history_store.h -- SQL of reading a room: its messages in pages, and its log. For
 * members only; somebody who joined later than `history` allows sees nothing from
 * before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/receipts_store.h"
#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"
#include "shared/roomlog.h"

/* The last seq of the room: enough to answer 304. */
enum err room_seq(struct db *db, struct arena *a, const char *viewer, const char *room_id,
		  int64_t *out);

struct history {
	int64_t seq; /* the room's last */
	struct receipts receipts;
	bool has_before, has_after;
	int count;
	struct event *items; /* ascending */
};

enum { HISTORY_NEWEST, HISTORY_BEFORE, HISTORY_AFTER, HISTORY_AROUND };

/* limit messages on the given side of seq, or around it. */
enum err history_read(struct db *db, struct arena *a, const char *viewer,
		      const char *room_id, int side, int64_t seq, int64_t limit,
		      struct history *out);

struct log_page {
	int64_t seq, first_seq;
	int count;
	struct event *items;
};
enum err log_read(struct db *db, struct arena *a, const char *viewer, const char *room_id,
		  int64_t after, int64_t limit, struct log_page *out);

extern const struct stmt *const history_statements[];
