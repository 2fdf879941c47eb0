/* users_store.c -- see users_store.h. */
#include "fcgi/users_store.h"
#include "shared/user_columns.h"

/* ---- oneself ------------------------------------------------------------- */

#define OWN OWN_COLUMNS("u", "a")

static enum err
read_own(struct db *db, struct arena *a, const struct db_call *call, struct user *out)
{
	struct rows rows;

	TRY(db_query(db, a, call, &rows));
	if (rows.count == 0)
		return ERR_UNAUTHENTICATED;
	*out = own_from(&rows, 0);
	return OK;
}

static const struct stmt own = {
	"user_own",
	"SELECT " OWN " FROM users u JOIN accounts a ON a.user_id = u.id"
	" WHERE u.id = $1",
};

enum err
user_own(struct db *db, struct arena *a, const char *user_id, struct user *out)
{
	return read_own(db, a, &DB_CALL(&own, user_id), out);
}

static const struct stmt update = {
	"user_update",
	"WITH changed AS (UPDATE users SET"
	" first_name = CASE WHEN $2::boolean THEN $3 ELSE first_name END,"
	" first_key = CASE WHEN $2::boolean THEN $4 ELSE first_key END,"
	" last_name = CASE WHEN $5::boolean THEN $6 ELSE last_name END,"
	" last_key = CASE WHEN $5::boolean THEN $7 ELSE last_key END,"
	" bio = CASE WHEN $8::boolean THEN $9 ELSE bio END,"
	" settings = settings || $10::jsonb WHERE id = $1 RETURNING *"
	") SELECT " OWN " FROM changed u JOIN accounts a ON a.user_id = u.id",
};

static const char *
yes_no(bool yes)
{
	return yes ? "true" : "false";
}

enum err
user_update(struct db *db, struct arena *a, const struct user_change *c, struct user *out)
{
	return read_own(db, a,
			&DB_CALL(&update, c->user_id, yes_no(c->first_name.given),
				 c->first_name.text, c->first_key,
				 yes_no(c->last_name.given), c->last_name.text,
				 c->last_key, yes_no(c->bio.given), c->bio.text,
				 c->settings ? c->settings : "{}"),
			out);
}

static const struct stmt set_status = {
	"user_set_status",
	"WITH changed AS (UPDATE users SET status = $2,"
	" status_text = CASE WHEN $3::boolean THEN $4 ELSE status_text END,"
	" last_seen_at = CASE WHEN $2 = 'offline' AND status <> 'offline' THEN now()"
	"  ELSE last_seen_at END WHERE id = $1 RETURNING *"
	") SELECT " OWN " FROM changed u JOIN accounts a ON a.user_id = u.id",
};

enum err
user_set_status(struct db *db, struct arena *a, const char *user_id, const char *status,
		const struct text_change *text, struct user *out)
{
	return read_own(
		db, a,
		&DB_CALL(&set_status, user_id, status, yes_no(text->given), text->text),
		out);
}

/* ---- others -------------------------------------------------------------- */

#define SEEN_COLUMNS USER_COLUMNS_IF("u", USER_IS_KNOWN("u"))

static const struct stmt get = {
	"user_get",
	"SELECT " SEEN_COLUMNS " FROM users u WHERE u.id = $2",
};

enum err
user_get(struct db *db, struct arena *a, const char *viewer, const char *user_id,
	 struct user *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&get, viewer, user_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = user_from(&rows, 0, 0);
	return OK;
}

/* ---- lists --------------------------------------------------------------- */

/* After the person: inside, word. */
static void
list_from(struct arena *a, const struct rows *r, struct user_list *out)
{
	out->count = r->count;
	out->items = ARENA_ARRAY(a, struct user, (size_t)r->count);
	out->places = ARENA_ARRAY(a, struct user_place, (size_t)r->count);
	for (int i = 0; i < r->count; i++) {
		out->items[i] = user_from(r, i, 0);
		out->places[i] = (struct user_place){
			rows_bool(r, i, USER_COLUMN_COUNT),
			rows_text(r, i, USER_COLUMN_COUNT + 1),
			out->items[i].id,
		};
	}
}

static const struct stmt list = {
	"users_list",
	"WITH page AS MATERIALIZED (SELECT id, login_key FROM users"
	" WHERE login_key > $2::text AND disabled_at IS NULL"
	" ORDER BY login_key LIMIT $3::bigint + 1"
	") SELECT " SEEN_COLUMNS ", false, page.login_key"
	" FROM page JOIN users u ON u.id = page.id ORDER BY page.login_key",
};

enum err
users_list(struct db *db, struct arena *a, const char *viewer,
	   const struct user_place *after, int64_t limit, struct user_list *out)
{
	const char *word = after ? after->word : "";
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&list, viewer, word, db_int(a, limit)), &rows));
	list_from(a, &rows, out);
	return OK;
}

/* One range of user_words_order for the words that begin with the key, and, while the
 * page is not full, one for the endings that do. A person stands at the first of their
 * words and is passed over at the others. What is asked of each word is asked as a
 * scalar, so that no plan can ask it of all of them first. */
#define BEYOND_KEY "$2::text || U&'\\+10FFFF'"
#define HITS(inside, limit)                                                            \
	"MATERIALIZED (SELECT w.inside, w.word, w.user_id FROM user_words w"           \
	" WHERE w.inside = " inside " AND w.word >= $2::text AND w.word < " BEYOND_KEY \
	" AND (w.inside, w.word, w.user_id) > ($3::boolean, $4::text, $5::uuid)"       \
	" AND (SELECT true FROM user_words b WHERE b.user_id = w.user_id"              \
	"  AND b.word >= $2::text AND b.word < " BEYOND_KEY                            \
	"  AND (b.inside, b.word) < (w.inside, w.word) LIMIT 1) IS NULL"               \
	" AND (SELECT o.disabled_at FROM users o WHERE o.id = w.user_id) IS NULL"      \
	" ORDER BY w.inside, w.word, w.user_id LIMIT " limit ")"
#define WHAT_IS_LEFT "$6::bigint + 1 - (SELECT count(*) FROM first)"

static const struct stmt search = {
	"users_search",
	/* clang-format off */
	"WITH first AS " HITS("false", "$6::bigint + 1") ","
	" further AS " HITS("true", WHAT_IS_LEFT) ","
	" page AS (SELECT * FROM first UNION ALL SELECT * FROM further)"
	" SELECT " SEEN_COLUMNS ", page.inside, page.word"
	" FROM page JOIN users u ON u.id = page.user_id"
	" ORDER BY page.inside, page.word, page.user_id",
	/* clang-format on */
};

enum err
users_search(struct db *db, struct arena *a, const char *viewer, const char *key,
	     const struct user_place *after, int64_t limit, struct user_list *out)
{
	static const struct user_place begin = {
		.word = "", .user_id = "00000000-0000-0000-0000-000000000000"
	};
	const struct user_place *place = after ? after : &begin;
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&search, viewer, key, yes_no(place->inside), place->word,
			      place->user_id, db_int(a, limit)),
		     &rows));
	list_from(a, &rows, out);
	return OK;
}

const struct stmt *const users_statements[] = { &own,  &update, &set_status, &get,
						&list, &search, NULL };
