/* rooms_change_store.c -- see rooms_store.h. Creating, changing, removing. */
#include "fcgi/rooms_store.h"
#include "shared/allowed.h"
#include "shared/file_access.h"
#include "shared/members_sql.h"

/* ---- making -------------------------------------------------------------- */

/* The contents of a new room `room` (no): its head, its first people `who` (id, role, n
 * from 1 on) and an event for each of them, as if they had joined. $1 created it. after:
 * the seq from which it continues. */
#define FILL_ROOM(after)                                                               \
	"start AS MATERIALIZED (SELECT " after " AS seq"                               \
	"), head AS ("                                                                 \
	" INSERT INTO room_heads (room_no, seq, first_seq, member_count)"              \
	" SELECT room.no, start.seq + count(*), start.seq + 1, count(*)"               \
	" FROM room, who, start GROUP BY room.no, start.seq"                           \
	"), came AS ("                                                                 \
	" INSERT INTO members (room_no, user_id, role, joined_seq, read_seq,"          \
	"  delivered_seq)"                                                             \
	" SELECT room.no, who.id, who.role, start.seq + who.n, start.seq + last.n,"    \
	"  start.seq + last.n"                                                         \
	" FROM room, who, start, (SELECT count(*) AS n FROM who) last"                 \
	"), told AS ("                                                                 \
	" INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, subject_id,"   \
	"  type, data)"                                                                \
	" SELECT room.no, start.seq + who.n, 0, statement_timestamp(), $1::uuid,"      \
	"  who.id, 'member', jsonb_build_object('action', 'joined', 'role', who.role," \
	"   'muted_until', null) FROM room, who, start)"

/* The avatar from the requested file, if there is one and everything else is valid. */
#define IMAGE_OF(file, user, well)                         \
	" SELECT CASE WHEN " file " IS NOT NULL AND " well \
	"  THEN " AVATAR_OF_FILE(file, user) " END AS id FROM judged"
#define NO_IMAGE(file) "(" file " IS NOT NULL AND image.id IS NULL)"

/* Claims an Idempotency-Key first, or locks its row: the next statement, with a snapshot
 * from after the wait, sees what another request with this key made. $2 key, $3
 * fingerprint, $4 id. */
static const struct stmt claim_key = {
	"room_claim_key",
	"INSERT INTO idempotency_keys AS k"
	" (user_id, route, key, fingerprint, thing_id, status)"
	" VALUES ($1, 'POST /rooms', $2, $3, $4, 201)"
	" ON CONFLICT (user_id, route, key) DO UPDATE SET created_at = k.created_at",
};

/* Runs last: deletes the key if its room, $3, was not made. */
static const struct stmt free_key = {
	"room_free_key",
	"DELETE FROM idempotency_keys k WHERE k.user_id = $1 AND k.route = 'POST /rooms'"
	" AND k.key = $2 AND k.thing_id = $3"
	" AND (SELECT true FROM rooms r WHERE r.id = k.thing_id) IS NULL",
};

#define CREATOR_IN_TOO_MANY IN_TOO_MANY("$1::uuid", "$11::bigint")
#define ONE_IN_TOO_MANY IN_TOO_MANY("who.id", "$11::bigint")
#define LETS_ADD ALLOWED_ADD("$1::uuid", "who.id")
#define FIRST_AVATAR IMAGE_OF("$13::uuid", "$1::uuid", "result = 'made'")
#define NO_FIRST_AVATAR NO_IMAGE("$13::uuid")
#define FILL_NEW_ROOM FILL_ROOM("0::bigint")

/* $2 id, $3 kind, $4 name, $5 description, $6 join_by_id, $7 max_members, $8 other
 * people, $9 key, $10 fingerprint, $11 rooms at most, $12 key of the name, $13 a file. A
 * key whose room was never made, or is gone, is free. */
static const struct stmt insert_room = {
	"room_insert",
	"WITH asked AS MATERIALIZED ("
	" SELECT DISTINCT id FROM unnest($8::uuid[]) AS id WHERE id <> $1::uuid"
	"), who AS MATERIALIZED ("
	" SELECT u.id, CASE WHEN u.id = $1::uuid THEN 'owner' ELSE 'member' END"
	"   ::member_role AS role,"
	"  row_number() OVER (ORDER BY u.id <> $1::uuid, u.id) AS n"
	" FROM users u WHERE u.id = $1::uuid OR u.id IN (SELECT id FROM asked)"
	"), judged AS MATERIALIZED ("
	" SELECT CASE"
	"  WHEN EXISTS (SELECT FROM idempotency_keys k JOIN rooms r ON r.id = k.thing_id"
	"    WHERE k.user_id = $1::uuid AND k.route = 'POST /rooms' AND k.key = $9)"
	"   THEN 'was_there'"
	"  WHEN (SELECT count(*) FROM who) < (SELECT count(*) + 1 FROM asked)"
	"   THEN 'no_user'"
	"  WHEN (SELECT count(*) FROM who) > $7::integer THEN 'full'"
	"  WHEN " CREATOR_IN_TOO_MANY " THEN 'too_many'"
	"  WHEN EXISTS (SELECT FROM who WHERE NOT " LETS_ADD ")"
	"   THEN 'refused'"
	"  WHEN EXISTS (SELECT FROM who WHERE " ONE_IN_TOO_MANY ")"
	"   THEN 'they_in_many'"
	"  ELSE 'made' END AS result"
	"), image AS MATERIALIZED (" FIRST_AVATAR "), verdict AS MATERIALIZED ("
	" SELECT CASE WHEN result = 'made' AND " NO_FIRST_AVATAR " THEN 'no_image'"
	"  ELSE result END AS result, image.id AS avatar FROM judged, image"
	"), keyed AS ("
	" UPDATE idempotency_keys SET thing_id = $2::uuid, fingerprint = $10::bigint"
	" FROM verdict WHERE result = 'made'"
	"  AND user_id = $1::uuid AND route = 'POST /rooms' AND key = $9"
	"), room AS ("
	" INSERT INTO rooms (id, kind, name, name_key, description, join_by_id, max_members,"
	"  avatar)"
	" SELECT $2::uuid, $3::room_kind, $4, $12, $5, $6::boolean, $7::integer, avatar"
	" FROM verdict"
	" WHERE result = 'made' RETURNING no"
	"), " FILL_NEW_ROOM " SELECT result FROM verdict",
};

static const struct stmt find_key = {
	"room_key",
	"SELECT thing_id, fingerprint FROM idempotency_keys"
	" WHERE user_id = $1 AND route = 'POST /rooms' AND key = $2",
};

static enum room_made
made_of(const struct rows *r)
{
	static const char *const words[] = {
		[ROOM_MADE] = "made",
		[ROOM_WAS_THERE] = "was_there",
		[ROOM_NO_USER] = "no_user",
		[ROOM_TOO_MANY] = "too_many",
		[ROOM_FULL] = "full",
		[ROOM_REFUSED] = "refused",
		[ROOM_THEY_IN_MANY] = "they_in_many",
		[ROOM_NO_IMAGE] = "no_image",
		[ROOM_MISMATCH] = NULL,
	};

	return (enum room_made)name_index(words, rows_text(r, 0, 0));
}

/* The room that an earlier request with this key made. */
static enum err
room_of_key(struct db *db, struct arena *a, const struct room_draft *d,
	    enum room_made *out_made, struct room *out)
{
	struct rows key;

	TRY(db_query(db, a, &DB_CALL(&find_key, d->creator_id, d->key), &key));
	if (key.count == 0)
		return ERR_CONFLICT; /* swept a moment ago */
	if (rows_int(&key, 0, 1) != d->fingerprint) {
		*out_made = ROOM_MISMATCH;
		return OK;
	}
	return room_get(db, a, d->creator_id, rows_text(&key, 0, 0), out);
}

enum err
room_insert(struct db *db, struct arena *a, const struct room_draft *d,
	    enum room_made *out_made, struct room *out)
{
	const struct db_call calls[] = {
		DB_CALL(&claim_key, d->creator_id, d->key, db_int(a, d->fingerprint),
			d->id),
		DB_CALL(&insert_room, d->creator_id, d->id, room_kind_names[d->kind],
			d->name, d->description, d->join_by_id ? "true" : "false",
			db_int(a, d->max_members),
			db_array(a, d->member_ids, d->member_count), d->key,
			db_int(a, d->fingerprint), db_int(a, d->max_rooms), d->name_key,
			d->avatar),
		room_get_call(a, d->creator_id, d->id),
		DB_CALL(&free_key, d->creator_id, d->key, d->id),
	};
	struct rows rows[4];

	if (d->key)
		TRY(db_batch(db, a, calls, 4, rows));
	else
		TRY(db_batch(db, a, calls + 1, 2, rows + 1));
	*out_made = made_of(&rows[1]);
	if (*out_made == ROOM_MADE)
		return room_get_read(&rows[2], out);
	if (*out_made == ROOM_WAS_THERE)
		return room_of_key(db, a, d, out_made, out);
	return OK;
}

/* The id is derived from the two people, so the later of two requests finds the room
 * there. If a room with this id was removed before, the new log continues its seq, since
 * some clients may remember the former room by its seq. $2 id, $3 the other. $4 the file,
 * $5 the kind of the message for which it is created: a message that the append would
 * refuse creates no room. */
static const struct stmt insert_direct = {
	"room_direct",
	/* clang-format off */
	"WITH who AS MATERIALIZED ("
	" SELECT u.id, 'member'::member_role AS role,"
	"  row_number() OVER (ORDER BY u.id) AS n"
	" FROM users u WHERE u.id IN ($1::uuid, $3::uuid)"
	"), verdict AS MATERIALIZED ("
	" SELECT CASE WHEN (SELECT count(*) FROM who) < 2 THEN 'no_user'"
	"  WHEN NOT " ALLOWED_WRITE("$1::uuid", "$3::uuid") " THEN 'refused'"
	"  WHEN NOT " FILE_READABLE("$4::uuid", "$1::uuid") " AND $4 IS NOT NULL THEN 'no_file'"
	"  WHEN $5::text = 'image' AND (SELECT b.mime FROM files f"
	"   JOIN blobs b ON b.sha256 = f.sha256 WHERE f.id = $4::uuid) NOT LIKE 'image/%'"
	"   THEN 'no_image'"
	"  ELSE 'was_there' END AS result"
	"), room AS ("
	" INSERT INTO rooms (id, kind, join_by_id, max_members)"
	" SELECT $2::uuid, 'direct', false, 2 FROM verdict WHERE result = 'was_there'"
	" ON CONFLICT (id) DO NOTHING RETURNING no"
	"), " FILL_ROOM(
		"coalesce((SELECT seq FROM direct_rooms_gone WHERE room_id = $2::uuid), 0)")
	" SELECT CASE WHEN EXISTS (SELECT FROM room) THEN 'made'"
	"  ELSE result END FROM verdict",
	/* clang-format on */
};

/* Like claim_key, for a room that is the same whoever creates it and however often: the
 * key only ensures that nothing else was requested with it. $2 key, $3 fingerprint, $4
 * id. */
static const struct stmt claim_direct_key = {
	"room_claim_direct_key",
	"INSERT INTO idempotency_keys AS k"
	" (user_id, route, key, fingerprint, thing_id, status)"
	" VALUES ($1, 'POST /rooms', $2, $3, $4, 201)"
	" ON CONFLICT (user_id, route, key) DO UPDATE SET (fingerprint, thing_id) = ("
	"  SELECT CASE WHEN there THEN k.fingerprint ELSE excluded.fingerprint END,"
	"   CASE WHEN there THEN k.thing_id ELSE excluded.thing_id END"
	"  FROM (SELECT EXISTS (SELECT FROM rooms r WHERE r.id = k.thing_id) AS there) t)"
	" RETURNING fingerprint = $3::bigint",
};

enum err
room_direct_key(struct db *db, struct arena *a, const char *user_id, const char *key,
		int64_t key_fingerprint, const char *id, bool *out_fits)
{
	struct rows rows;

	TRY(db_query(
		db, a,
		&DB_CALL(&claim_direct_key, user_id, key, db_int(a, key_fingerprint), id),
		&rows));
	*out_fits = rows_bool(&rows, 0, 0);
	return OK;
}

enum err
room_free_key(struct db *db, struct arena *a, const char *user_id, const char *key,
	      const char *id)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&free_key, user_id, key, id), &rows);
}

struct db_call
room_direct_call(struct arena *a, const char *id, const char *one, const char *other,
		 const struct draft *first)
{
	return DB_CALL_IN(a, &insert_direct, one, id, other,
			  first ? first->file_id : NULL,
			  first ? message_kind_names[first->kind] : NULL);
}

enum err
room_direct(struct db *db, struct arena *a, const char *id, const char *one,
	    const char *other, enum room_made *out_made, struct room *out)
{
	const struct db_call calls[] = { room_direct_call(a, id, one, other, NULL),
					 room_get_call(a, one, id) };
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_made = made_of(&rows[0]);
	if (*out_made == ROOM_NO_USER || *out_made == ROOM_REFUSED)
		return OK;
	return room_get_read(&rows[1], out);
}

/* ---- changing ------------------------------------------------------------ */

/* The room, if this transaction holds its head, and the role of $2. */
#define HELD_FOR_CHANGE                                                       \
	"held AS MATERIALIZED ("                                              \
	" SELECT r.*, h.seq, h.messages, h.member_count, m.role FROM rooms r" \
	" JOIN room_heads h ON h.room_no = r.no"                              \
	" LEFT JOIN members m ON m.room_no = r.no AND m.user_id = $2::uuid"   \
	"  AND NOT m.banned"                                                  \
	" WHERE r.id = $1::uuid AND r.no = " ROOMLOG_HELD ")"

/* $3 name, $4 whether $5 description is given, $6 max_members, $7 join_by_id, $8
 * settings, $9 key of the name, $10 whether the avatar is given, $11 the file, $12
 * whether another room may not have that file. The event shows the room as everybody may
 * see it. */
#define IS_WELL "judgement IN ('changed', 'same')"
#define IS_ELSEWHERE FILE_ELSEWHERE("$11::uuid", "$1::uuid")
#define MAY_SHOW IS_WELL " AND NOT ($12::boolean AND " IS_ELSEWHERE ")"
#define NEW_AVATAR IMAGE_OF("$11::uuid", "$2::uuid", MAY_SHOW)
#define HAS_NONE NO_IMAGE("$11::uuid")
static const struct stmt update_room = {
	"room_update",
	"WITH " HELD_FOR_CHANGE ", wanted AS MATERIALIZED ("
	" SELECT held.*, coalesce($3, name) AS new_name,"
	"  CASE WHEN $4::boolean THEN $5 ELSE description END AS new_description,"
	"  coalesce($6::integer, max_members) AS new_max,"
	"  coalesce($7::boolean, join_by_id) AS new_join,"
	"  settings || coalesce($8::jsonb, '{}') AS new_settings FROM held"
	"), judged AS MATERIALIZED ("
	" SELECT wanted.*, CASE"
	"  WHEN role IS NULL AND kind <> 'public' THEN 'hidden'"
	"  WHEN role IS NULL OR role = 'member' THEN 'forbidden'"
	"  WHEN is_lobby AND new_max <> max_members THEN 'lobby'"
	"  WHEN new_max < member_count AND new_max <> max_members THEN 'below'"
	"  WHEN (name, max_members, join_by_id, settings)"
	"   = (new_name, new_max, new_join, new_settings)"
	"   AND description IS NOT DISTINCT FROM new_description THEN 'same'"
	"  ELSE 'changed' END AS judgement FROM wanted"
	"), image AS MATERIALIZED (" NEW_AVATAR "), verdict AS MATERIALIZED ("
	" SELECT judged.*, CASE WHEN $10::boolean THEN image.id ELSE avatar END AS new_avatar,"
	"  CASE WHEN NOT " IS_WELL " OR NOT $10::boolean THEN judgement"
	"   WHEN " HAS_NONE " THEN 'no_image'"
	"   WHEN avatar IS DISTINCT FROM image.id THEN 'changed'"
	"   ELSE judgement END AS result FROM judged, image"
	"), changed AS ("
	" UPDATE rooms r SET name = v.new_name, description = v.new_description,"
	"  name_key = coalesce($9, v.name_key), avatar = v.new_avatar,"
	"  max_members = v.new_max, join_by_id = v.new_join, settings = v.new_settings"
	" FROM verdict v WHERE v.result = 'changed' AND r.no = v.no"
	"), moved AS ("
	" UPDATE room_heads h SET seq = v.seq + 1 FROM verdict v"
	" WHERE v.result = 'changed' AND h.room_no = v.no"
	"), told AS ("
	" INSERT INTO log (room_no, seq, ordinal, created_at, actor_id, type, data)"
	" SELECT no, seq + 1, messages, statement_timestamp(), $2::uuid, 'room',"
	"  jsonb_build_object('id', id, 'kind', kind, 'name', new_name, 'description',"
	"   new_description, 'avatar', new_avatar, 'owner_id', (SELECT o.user_id FROM members o"
	"    WHERE o.room_no = v.no AND o.role = 'owner'), 'max_members', new_max,"
	"   'member_count', member_count, 'join_by_id', new_join, 'settings',"
	"   new_settings, 'created_at',"
	"   to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))"
	" FROM verdict v WHERE result = 'changed'"
	") SELECT result, seq + 1 FROM verdict",
};

/* No row: there is no such room. */
static enum room_changed
changed_of(const struct rows *r)
{
	static const char *const words[] = {
		[ROOM_CHANGED] = "changed",    [ROOM_SAME] = "same",
		[ROOM_HIDDEN] = "hidden",      [ROOM_FORBIDDEN] = "forbidden",
		[ROOM_BELOW] = "below",	       [ROOM_LOBBY] = "lobby",
		[ROOM_NO_AVATAR] = "no_image", [ROOM_NO_AVATAR + 1] = NULL,
	};

	return r->count == 0 ? ROOM_HIDDEN
			     : (enum room_changed)name_index(words, rows_text(r, 0, 0));
}

enum err
room_update(struct db *db, struct arena *a, const struct room_change *c,
	    enum room_changed *out_changed, struct room *out)
{
	const struct db_call calls[] = {
		roomlog_lock_call(a, c->room_id),
		DB_CALL(&update_room, c->room_id, c->by_id, c->name,
			c->given_description ? "true" : "false", c->description,
			c->max_members, c->join_by_id, c->settings, c->name_key,
			c->given_avatar ? "true" : "false", c->avatar,
			c->room_only ? "true" : "false"),
		room_get_call(a, c->by_id, c->room_id),
	};
	struct rows rows[3];

	TRY(db_batch(db, a, calls, 3, rows));
	*out_changed = changed_of(&rows[1]);
	if (*out_changed == ROOM_CHANGED || *out_changed == ROOM_SAME)
		return room_get_read(&rows[2], out);
	return OK;
}

/* Removes everything in it; its log is swept later. A direct room has no owner, so
 * neither can remove it. */
static const struct stmt remove_room = {
	"room_remove",
	"WITH " HELD_FOR_CHANGE ", verdict AS MATERIALIZED ("
	" SELECT no, seq, CASE WHEN role = 'owner' THEN 'changed'"
	"  WHEN role IS NULL AND kind <> 'public' THEN 'hidden'"
	"  ELSE 'forbidden' END AS result FROM held"
	"), removed AS ("
	" DELETE FROM rooms r USING verdict v WHERE v.result = 'changed' AND r.no = v.no"
	") SELECT result, seq + 1 FROM verdict",
};

enum err
room_remove(struct db *db, struct arena *a, const char *room_id, const char *by_id,
	    enum room_changed *out_changed, int64_t *out_seq)
{
	const struct db_call calls[] = { roomlog_lock_call(a, room_id),
					 DB_CALL(&remove_room, room_id, by_id) };
	struct rows rows[2];

	TRY(db_batch(db, a, calls, 2, rows));
	*out_changed = changed_of(&rows[1]);
	*out_seq = rows[1].count ? rows_int(&rows[1], 0, 1) : 0;
	return OK;
}

const struct stmt *const rooms_change_statements[] = {
	&claim_key,	&free_key,    &insert_room, &find_key, &claim_direct_key,
	&insert_direct, &update_room, &remove_room, NULL,
};
