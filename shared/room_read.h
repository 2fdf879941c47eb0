/* room_read.h -- reading a room as a person sees it, in any statement. */
#pragma once

#include "shared/db.h"
#include "shared/err.h"
#include "shared/model.h"
#include "shared/receipts_sql.h"
#include "shared/roomlog.h"
#include "shared/user_columns.h"

/* A room as $1 sees it, for the rooms in `page`. owner_id comes from the one row that may
 * hold the role; the other member of a direct room and the last message are one probe
 * each. */
#define ROOM_COLUMNS                                                          \
	"r.no, r.id, r.kind, r.name, r.description, r.avatar, r.join_by_id,"  \
	" r.max_members, r.settings, ms(r.created_at), h.seq,"                \
	" h.member_count, owner.user_id, m.user_id IS NOT NULL, m.role,"      \
	" ms(m.joined_at), m.read_seq, " ROOMLOG_UNREAD ", " ROOMLOG_MENTIONS \
	", ms(m.muted_until), m.notify, ms(h.active_at), " ROOM_PEER_COLUMNS  \
	", " ROOMLOG_MESSAGE("$1::uuid") ", " RECEIPTS_STATUS("$1::uuid")
#define ROOM_PEER_COLUMNS USER_COLUMNS_IF("peer", "m.user_id IS NOT NULL")
enum {
	ROOM_CREATED = 9,
	ROOM_ACTIVE = 21,
	ROOM_PEER = 22,
	ROOM_LAST = ROOM_PEER + USER_COLUMN_COUNT,
	ROOM_LAST_STATUS = ROOM_LAST + ROOMLOG_COLUMN_COUNT,
	ROOM_COLUMN_COUNT
};

#define ROOM_JOINS                                                                       \
	" FROM page JOIN rooms r ON r.no = page.no"                                      \
	" JOIN room_heads h ON h.room_no = r.no"                                         \
	" LEFT JOIN members m ON m.room_no = r.no AND m.user_id = $1::uuid"              \
	"  AND NOT m.banned"                                                             \
	" LEFT JOIN members owner ON owner.room_no = r.no AND owner.role = 'owner'"      \
	" LEFT JOIN LATERAL (SELECT u.* FROM members o JOIN users u ON u.id = o.user_id" \
	"  WHERE r.kind = 'direct' AND o.room_no = r.no AND o.user_id <> $1::uuid"       \
	"  LIMIT 1) peer ON true"                                                        \
	" LEFT JOIN log l ON l.room_no = r.no AND l.seq = h.last_message"                \
	"  AND (r.settings->>'history' = 'all' OR l.seq >= m.joined_seq)"                \
	"  AND m.user_id IS NOT NULL" ROOMLOG_SENDER

/* A row whose first columns are ROOM_COLUMNS. */
void room_from(const struct rows *rows, int row, struct room *out);

/* One room: visible to members, and public rooms to everybody. */
struct db_call room_get_call(struct arena *a, const char *viewer, const char *room_id);
/* ERR_NOT_FOUND without a row. */
enum err room_get_read(const struct rows *rows, struct room *out);

extern const struct stmt room_get_statement;
extern const struct stmt *const room_read_statements[];
