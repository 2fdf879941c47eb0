/* receipts_store.c -- see receipts_store.h. */
#include "fcgi/receipts_store.h"

#include "shared/allowed.h"

#define RECEIPTS_SHOWN "(r.kind <> 'public' AND h.member_count <= $2::bigint)"

#define TELLS ALLOWED_RECEIPTS("o.user_id", "$1::uuid")
#define IS_BLOCKED ALLOWED_BLOCKED("o.user_id", "$1::uuid")

/* Of room r as $1, who wrote there, may know it. Whoever says nothing of what they read
 * has it delivered at most; with whom one of them is blocked does not count. */
static const struct stmt receipts = {
	"message_receipts",
	"SELECT h.seq, " RECEIPTS_SHOWN ", others.read_seq, others.delivered_seq"
	" FROM rooms r"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $1::uuid AND NOT m.banned"
	" JOIN room_heads h ON h.room_no = r.no"
	" LEFT JOIN LATERAL ("
	"  SELECT min(CASE WHEN " TELLS " THEN o.read_seq ELSE 0 END) AS read_seq,"
	"   min(greatest(o.read_seq, o.delivered_seq)) AS delivered_seq"
	"  FROM members o WHERE " RECEIPTS_SHOWN " AND o.room_no = r.no"
	"  AND o.user_id <> $1::uuid AND NOT o.banned AND NOT " IS_BLOCKED
	" ) others ON true"
	" WHERE r.no = coalesce($4::bigint, (SELECT no FROM rooms WHERE id = $3::uuid))",
};

struct db_call
receipts_call(struct arena *a, const char *viewer, const char *room_id,
	      const char *room_no)
{
	return DB_CALL_IN(a, &receipts, viewer, db_int(a, RECEIPTS_MEMBERS_MAX), room_id,
			  room_no);
}

struct receipts
receipts_from(const struct rows *r)
{
	if (r->count == 0)
		return (struct receipts){};
	return (struct receipts){
		.shown = rows_bool(r, 0, 1),
		.read_seq = rows_int(r, 0, 2),
		.delivered_seq = rows_int(r, 0, 3),
	};
}

const char *
receipts_status(const struct event *message, const struct receipts *r)
{
	if (!r->shown)
		return NULL;
	if (message->seq <= r->read_seq)
		return "read";
	return message->seq <= r->delivered_seq ? "delivered" : "sent";
}

enum err
room_receipts(struct db *db, struct arena *a, const char *viewer, const char *room_id,
	      int64_t *out_seq, struct receipts *out)
{
	struct db_call call = receipts_call(a, viewer, room_id, NULL);
	struct rows rows;

	TRY(db_query(db, a, &call, &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out_seq = rows_int(&rows, 0, 0);
	*out = receipts_from(&rows);
	return OK;
}

const struct stmt *const receipts_statements[] = { &receipts, NULL };
