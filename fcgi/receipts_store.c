/* receipts_store.c -- see receipts_store.h. */
#include "fcgi/receipts_store.h"

/* For room r, as far as $1, who wrote there, may know. */
static const struct stmt receipts = {
	"message_receipts",
	/* clang-format off */
	"SELECT " RECEIPTS_SHOWN("$2::bigint") ", others.read_seq, others.delivered_seq"
	" FROM rooms r"
	" JOIN members m ON m.room_no = r.no AND m.user_id = $1::uuid AND NOT m.banned"
	" JOIN room_heads h ON h.room_no = r.no"
	" LEFT JOIN LATERAL ("
	"  SELECT " RECEIPTS_READ " AS read_seq,"
	"   " RECEIPTS_DELIVERED " AS delivered_seq"
	"  FROM " RECEIPTS_OTHERS("$1::uuid") " AND " RECEIPTS_SHOWN("$2::bigint")
	" ) others ON true"
	" WHERE r.no = $3::bigint",
	/* clang-format on */
};

struct db_call
receipts_call(struct arena *a, const char *viewer, const char *room_no)
{
	return DB_CALL_IN(a, &receipts, viewer, db_int(a, RECEIPTS_MEMBERS_MAX), room_no);
}

struct receipts
receipts_from(const struct rows *r)
{
	if (r->count == 0)
		return (struct receipts){};
	return (struct receipts){
		.shown = rows_bool(r, 0, 0),
		.read_seq = rows_int(r, 0, 1),
		.delivered_seq = rows_int(r, 0, 2),
	};
}

/* For a room whose number is known. */
static const struct stmt of_others = {
	"message_receipts_of_others",
	"SELECT " RECEIPTS_READ ", " RECEIPTS_DELIVERED
	" FROM (SELECT $2::bigint AS no) r, " RECEIPTS_OTHERS("$1::uuid"),
};

struct db_call
receipts_of_others_call(struct arena *a, const char *viewer, const char *room_no)
{
	return DB_CALL_IN(a, &of_others, viewer, room_no);
}

void
receipts_of_others(const struct rows *rows, struct receipts *out)
{
	out->read_seq = rows_int(rows, 0, 0);
	out->delivered_seq = rows_int(rows, 0, 1);
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

const struct stmt *const receipts_statements[] = { &receipts, &of_others, NULL };
