/* receipts_store.h -- how far all others have read a room: the status of one's own
 * messages is derived from it. Queried once a request, however many messages it shows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"
#include "shared/receipts_sql.h"

struct receipts {
	bool shown; /* not in public rooms, nor above RECEIPTS_MEMBERS_MAX */
	int64_t read_seq, delivered_seq;
};
/* Of the room with this id or, if it is not NULL, this number. */
struct db_call receipts_call(struct arena *a, const char *viewer, const char *room_id,
			     const char *room_no);
struct receipts receipts_from(const struct rows *rows);
/* The same for a room that is known to show receipts and to have other members. */
struct db_call receipts_of_others_call(struct arena *a, const char *viewer,
				       const char *room_no);
void receipts_of_others(const struct rows *rows, struct receipts *out);

/* For a message of the viewer's: sent, delivered, read; NULL if it is not shown. */
const char *receipts_status(const struct event *message, const struct receipts *r);

/* With the room's last seq: together they determine whether an answer that shows a status
 * has changed. */
enum err room_receipts(struct db *db, struct arena *a, const char *viewer,
		       const char *room_id, int64_t *out_seq, struct receipts *out);

extern const struct stmt *const receipts_statements[];
