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
struct db_call receipts_call(struct arena *a, const char *viewer, const char *room_no);
struct receipts receipts_from(const struct rows *rows);
/* The same for a room that is known to show receipts and to have other members. */
struct db_call receipts_of_others_call(struct arena *a, const char *viewer,
				       const char *room_no);
void receipts_of_others(const struct rows *rows, struct receipts *out);

/* For a message of the viewer's: sent, delivered, read; NULL if it is not shown. */
const char *receipts_status(const struct event *message, const struct receipts *r);

extern const struct stmt *const receipts_statements[];
