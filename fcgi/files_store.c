#include "fcgi/files_store.h"
#include "shared/file_access.h"

enum { FILES_AT_ONCE = 200 };

/* Names are in UTF-8, sha256 is in hex, unknown facts are null. */
#define FACTS                                                         \
	"encode(b.sha256, 'hex'), b.size, b.mime, b.width, b.height," \
	" coalesce(b.duration_ms, -1), b.has_thumb"
enum { FACTS_COUNT = 7 };

static struct file
facts_from(const struct rows *r, int col)
{
	return (struct file){
		.sha256 = rows_text(r, 0, col),
		.size = rows_int(r, 0, col + 1),
		.mime = rows_text(r, 0, col + 2),
		.width = rows_int(r, 0, col + 3),
		.height = rows_int(r, 0, col + 4),
		.duration_ms = rows_int(r, 0, col + 5),
		.has_thumb = rows_bool(r, 0, col + 6),
	};
}

static enum err
file_from(const struct rows *r, struct file *out)
{
	if (r->count == 0)
		return ERR_NOT_FOUND;
	*out = facts_from(r, 2);
	out->id = rows_text(r, 0, 0);
	out->name = rows_text(r, 0, 1);
	return OK;
}

/* ---- storing ------------------------------------------------------------- */

/* One at a time for each person: two uploads at once would both fit. Also keeps the
 * person from being removed until the end. No row: the account is gone. */
static const struct stmt one_at_a_time = {
	"files_one_at_a_time",
	"SELECT pg_advisory_xact_lock(hashtextextended('files ' || id, 0)) FROM users"
	" WHERE id = $1 FOR KEY SHARE",
};

/* What the key $2 of $1 made, while that exists. */
#define OF_KEY(user, key)                                      \
	"idempotency_keys k JOIN files f ON f.id = k.thing_id" \
	" WHERE k.user_id = " user " AND k.route = 'POST /files' AND k.key = " key

/* A small file counts as a disk block, which limits the number of files. Facts about a
 * content that are already known stay, and missing ones are added. $11 key, $12
 * fingerprint. */
static const struct stmt insert = {
	"file_insert",
	"WITH used AS (SELECT sum(greatest(b.size, 4096)) AS bytes FROM files f"
	"  JOIN blobs b ON b.sha256 = f.sha256 WHERE f.user_id = $1 AND $10 > 0),"
	" blob AS (INSERT INTO blobs (sha256, size, mime, width, height, duration_ms,"
	"   has_thumb)"
	"  SELECT decode($3, 'hex'), $4, $5, nullif($6::integer, 0),"
	"   nullif($7::integer, 0), nullif($8::bigint, -1), $9 FROM used"
	"  WHERE ($10 = 0 OR coalesce(bytes, 0) + greatest($4::bigint, 4096)"
	"   <= $10::bigint)"
	"  AND NOT EXISTS (SELECT FROM " OF_KEY(
		"$1",
		"$11::text") ")"
			     "  AND EXISTS (SELECT FROM users WHERE id = $1)"
			     "  ON CONFLICT (sha256) DO UPDATE SET unused_since = NULL,"
			     "   width = coalesce(blobs.width, excluded.width),"
			     "   height = coalesce(blobs.height, excluded.height),"
			     "   duration_ms = coalesce(blobs.duration_ms, excluded.duration_ms),"
			     "   has_thumb = blobs.has_thumb OR excluded.has_thumb RETURNING *),"
			     " made AS (INSERT INTO files (user_id, sha256, name)"
			     "  SELECT $1, sha256, $2 FROM blob RETURNING id, name),"
			     " keyed AS (INSERT INTO idempotency_keys AS k"
			     "   (user_id, route, key, fingerprint, thing_id, status)"
			     "  SELECT $1, 'POST /files', $11, $12::bigint, made.id, 201 FROM made"
			     "  WHERE $11 IS NOT NULL"
			     "  ON CONFLICT (user_id, route, key) DO UPDATE SET thing_id = excluded.thing_id,"
			     "   fingerprint = excluded.fingerprint)"
			     " SELECT made.id, made.name, " FACTS " FROM made, blob b",
};

static const char *
yes_no(bool yes)
{
	return yes ? "true" : "false";
}

static const struct stmt find_key = {
	"file_of_key",
	"SELECT f.id, f.name, " FACTS ", k.fingerprint = $3::bigint"
	" FROM blobs b, " OF_KEY("$1", "$2") " AND b.sha256 = f.sha256",
};

enum err
file_of_key(struct db *db, struct arena *a, const char *user_id,
	    const struct file_key *key, struct file *out)
{
	struct rows rows;

	if (!key->key)
		return ERR_NOT_FOUND;
	TRY(db_query(db, a,
		     &DB_CALL(&find_key, user_id, key->key, db_int(a, key->fingerprint)),
		     &rows));
	TRY(file_from(&rows, out));
	return rows_bool(&rows, 0, 2 + FACTS_COUNT) ? OK : ERR_CONFLICT;
}

enum err
file_insert(struct db *db, struct arena *a, const char *user_id, const struct file *facts,
	    int64_t quota, const struct file_key *key, struct file *out)
{
	const struct db_call calls[] = {
		DB_CALL(&one_at_a_time, user_id),
		DB_CALL(&insert, user_id, facts->name, facts->sha256,
			db_int(a, facts->size), facts->mime, db_int(a, facts->width),
			db_int(a, facts->height), db_int(a, facts->duration_ms),
			yes_no(facts->has_thumb), db_int(a, quota), key->key,
			db_int(a, key->fingerprint)),
	};
	struct rows rows[2];
	enum err err;

	TRY(db_batch(db, a, calls, 2, rows));
	if (rows[0].count == 0)
		return ERR_UNAUTHENTICATED;
	if (rows[1].count == 1)
		return file_from(&rows[1], out);
	err = file_of_key(db, a, user_id, key, out);
	return err == ERR_NOT_FOUND ? ERR_TOO_LARGE : err;
}

static const struct stmt fits = {
	"file_fits",
	"SELECT coalesce(sum(greatest(b.size, 4096)), 0) + greatest($2::bigint, 4096)"
	" <= $3::bigint FROM files f JOIN blobs b ON b.sha256 = f.sha256"
	" WHERE f.user_id = $1",
};

enum err
file_fits(struct db *db, struct arena *a, const char *user_id, int64_t size,
	  int64_t quota)
{
	struct rows rows;

	if (quota == 0)
		return OK;
	TRY(db_query(db, a, &DB_CALL(&fits, user_id, db_int(a, size), db_int(a, quota)),
		     &rows));
	return rows_bool(&rows, 0, 0) ? OK : ERR_TOO_LARGE;
}

/* The sweep, which holds the lock, removes the content. */
static const struct stmt forget_file = {
	"file_forget",
	"WITH gone AS (DELETE FROM files f WHERE f.id = $1"
	"  AND NOT EXISTS (SELECT FROM file_links WHERE file_id = f.id)"
	"  RETURNING f.sha256)"
	" UPDATE blobs b SET unused_since = now() FROM gone WHERE b.sha256 = gone.sha256",
};

enum err
file_forget(struct db *db, struct arena *a, const char *file_id)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&forget_file, file_id), &rows);
}

/* ---- reading ------------------------------------------------------------- */

/* For an API token that is bound to a room: a message in that room carries the file. */
#define CARRIED_IN(room)                                                           \
	"coalesce((SELECT true FROM file_links l JOIN rooms r ON r.no = l.room_no" \
	" WHERE l.file_id = f.id AND r.id = " room " LIMIT 1), false)"

/* What $3 names must still be alive: a session, or an API token in its place. */
#define GRANT_LIVES                                                                             \
	"($3::uuid IS NULL"                                                                     \
	" OR (SELECT true FROM sessions WHERE id = $3 AND user_id = $2"                         \
	"  AND expires_at > now())"                                                             \
	" OR (SELECT t.room_id IS NULL OR " CARRIED_IN(                                         \
		"t.room_id") " FROM api_tokens t JOIN users u ON u.id = t.user_id"              \
			     "  WHERE t.id = $3 AND t.user_id = $2 AND 'read' = ANY (t.scopes)" \
			     "  AND u.disabled_at IS NULL"                                      \
			     "  AND coalesce(t.expires_at > now(), true)))"

static const struct stmt find = {
	"file_find",
	"SELECT f.id, f.name, " FACTS ", ms(f.created_at)"
	" FROM files f JOIN blobs b ON b.sha256 = f.sha256"
	" WHERE f.id = $1 AND " FILE_READABLE(
		"f.id", "$2::uuid") " AND " GRANT_LIVES
				    " AND ($4::uuid IS NULL OR " CARRIED_IN("$4") ")",
};

enum err
file_find(struct db *db, struct arena *a, const char *file_id,
	  const struct file_reader *reader, struct file *out)
{
	struct rows rows;

	TRY(db_query(db, a,
		     &DB_CALL(&find, file_id, reader->user_id, reader->session_id,
			      reader->room_only),
		     &rows));
	TRY(file_from(&rows, out));
	out->created_at = rows_int(&rows, 0, 2 + FACTS_COUNT);
	return OK;
}

static const struct stmt find_avatar = {
	"avatar_find",
	"SELECT " FACTS
	", ms(v.created_at) FROM avatars v JOIN blobs b ON b.sha256 = v.sha256"
	" WHERE v.id = $1 AND b.has_thumb",
};

enum err
avatar_find(struct db *db, struct arena *a, const char *avatar_id, struct file *out)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&find_avatar, avatar_id), &rows));
	if (rows.count == 0)
		return ERR_NOT_FOUND;
	*out = facts_from(&rows, 0);
	out->created_at = rows_int(&rows, 0, FACTS_COUNT);
	return OK;
}

/* ---- the sweep ----------------------------------------------------------- */

/* A link that is added meanwhile either has changed the row (note_file_link), and the
 * condition no longer holds; or it waits for us, and finds no file. */
static const struct stmt forget_files = {
	"files_forget",
	"WITH old AS (SELECT id FROM files WHERE unused_since < now() - interval '1 day'"
	"  AND NOT EXISTS (SELECT FROM file_links WHERE file_id = files.id)"
	"  ORDER BY unused_since LIMIT $1 FOR UPDATE SKIP LOCKED),"
	" gone AS (DELETE FROM files f USING old WHERE f.id = old.id"
	"  RETURNING f.id, f.sha256),"
	" freed AS (DELETE FROM idempotency_keys k USING gone WHERE k.thing_id = gone.id),"
	" noted AS (UPDATE blobs b SET unused_since = now() FROM gone"
	"  WHERE b.sha256 = gone.sha256)"
	" SELECT count(*) FROM gone",
};

/* Two messages carried it and one of them was deleted: it is still in use. */
static const struct stmt keep_files = {
	"files_keep",
	"UPDATE files SET unused_since = NULL"
	" WHERE unused_since < now() - interval '1 day'"
	" AND EXISTS (SELECT FROM file_links WHERE file_id = files.id)",
};

static const struct stmt forget_avatars = {
	"avatars_forget",
	"WITH old AS (SELECT id FROM avatars"
	"  WHERE replaced_at < now() - interval '1 day' LIMIT $1"
	"  FOR UPDATE SKIP LOCKED),"
	" gone AS (DELETE FROM avatars v USING old WHERE v.id = old.id"
	"  RETURNING v.sha256),"
	" noted AS (UPDATE blobs b SET unused_since = now() FROM gone"
	"  WHERE b.sha256 = gone.sha256)"
	" SELECT count(*) FROM gone",
};

enum err
files_forget(struct db *db, struct arena *a, bool *out_more)
{
	const char *limit = db_int(a, FILES_AT_ONCE);
	const struct db_call calls[] = {
		{ .stmt = &keep_files },
		DB_CALL(&forget_files, limit),
		DB_CALL(&forget_avatars, limit),
	};
	struct rows rows[3];

	TRY(db_batch(db, a, calls, 3, rows));
	*out_more = rows_int(&rows[1], 0, 0) == FILES_AT_ONCE ||
		    rows_int(&rows[2], 0, 0) == FILES_AT_ONCE;
	return OK;
}

#define REFERRED_TO                                               \
	"(EXISTS (SELECT FROM files WHERE sha256 = blobs.sha256)" \
	" OR EXISTS (SELECT FROM avatars WHERE sha256 = blobs.sha256))"

static const struct stmt keep_blobs = {
	"blobs_keep",
	"UPDATE blobs SET unused_since = NULL"
	" WHERE unused_since IS NOT NULL AND " REFERRED_TO,
};

/* A reference that is added meanwhile locks the row's key, or fails: it is a foreign
 * key. */
static const struct stmt forget_blobs = {
	"blobs_forget",
	"WITH old AS (SELECT sha256 FROM blobs WHERE unused_since IS NOT NULL"
	"  AND NOT " REFERRED_TO " ORDER BY unused_since LIMIT $1"
	"  FOR UPDATE SKIP LOCKED)"
	" DELETE FROM blobs b USING old WHERE b.sha256 = old.sha256"
	" RETURNING encode(b.sha256, 'hex')",
};

static void
names_from(struct arena *a, const struct rows *r, const char *const **out_names,
	   int *out_count)
{
	const char **names = ARENA_ARRAY(a, const char *, (size_t)r->count);

	for (int i = 0; i < r->count; i++)
		names[i] = rows_text(r, i, 0);
	*out_names = names;
	*out_count = r->count;
}

enum err
blobs_forget(struct db *db, struct arena *a, const char *const **out_names,
	     int *out_count)
{
	const struct db_call calls[] = {
		{ .stmt = &keep_blobs },
		DB_CALL(&forget_blobs, db_int(a, FILES_AT_ONCE)),
	};
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	names_from(a, &rows[1], out_names, out_count);
	return OK;
}

static const struct stmt unknown = {
	"blobs_unknown",
	"SELECT name FROM unnest($1::text[]) name"
	" WHERE NOT EXISTS (SELECT FROM blobs WHERE sha256 = decode(name, 'hex'))",
};

enum err
blobs_unknown(struct db *db, struct arena *a, const char *const *names, int count,
	      const char *const **out_names, int *out_count)
{
	struct rows rows;

	TRY(db_query(db, a, &DB_CALL(&unknown, db_array(a, names, count)), &rows));
	names_from(a, &rows, out_names, out_count);
	return OK;
}

const struct stmt *const files_statements[] = {
	&one_at_a_time, &insert,       &find_key,   &fits,	   &forget_file,
	&find,		&find_avatar,  &keep_files, &forget_files, &forget_avatars,
	&keep_blobs,	&forget_blobs, &unknown,    NULL,
};
