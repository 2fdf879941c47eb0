/* directory_store.c -- see directory_store.h. */
#include "fcgi/directory_store.h"
#include "shared/user_columns.h"

/* ---- by login ------------------------------------------------------------ */

/* Columns after the person: inside, word. */
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

static enum err
read_list(struct db *db, struct arena *a, const struct stmt *s, const char *viewer,
	  const struct user_place *after, int64_t limit, struct user_list *out)
{
	const char *word = after ? after->word : "";
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(s, viewer, word, db_int(a, limit)), &rows));
	list_from(a, &rows, out);
	return OK;
}

static const struct stmt list = {
	"users_list",
	"WITH page AS MATERIALIZED (SELECT id, login_key FROM users"
	" WHERE login_key > $2::text AND disabled_at IS NULL"
	" ORDER BY login_key LIMIT $3::bigint + 1"
	") SELECT " USER_COLUMNS(
		"u") ", false, page.login_key"
		     " FROM page JOIN users u ON u.id = page.id ORDER BY page.login_key",
};

enum err
users_list(struct db *db, struct arena *a, const char *viewer,
	   const struct user_place *after, int64_t limit, struct user_list *out)
{
	return read_list(db, a, &list, viewer, after, limit, out);
}

/* The people whom $1 knows anyway: themselves, those in their list, and those who share a
 * room that is not public. */
#define CIRCLE                                                                         \
	"circle AS MATERIALIZED (SELECT $1::uuid AS id"                                \
	" UNION SELECT c.contact_id FROM contacts c WHERE c.user_id = $1::uuid"        \
	" UNION SELECT theirs.user_id FROM members mine"                               \
	"  JOIN rooms common ON common.no = mine.room_no AND common.kind <> 'public'"  \
	"  JOIN members theirs ON theirs.room_no = mine.room_no AND NOT theirs.banned" \
	"  WHERE mine.user_id = $1::uuid AND NOT mine.banned)"

static const struct stmt circle_list_stmt = {
	"circle_list",
	"WITH " CIRCLE ", page AS MATERIALIZED (SELECT o.id, o.login_key"
	" FROM circle JOIN users o ON o.id = circle.id"
	" WHERE o.login_key > $2::text AND o.disabled_at IS NULL"
	" ORDER BY o.login_key LIMIT $3::bigint + 1"
	") SELECT " USER_COLUMNS(
		"u") ", false, page.login_key"
		     " FROM page JOIN users u ON u.id = page.id ORDER BY page.login_key",
};

enum err
circle_list(struct db *db, struct arena *a, const char *viewer,
	    const struct user_place *after, int64_t limit, struct user_list *out)
{
	return read_list(db, a, &circle_list_stmt, viewer, after, limit, out);
}

/* ---- searching ------------------------------------------------------------ */

/* One range of user_words_order for words that begin with the key and, while the page is
 * not full, one for endings of words that do. A person is found at the first of their
 * matching words and skipped at the others. The conditions on each word are scalar
 * subqueries, so that no plan evaluates them for all words first. */
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

static const struct stmt search_stmt = {
	"users_search",
	/* clang-format off */
	"WITH first AS " HITS("false", "$6::bigint + 1") ","
	" further AS " HITS("true", WHAT_IS_LEFT) ","
	" page AS (SELECT * FROM first UNION ALL SELECT * FROM further)"
	" SELECT " USER_COLUMNS("u") ", page.inside, page.word"
	" FROM page JOIN users u ON u.id = page.user_id"
	" ORDER BY page.inside, page.word, page.user_id",
	/* clang-format on */
};

static enum err
search(struct db *db, struct arena *a, const struct stmt *s, const char *viewer,
       const char *key, const struct user_place *after, int64_t limit,
       struct user_list *out)
{
	static const struct user_place begin = {
		.word = "", .user_id = "00000000-0000-0000-0000-000000000000"
	};
	const struct user_place *place = after ? after : &begin;
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(s, viewer, key, place->inside ? "true" : "false",
			      place->word, place->user_id, db_int(a, limit)),
		     &rows));
	list_from(a, &rows, out);
	return OK;
}

enum err
users_search(struct db *db, struct arena *a, const char *viewer, const char *key,
	     const struct user_place *after, int64_t limit, struct user_list *out)
{
	return search(db, a, &search_stmt, viewer, key, after, limit, out);
}

static const struct stmt circle_search_stmt = {
	"circle_search",
	"WITH " CIRCLE ", page AS MATERIALIZED (SELECT o.id, w.inside, w.word"
	" FROM circle JOIN users o ON o.id = circle.id AND o.disabled_at IS NULL"
	" CROSS JOIN LATERAL (SELECT b.inside, b.word FROM user_words b"
	"  WHERE b.user_id = o.id AND b.word >= $2::text AND b.word < " BEYOND_KEY
	"  ORDER BY b.inside, b.word LIMIT 1) w"
	" WHERE (w.inside, w.word, o.id) > ($3::boolean, $4::text, $5::uuid)"
	" ORDER BY w.inside, w.word, o.id LIMIT $6::bigint + 1"
	") SELECT " USER_COLUMNS("u") ", page.inside, page.word"
				      " FROM page JOIN users u ON u.id = page.id"
				      " ORDER BY page.inside, page.word, page.id",
};

enum err
circle_search(struct db *db, struct arena *a, const char *viewer, const char *key,
	      const struct user_place *after, int64_t limit, struct user_list *out)
{
	return search(db, a, &circle_search_stmt, viewer, key, after, limit, out);
}

const struct stmt *const directory_statements[] = {
	&list, &circle_list_stmt, &search_stmt, &circle_search_stmt, NULL,
};
