/* contacts_store.c -- see contacts_store.h. */
#include "fcgi/contacts_store.h"
#include "shared/user_columns.h"

/* The word by which a contact is sorted, as far as a cursor holds it. */
#define STANDS_AT                                               \
	"left(coalesce(c.nickname_key,"                         \
	" nullif(concat_ws(' ', o.first_key, o.last_key), '')," \
	" o.login_key), 64) COLLATE \"C\""

#define CONTACT_COLUMNS USER_COLUMNS("u") ", c.nickname, c.blocked, ms(c.created_at)"
enum { CONTACT_COLUMN_COUNT = USER_COLUMN_COUNT + 3 };

static struct contact
contact_from(const struct rows *r, int row)
{
	return (struct contact){
		.user = user_from(r, row, 0),
		.nickname = rows_text(r, row, USER_COLUMN_COUNT),
		.blocked = rows_bool(r, row, USER_COLUMN_COUNT + 1),
		.created_at = rows_int(r, row, USER_COLUMN_COUNT + 2),
	};
}

static enum err
read_one(struct db *db, struct arena *a, const struct db_call *call, struct contact *out)
{
	struct rows rows;

	TRY(db_query(db, a, call, &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = contact_from(&rows, 0);
	return OK;
}

static const char *
yes_no(bool yes)
{
	return yes ? "true" : "false";
}

/* ---- one ----------------------------------------------------------------- */

static const struct stmt get = {
	"contact_get",
	"SELECT " CONTACT_COLUMNS " FROM contacts c JOIN users u ON u.id = c.contact_id"
	" WHERE c.user_id = $1 AND c.contact_id = $2",
};

enum err
contact_get(struct db *db, struct arena *a, const char *owner_id, const char *user_id,
	    struct contact *out)
{
	return read_one(db, a, &DB_CALL(&get, owner_id, user_id), out);
}

/* Claims an Idempotency-Key first, or locks its row, so that the next statement sees what
 * another request with this key did. The user's own id stands for "nothing yet", since
 * nobody is in their own list. $2 key, $3 fingerprint. */
static const struct stmt claim_key = {
	"contact_claim_key",
	"INSERT INTO idempotency_keys AS k"
	" (user_id, route, key, fingerprint, thing_id, status)"
	" VALUES ($1, 'POST /contacts', $2, $3, $1, 201)"
	" ON CONFLICT (user_id, route, key) DO UPDATE SET created_at = k.created_at",
};

/* Runs last: deletes the key if it still stands for nothing. */
static const struct stmt free_key = {
	"contact_free_key",
	"DELETE FROM idempotency_keys WHERE user_id = $1 AND route = 'POST /contacts'"
	" AND key = $2 AND thing_id = user_id",
};

/* The new values of contact c, from these parameters. */
#define CHANGED_NICKNAME "CASE WHEN $3::boolean THEN $4 ELSE c.nickname END"
#define CHANGED_KEY "CASE WHEN $3::boolean THEN $5 ELSE c.nickname_key END"
#define CHANGED_BLOCKED "CASE WHEN $6::boolean THEN $7::boolean ELSE c.blocked END"

/* $2 id or $8 login_key, $3..$7 the change, $9 key, $10 fingerprint, $11 contacts at
 * most. A key whose contact is gone is free. */
static const struct stmt put = {
	"contact_put",
	/* clang-format off */
	"WITH whom AS MATERIALIZED ("
	" SELECT id FROM users WHERE id = $2::uuid OR login_key = $8::text"
	"), keyed AS MATERIALIZED ("
	" SELECT k.thing_id, k.fingerprint FROM idempotency_keys k JOIN contacts c"
	"  ON c.user_id = k.user_id AND c.contact_id = k.thing_id"
	" WHERE k.user_id = $1::uuid AND k.route = 'POST /contacts' AND k.key = $9::text"
	"), verdict AS MATERIALIZED ("
	" SELECT whom.id, keyed.thing_id, CASE"
	"  WHEN keyed.fingerprint <> $10::bigint THEN 'mismatch'"
	"  WHEN keyed.thing_id IS NOT NULL THEN 'was_there'"
	"  WHEN whom.id IS NULL THEN 'no_user' WHEN whom.id = $1::uuid THEN 'self'"
	"  WHEN NOT EXISTS (SELECT FROM contacts c"
	"    WHERE c.user_id = $1::uuid AND c.contact_id = whom.id)"
	"   AND (SELECT count(*) FROM contacts c WHERE c.user_id = $1::uuid) >= $11::bigint"
	"   THEN 'too_many' ELSE 'put' END AS result"
	" FROM (VALUES (1)) one LEFT JOIN whom ON true LEFT JOIN keyed ON true"
	"), noted AS ("
	" UPDATE idempotency_keys k SET thing_id = v.id, fingerprint = $10::bigint"
	" FROM verdict v WHERE v.result = 'put' AND k.user_id = $1::uuid"
	"  AND k.route = 'POST /contacts' AND k.key = $9::text"
	"), kept AS ("
	" INSERT INTO contacts AS c (user_id, contact_id, nickname, nickname_key, blocked)"
	" SELECT $1::uuid, id, $4::text, $5::text, coalesce($7::boolean, false)"
	" FROM verdict WHERE result = 'put'"
	" ON CONFLICT (user_id, contact_id) DO UPDATE SET nickname = " CHANGED_NICKNAME ","
	"  nickname_key = " CHANGED_KEY ", blocked = " CHANGED_BLOCKED
	") SELECT result, coalesce(thing_id, id) FROM verdict",
	/* clang-format on */
};

static enum contact_put
put_of(const struct rows *r)
{
	static const char *const words[] = {
		[CONTACT_PUT] = "put",		 [CONTACT_WAS_THERE] = "was_there",
		[CONTACT_NO_USER] = "no_user",	 [CONTACT_SELF] = "self",
		[CONTACT_TOO_MANY] = "too_many", [CONTACT_MISMATCH] = "mismatch",
		[CONTACT_MISMATCH + 1] = NULL,
	};

	return (enum contact_put)name_index(words, rows_text(r, 0, 0));
}

enum err
contact_put(struct db *db, struct arena *a, const struct contact_draft *d,
	    enum contact_put *out_put, struct contact *out)
{
	const struct contact_change *c = &d->change;
	const char *fingerprint = db_int(a, d->fingerprint);
	const struct db_call calls[] = {
		DB_CALL(&claim_key, d->owner_id, d->key, fingerprint),
		DB_CALL(&put, d->owner_id, d->user_id, yes_no(c->given_nickname),
			c->nickname, c->nickname_key, yes_no(c->given_blocked),
			yes_no(c->blocked), d->login_key, d->key, fingerprint,
			db_int(a, d->max_contacts)),
		DB_CALL(&free_key, d->owner_id, d->key),
	};
	struct rows rows[3];

	if (d->key)
		TRY(db_batch(db, a, calls, 3, rows));
	else
		TRY(db_query(db, a, &calls[1], &rows[1]));
	*out_put = put_of(&rows[1]);
	if (*out_put != CONTACT_PUT && *out_put != CONTACT_WAS_THERE)
		return OK;
	return contact_get(db, a, d->owner_id, rows_text(&rows[1], 0, 1), out);
}

static const struct stmt update = {
	"contact_update",
	"WITH c AS (UPDATE contacts c SET nickname = " CHANGED_NICKNAME
	", nickname_key = " CHANGED_KEY ", blocked = " CHANGED_BLOCKED
	" WHERE c.user_id = $1::uuid AND c.contact_id = $2::uuid RETURNING 1"
	") SELECT true FROM c",
};

enum err
contact_update(struct db *db, struct arena *a, const char *owner_id, const char *user_id,
	       const struct contact_change *c, struct contact *out)
{
	const struct db_call calls[] = {
		DB_CALL(&update, owner_id, user_id, yes_no(c->given_nickname),
			c->nickname, c->nickname_key, yes_no(c->given_blocked),
			yes_no(c->blocked)),
		DB_CALL(&get, owner_id, user_id),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	if (rows[1].count == 0)
		return ERR_NOT_FOUND;
	*out = contact_from(&rows[1], 0);
	return OK;
}

static const struct stmt remove_contact = {
	"contact_remove",
	"WITH gone AS (DELETE FROM contacts WHERE user_id = $1 AND contact_id = $2"
	"  RETURNING contact_id),"
	" freed AS (DELETE FROM idempotency_keys k USING gone WHERE k.user_id = $1"
	"  AND k.route = 'POST /contacts' AND k.thing_id = gone.contact_id)"
	" SELECT true FROM gone",
};

enum err
contact_remove(struct db *db, struct arena *a, const char *owner_id, const char *user_id)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&remove_contact, owner_id, user_id), &rows));
	return rows.count == 0 ? ERR_NOT_FOUND : OK;
}

/* ---- the list ------------------------------------------------------------ */

static const struct stmt list = {
	"contacts_list",
	"WITH page AS MATERIALIZED (SELECT c.contact_id, " STANDS_AT " AS word"
	" FROM contacts c JOIN users o ON o.id = c.contact_id WHERE c.user_id = $1::uuid"
	" AND ($2::boolean IS NULL OR c.blocked = $2::boolean)"
	" AND (" STANDS_AT ", c.contact_id) > ($3::text, $4::uuid)"
	" ORDER BY word, c.contact_id LIMIT $5::bigint + 1"
	") SELECT " CONTACT_COLUMNS ", page.word FROM page JOIN contacts c"
	"  ON c.user_id = $1::uuid AND c.contact_id = page.contact_id"
	" JOIN users u ON u.id = c.contact_id ORDER BY page.word, page.contact_id",
};

enum err
contacts_list(struct db *db, struct arena *a, const char *owner_id, int blocked,
	      const struct contact_place *after, int64_t limit, struct contact_list *out)
{
	static const struct contact_place begin = {
		"", "00000000-0000-0000-0000-000000000000"
	};
	const struct contact_place *place = after ? after : &begin;
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&list, owner_id, blocked < 0 ? NULL : yes_no(blocked),
			      place->word, place->user_id, db_int(a, limit)),
		     &rows));
	out->count = rows.count;
	out->items = ARENA_ARRAY(a, struct contact, (size_t)rows.count);
	out->places = ARENA_ARRAY(a, struct contact_place, (size_t)rows.count);
	for (int i = 0; i < rows.count; i++) {
		out->items[i] = contact_from(&rows, i);
		out->places[i] =
			(struct contact_place){ rows_text(&rows, i, CONTACT_COLUMN_COUNT),
						out->items[i].user.id };
	}
	return OK;
}

const struct stmt *const contacts_statements[] = {
	&get, &claim_key, &free_key, &put, &update, &remove_contact, &list, NULL,
};
