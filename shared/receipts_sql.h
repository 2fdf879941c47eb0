/* receipts_sql.h -- how far all others have read a room, for any statement: the status of
 * one's own messages is derived from it. */
#pragma once

#include "shared/allowed.h"

/* Larger rooms show no status. */
#define RECEIPTS_MEMBERS_MAX 100

/* For a statement that shows one message l of room r with head h: its status, if `viewer`
 * wrote it. A reader who does not send receipts counts as `delivered` at most; one whom a
 * block separates from the viewer does not count. */
/* clang-format off */
#define RECEIPTS_STATUS(viewer)                                                      \
	"CASE WHEN l.actor_id = " viewer                                             \
	" AND " RECEIPTS_SHOWN(RECEIPTS_TEXT(RECEIPTS_MEMBERS_MAX)) " THEN (SELECT CASE" \
	" WHEN l.seq <= " RECEIPTS_READ " THEN 'read'"                               \
	" WHEN l.seq <= " RECEIPTS_DELIVERED " THEN 'delivered' ELSE 'sent' END"     \
	" FROM " RECEIPTS_OTHERS(viewer) ") END"
/* clang-format on */
#define RECEIPTS_SHOWN(most) "(r.kind <> 'public' AND h.member_count <= " most ")"
/* Over RECEIPTS_OTHERS, which leaves out blocks. */
#define RECEIPTS_READ \
	"min(CASE WHEN " ALLOWED_TELLS_READ("o.user_id") " THEN o.read_seq ELSE 0 END)"
#define RECEIPTS_DELIVERED "min(greatest(o.read_seq, o.delivered_seq))"
#define RECEIPTS_OTHERS(viewer)                                                         \
	"members o WHERE o.room_no = r.no AND o.user_id <> " viewer " AND NOT o.banned" \
	" AND NOT " ALLOWED_BLOCKED("o.user_id", viewer)
#define RECEIPTS_TEXT(number) RECEIPTS_TEXT_(number)
#define RECEIPTS_TEXT_(number) #number
