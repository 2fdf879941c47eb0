/* receipts_store.h -- how far all others have a room: what the status of one's own
 * messages is made of. Asked once a request, however many messages it shows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/allowed.h"
#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"

struct receipts {
	bool shown; /* not in public rooms, nor above RECEIPTS_MEMBERS_MAX */
	int64_t read_seq, delivered_seq;
};
#define RECEIPTS_MEMBERS_MAX 100

/* The same for a statement that shows one message l of room r with head h: its status, if
 * `viewer` wrote it. Whoever says nothing of what they read has it delivered at most;
 * with whom one of them is blocked does not count. */
#define RECEIPTS_STATUS(viewer)                                                             \
	"CASE WHEN l.actor_id = " viewer " AND " RECEIPTS_SHOWN(RECEIPTS_TEXT(              \
		RECEIPTS_MEMBERS_MAX)) " THEN (SELECT CASE"                                 \
				       " WHEN l.seq <= " RECEIPTS_READ(                     \
					       viewer) " THEN 'read'"                       \
						       " WHEN l.seq <= " RECEIPTS_DELIVERED \
						       " THEN 'delivered' ELSE 'sent' END"  \
						       " FROM " RECEIPTS_OTHERS(            \
							       viewer) ") END"
#define RECEIPTS_SHOWN(most) "(r.kind <> 'public' AND h.member_count <= " most ")"
#define RECEIPTS_READ(viewer)                          \
	"min(CASE WHEN " ALLOWED_RECEIPTS("o.user_id", \
					  viewer) " THEN o.read_seq ELSE 0 END)"
#define RECEIPTS_DELIVERED "min(greatest(o.read_seq, o.delivered_seq))"
#define RECEIPTS_OTHERS(viewer)                                                         \
	"members o WHERE o.room_no = r.no AND o.user_id <> " viewer " AND NOT o.banned" \
	" AND NOT " ALLOWED_BLOCKED("o.user_id", viewer)
#define RECEIPTS_TEXT(number) RECEIPTS_TEXT_(number)
#define RECEIPTS_TEXT_(number) #number

/* Of the room with this id or, if it is not NULL, this number. */
struct db_call receipts_call(struct arena *a, const char *viewer, const char *room_id,
			     const char *room_no);
struct receipts receipts_from(const struct rows *rows);

/* Of a message of the viewer's: sent, delivered, read; NULL where it is not shown. */
const char *receipts_status(const struct event *message, const struct receipts *r);

/* With the room's last seq: what changes an answer that shows a status. */
enum err room_receipts(struct db *db, struct arena *a, const char *viewer,
		       const char *room_id, int64_t *out_seq, struct receipts *out);

extern const struct stmt *const receipts_statements[];
