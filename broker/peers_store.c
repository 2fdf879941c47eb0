/* peers_store.c -- see peers_store.h. */
#include "broker/peers_store.h"

#include "shared/brokers.h"

/* is_new is computed on the state before this statement. */
/* clang-format off */
static const struct stmt beat = {
	"peers_beat",
	"WITH forgotten AS ("
	" DELETE FROM brokers WHERE seen_at < now() - interval '1 minute' AND id <> $1::uuid"
	"), mine AS ("
	" INSERT INTO brokers AS b (id, hears_bus) VALUES ($1::uuid, $2::boolean)"
	" ON CONFLICT (id) DO UPDATE SET seen_at = now(), hears_bus = excluded.hears_bus"
	"), others AS ("
	" SELECT count(*) AS all, count(*) FILTER (WHERE NOT other.hears_bus) AS deaf"
	" FROM brokers other WHERE other.id <> $1::uuid AND " BROKER_IS_ALIVE("other")
	") SELECT others.all, others.deaf,"
	" (SELECT true FROM brokers b WHERE b.id = $1::uuid AND " BROKER_IS_ALIVE("b") ") IS NULL,"
	" instance.bus_key FROM others, instance",
};
/* clang-format on */

struct db_call
peers_beat_call(struct arena *a, const char *id, bool hears)
{
	return DB_CALL_IN(a, &beat, id, hears ? "true" : "false");
}

const char *
peers_beat_read(const struct rows *r, int *out_others, int *out_deaf, bool *out_is_new)
{
	*out_others = (int)rows_int(r, 0, 0);
	*out_deaf = (int)rows_int(r, 0, 1);
	*out_is_new = rows_bool(r, 0, 2);
	return rows_text(r, 0, 3);
}

static const struct stmt leave = {
	"peers_leave",
	"DELETE FROM brokers WHERE id = $1::uuid",
};

struct db_call
peers_leave_call(struct arena *a, const char *id)
{
	return DB_CALL_IN(a, &leave, id);
}

static const struct stmt tell = {
	"peers_tell",
	"SELECT pg_notify('foyer_wake', said) FROM unnest($1::text[]) said",
};

struct db_call
peers_tell_call(struct arena *a, const char *const *texts, int count)
{
	return DB_CALL_IN(a, &tell, db_array(a, texts, count));
}

const struct stmt *const peers_statements[] = { &beat, &leave, NULL };
const struct stmt *const peers_tell_statements[] = { &tell, NULL };
