/* session.c -- see session.h. The set is a hash table of ids with open addressing. Ids
 * are random, so their own bits serve as the hash. */
#include "shared/session.h"

#include <stdlib.h>
#include <string.h>

#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/roomlog.h"
#include "shared/text.h"
#include "shared/user_columns.h"

struct ended {
	uint8_t id[16];
	int64_t at_ms; /* 0: free */
};

struct revoked {
	struct ended *slots;
	size_t cap, count; /* cap is a power of two */
};

enum { FIRST_CAP = 64 };

static struct revoked *
with_capacity(size_t cap)
{
	struct revoked *r = xcalloc(1, sizeof(*r));

	r->slots = xcalloc(cap, sizeof(*r->slots));
	r->cap = cap;
	return r;
}

struct revoked *
revoked_new(void)
{
	return with_capacity(FIRST_CAP);
}

void
revoked_free(struct revoked *r)
{
	if (!r)
		return;
	free(r->slots);
	free(r);
}

static bool
id_of(const char *text, uint8_t id[16])
{
	struct uuid canonical;
	char hex[33];
	size_t n = 0;

	if (uuid_parse(text, &canonical) != OK)
		return false;
	for (const char *s = canonical.text; *s; s++)
		if (*s != '-')
			hex[n++] = *s;
	hex[n] = '\0';
	return text_unhex(hex, id, 16) == OK;
}

/* The slot that holds id, else the free one where it belongs. */
static struct ended *
slot_of(const struct revoked *r, const uint8_t id[16])
{
	uint64_t hash;

	memcpy(&hash, id, sizeof(hash));
	for (size_t i = hash & (r->cap - 1);; i = (i + 1) & (r->cap - 1))
		if (r->slots[i].at_ms == 0 || memcmp(r->slots[i].id, id, 16) == 0)
			return &r->slots[i];
}

/* Move the sessions that ended at or after since_ms into a table of cap slots. */
static void
rebuild(struct revoked *r, size_t cap, int64_t since_ms)
{
	struct revoked *fresh = with_capacity(cap);

	for (size_t i = 0; i < r->cap; i++)
		if (r->slots[i].at_ms != 0 && r->slots[i].at_ms >= since_ms) {
			*slot_of(fresh, r->slots[i].id) = r->slots[i];
			fresh->count++;
		}
	free(r->slots);
	*r = *fresh;
	free(fresh);
}

static void
add(struct revoked *r, const char *session_id, int64_t at_ms)
{
	uint8_t id[16];
	struct ended *slot;

	if (!id_of(session_id, id))
		return;
	if (r->count * 2 >= r->cap)
		rebuild(r, r->cap * 2, 0);
	slot = slot_of(r, id);
	if (slot->at_ms == 0)
		r->count++;
	memcpy(slot->id, id, sizeof(id));
	slot->at_ms = at_ms;
}

bool
revoked_has(const struct revoked *r, const char *session_id)
{
	uint8_t id[16];

	return id_of(session_id, id) && slot_of(r, id)->at_ms != 0;
}

/* Forget sessions that ended before this time: their tokens have expired. */
static void
expire(struct revoked *r, int64_t before_ms)
{
	rebuild(r, r->cap, before_ms);
}

static const struct stmt ended_since = {
	"sessions_ended_since",
	"SELECT session_id FROM revoked_sessions"
	" WHERE at >= now() - ($1::bigint + $2::bigint) * interval '1 ms'",
};

struct db_call
revoked_call(struct arena *a, int64_t age_ms)
{
	return DB_CALL_IN(a, &ended_since, db_int(a, age_ms),
			  db_int(a, REVOKED_MARGIN_MS));
}

void
revoked_take(struct revoked *r, const struct rows *rows, int64_t now_ms,
	     int64_t token_life_ms)
{
	expire(r, now_ms - token_life_ms - REVOKED_MARGIN_MS);
	for (int i = 0; i < rows->count; i++)
		add(r, rows_text(rows, i, 0), now_ms);
}

/* Keeps rows a day longer than needed: the life of a token is a setting, and may have
 * been longer before. */
static const struct stmt sweep_ended = {
	"sessions_ended_sweep",
	"DELETE FROM revoked_sessions WHERE session_id IN"
	" (SELECT session_id FROM revoked_sessions"
	"  WHERE at < now() - interval '1 day' - $1::bigint * interval '1 ms'"
	"  ORDER BY at LIMIT 1000)",
};

struct db_call
revoked_sweep_call(struct arena *a, int64_t token_life_ms)
{
	return DB_CALL_IN(a, &sweep_ended, db_int(a, token_life_ms));
}

#define SESSION_USER SIGNED_IN_COLUMNS("u")

/* last_used_at is only for display: one write a minute is enough. */
static const struct stmt check_session = {
	"session_check",
	"WITH seen AS (UPDATE sessions SET last_used_at = now() WHERE id = $1"
	"  AND last_used_at < now() - interval '1 minute')"
	" SELECT " SESSION_USER " FROM ("
	"  SELECT user_id FROM sessions WHERE id = $1 AND expires_at > now() UNION ALL"
	"  SELECT user_id FROM api_tokens WHERE id = $1"
	"   AND (expires_at IS NULL OR expires_at > now())"
	" ) s JOIN users u ON u.id = s.user_id"
	" WHERE s.user_id = $2 AND u.disabled_at IS NULL",
};

struct db_call
session_call(struct arena *a, const char *session_id, const char *user_id)
{
	return DB_CALL_IN(a, &check_session, session_id, user_id);
}

bool
session_user_from(const struct rows *r, struct user *out)
{
	if (r->count == 0)
		return false;
	*out = signed_in_from(r, 0);
	return true;
}

/* The same for a process that only needs to know whether the session lives: planning a
 * larger statement for a single request would cost more than all the rest. */
static const struct stmt session_lives = {
	"session_lives",
	"SELECT ms(u.last_seen_at), s.last_used_at < now() - interval '1 minute'"
	" FROM sessions s JOIN users u ON u.id = s.user_id"
	" WHERE s.id = $1 AND s.user_id = $2 AND s.expires_at > now()"
	" AND u.disabled_at IS NULL",
};
static const struct stmt session_used = {
	"session_used",
	"UPDATE sessions SET last_used_at = now() WHERE id = $1",
};

enum err
session_lives_ask(struct db *db, struct arena *a, const char *session_id,
		  const char *user_id, bool *out_lives, int64_t *out_seen_at)
{
	struct rows rows, none;

	TRY(db_query(db, a, &DB_CALL(&session_lives, session_id, user_id), &rows));
	*out_lives = rows.count == 1;
	*out_seen_at = rows.count == 1 ? rows_int(&rows, 0, 0) : 0;
	if (rows.count == 1 && rows_bool(&rows, 0, 1))
		TRY(db_query(db, a, &DB_CALL(&session_used, session_id), &none));
	return OK;
}

static const struct stmt note_seen = {
	"user_seen",
	"UPDATE users SET last_seen_at = now() WHERE id = $1 AND NOT seen_frozen"
	" AND (last_seen_at IS NULL OR last_seen_at < now() - interval '5 minutes')",
};

struct db_call
seen_call(struct arena *a, const char *user_id)
{
	return DB_CALL_IN(a, &note_seen, user_id);
}

const struct stmt *const session_statements[] = { &ended_since,	   &sweep_ended,
						  &check_session,  &session_lives,
						  &session_used,   &note_seen,
						  &api_token_find, NULL };
