/* receipts_sql.h -- how far all others have a room, in anybody's statement: what the
 * status of one's own messages is made of. */
#pragma once

#include "shared/allowed.h"

/* Larger rooms show no status. */
#define RECEIPTS_MEMBERS_MAX 100

/* For a statement that shows one message l of room r with head h: its status, if
 * `viewer` wrote it. Whoever says nothing of what they read has it delivered at most;
 * with whom one of them is blocked does not count. */
/* clang-format off */
#define RECEIPTS_STATUS(viewer)                                                      \
	"CASE WHEN l.actor_id = " viewer                                             \
	" AND " RECEIPTS_SHOWN(RECEIPTS_TEXT(RECEIPTS_MEMBERS_MAX)) " THEN (SELECT CASE" \
	" WHEN l.seq <= " RECEIPTS_READ " THEN 'read'"                               \
	" WHEN l.seq <= " RECEIPTS_DELIVERED " THEN 'delivered' ELSE 'sent' END"     \
	" FROM " RECEIPTS_OTHERS(viewer) ") END"
/* clang-format on */
#define RECEIPTS_SHOWN(most) "(r.kind <> 'public' AND h.member_count <= " most ")"
/* Of RECEIPTS_OTHERS, among whom nobody is blocked. */
#define RECEIPTS_READ \
	"min(CASE WHEN " ALLOWED_TELLS_READ("o.user_id") " THEN o.read_seq ELSE 0 END)"
#define RECEIPTS_DELIVERED "min(greatest(o.read_seq, o.delivered_seq))"
#define RECEIPTS_OTHERS(viewer)                                                         \
	"members o WHERE o.room_no = r.no AND o.user_id <> " viewer " AND NOT o.banned" \
	" AND NOT " ALLOWED_BLOCKED("o.user_id", viewer)
#define RECEIPTS_TEXT(number) RECEIPTS_TEXT_(number)
#define RECEIPTS_TEXT_(number) #number
