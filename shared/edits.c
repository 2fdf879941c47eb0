/* edits.c -- see edits.h. */
#include "shared/edits.h"

#include "shared/emoji.h"
#include "shared/mentions.h"
#include "shared/model.h"
#include "shared/roomlog.h"

/* Message $2 of room $1, if $3 is a member, not banned, and may see it; if this
 * transaction holds the room's head; and if the room is $4, unless that is null. Or $3
 * wrote it and their account was removed: it is then erased in their name. */
#define HELD_MESSAGE                                                                \
	"held AS MATERIALIZED ("                                                    \
	" SELECT r.id AS room_id, h.room_no, h.seq AS last_seq, h.messages, l.seq," \
	"  l.kind, l.text, l.actor_id, l.deleted_at, m.role,"                       \
	"  r.kind AS room_kind,"                                                    \
	"  coalesce(m.muted_until > statement_timestamp(), false) AS muted"         \
	" FROM room_heads h JOIN rooms r ON r.no = h.room_no"                       \
	" JOIN log l ON l.room_no = h.room_no AND l.seq = $2::bigint"               \
	"  AND l.type = 'message'"                                                  \
	" LEFT JOIN members m ON m.room_no = h.room_no AND m.user_id = $3::uuid"    \
	" WHERE h.room_no = $1::bigint AND h.room_no = " ROOMLOG_HELD               \
	"  AND ($4::uuid IS NULL OR r.id = $4::uuid)"                               \
	"  AND CASE WHEN m.user_id IS NULL THEN l.actor_id = $3::uuid"              \
	"    AND (SELECT true FROM users u WHERE u.id = $3::uuid) IS NULL"          \
	"   ELSE NOT m.banned AND"                                                  \
	"    (r.settings->>'history' = 'all' OR l.seq >= m.joined_seq) END)"

/* As for posting: in a direct room, a member who may not write to the other may not say
 * anything new through an old message either. */
#define IS_KEPT_AWAY \
	"room_kind = 'direct' AND NOT " ALLOWED_DIRECT("held.room_no", "$3::uuid")

/* Move the head to the new event. */
#define MOVED                                      \
	"moved AS ("                               \
	" UPDATE room_heads h SET seq = h.seq + 1" \
	" FROM verdict v WHERE v.result = 'ok' AND h.room_no = v.room_no)"

/* Every change ends with the same answer: result, room, its last seq; count and emoji of
 * a reaction. */
#define ANSWER(more)                                                               \
	" SELECT result, room_id, room_no, last_seq + (result = 'ok')::int, " more \
	" FROM verdict"

/* $5 text, $6 the logins it mentions. The event has no text of its own: ROOMLOG_NOW. */
static const struct stmt edit = {
	"edits_text",
	"WITH " HELD_MESSAGE ", verdict AS MATERIALIZED ("
	" SELECT held.*, CASE"
	"  WHEN actor_id IS DISTINCT FROM $3::uuid OR kind = 'system' THEN 'forbidden'"
	"  WHEN muted THEN 'muted'"
	"  WHEN " IS_KEPT_AWAY " THEN 'cannot_write'"
	"  WHEN deleted_at IS NOT NULL THEN 'deleted'"
	"  WHEN $5::text IS NULL AND kind = 'text' THEN 'no_text'"
	"  WHEN text IS NOT DISTINCT FROM $5::text THEN 'unchanged'"
	"  ELSE 'ok' END AS result FROM held"
	"), ok AS MATERIALIZED ("
	" SELECT v.*, " MENTIONS_OF(
		"$6::text", "v.room_no",
		"$3::uuid") " AS meant"
			    " FROM verdict v WHERE result = 'ok'"
			    "), changed AS ("
			    " UPDATE log l SET text = $5::text, mentions = ok.meant,"
			    "  edited_at = statement_timestamp()"
			    " FROM ok WHERE l.room_no = ok.room_no AND l.seq = ok.seq"
			    "), unnamed AS ("
			    " DELETE FROM mentions x USING ok WHERE x.room_no = ok.room_no AND x.seq = ok.seq"
			    "  AND x.user_id <> ALL (coalesce(ok.meant, '{}'))"
			    "), named AS ("
			    " INSERT INTO mentions (user_id, room_no, seq)"
			    " SELECT unnest(meant), room_no, seq FROM ok ON CONFLICT DO NOTHING"
			    "), told AS ("
			    " INSERT INTO log (room_no, seq, ordinal, created_at, target_seq, actor_id, type)"
			    " SELECT room_no, last_seq + 1, messages, statement_timestamp(), seq, $3::uuid,"
			    "  'edited' FROM ok"
			    "), " MOVED ANSWER("0, NULL"),
};

static const struct stmt delete = {
	"edits_delete",
	"WITH " HELD_MESSAGE ", verdict AS MATERIALIZED ("
	" SELECT held.*, CASE"
	"  WHEN actor_id IS DISTINCT FROM $3::uuid AND role = 'member' THEN 'forbidden'"
	"  WHEN deleted_at IS NOT NULL THEN 'unchanged'"
	"  WHEN muted THEN 'muted'"
	"  ELSE 'ok' END AS result FROM held"
	"), erased AS ("
	" UPDATE log l SET text = NULL, data = NULL, mentions = NULL,"
	"  deleted_at = statement_timestamp()"
	" FROM verdict v WHERE v.result = 'ok' AND l.room_no = v.room_no AND l.seq = v.seq"
	"), unnamed AS ("
	" DELETE FROM mentions x USING verdict v WHERE v.result = 'ok'"
	" AND x.room_no = v.room_no AND x.seq = v.seq"
	"), unlinked AS ("
	" DELETE FROM file_links x USING verdict v WHERE v.result = 'ok'"
	" AND x.room_no = v.room_no AND x.seq = v.seq"
	"), cleared AS ("
	" DELETE FROM reactions x USING verdict v WHERE v.result = 'ok'"
	" AND x.room_no = v.room_no AND x.seq = v.seq"
	"), told AS ("
	" INSERT INTO log (room_no, seq, ordinal, created_at, target_seq, actor_id, type)"
	" SELECT room_no, last_seq + 1, messages, statement_timestamp(), seq, $3::uuid,"
	"  'deleted' FROM verdict WHERE result = 'ok'"
	"), " MOVED ANSWER("0, NULL"),
};

/* $5 emoji, $6 on, $7 different emoji at most, $8 the emoji as it was sent: reactions
 * from before emoji had one form are in the form in which they were sent, and can be
 * taken back in it. A tombstone has no reactions, so there is none to take back. */
static const struct stmt react = {
	"edits_react",
	"WITH " HELD_MESSAGE ", verdict AS MATERIALIZED ("
	" SELECT held.*, meant.emoji, now.count + CASE WHEN now.mine = $6::boolean THEN 0"
	"   WHEN $6::boolean THEN 1 ELSE -1 END AS count, CASE"
	"  WHEN muted THEN 'muted'"
	"  WHEN $6::boolean AND " IS_KEPT_AWAY " THEN 'cannot_write'"
	"  WHEN deleted_at IS NOT NULL AND $6::boolean THEN 'deleted'"
	"  WHEN now.mine = $6::boolean THEN 'unchanged'"
	"  WHEN now.count = 0 AND now.kinds >= $7::bigint THEN 'too_many'"
	"  ELSE 'ok' END AS result"
	" FROM held CROSS JOIN LATERAL ("
	"  SELECT coalesce((SELECT x.emoji FROM reactions x WHERE x.room_no = held.room_no"
	"   AND x.seq = held.seq AND x.emoji = $8::text AND x.user_id = $3::uuid),"
	"   $5::text) AS emoji) meant CROSS JOIN LATERAL ("
	"  SELECT count(*) FILTER (WHERE x.emoji = meant.emoji) AS count,"
	"   coalesce(bool_or(x.emoji = meant.emoji AND x.user_id = $3::uuid), false) AS mine,"
	"   count(DISTINCT x.emoji) AS kinds"
	"  FROM reactions x WHERE x.room_no = held.room_no AND x.seq = held.seq) now"
	"), put AS ("
	" INSERT INTO reactions (room_no, seq, emoji, user_id, created_at)"
	" SELECT room_no, seq, emoji, $3::uuid, statement_timestamp() FROM verdict"
	" WHERE result = 'ok' AND $6::boolean"
	"), taken AS ("
	" DELETE FROM reactions x USING verdict v WHERE v.result = 'ok'"
	" AND NOT $6::boolean AND x.room_no = v.room_no AND x.seq = v.seq"
	" AND x.emoji = v.emoji AND x.user_id = $3::uuid"
	"), told AS ("
	" INSERT INTO log (room_no, seq, ordinal, created_at, target_seq, actor_id, type,"
	"  data)"
	" SELECT room_no, last_seq + 1, messages, statement_timestamp(), seq, $3::uuid,"
	"  'reaction', jsonb_build_object('emoji', emoji, 'on', $6::boolean,"
	"  'count', count) FROM verdict WHERE result = 'ok'"
	"), " MOVED ANSWER("count, emoji"),
};

void
edits_text_calls(struct arena *a, const struct edit_of *of, const char *text,
		 struct db_call out[EDITS_CALLS])
{
	out[0] = roomlog_lock_no_call(a, of->room_no);
	out[1] = DB_CALL_IN(a, &edit, db_int(a, of->room_no), db_int(a, of->seq),
			    of->by_id, of->room_only, text, mentions_find(a, text));
}

void
edits_delete_calls(struct arena *a, const struct edit_of *of,
		   struct db_call out[EDITS_CALLS])
{
	out[0] = roomlog_lock_no_call(a, of->room_no);
	out[1] = DB_CALL_IN(a, &delete, db_int(a, of->room_no), db_int(a, of->seq),
			    of->by_id, of->room_only);
}

void
edits_react_calls(struct arena *a, const struct edit_of *of, const char *emoji, bool on,
		  struct db_call out[EDITS_CALLS])
{
	char *form = arena_alloc(a, EMOJI_SIZE);

	out[0] = roomlog_lock_no_call(a, of->room_no);
	out[1] = DB_CALL_IN(a, &react, db_int(a, of->room_no), db_int(a, of->seq),
			    of->by_id, of->room_only,
			    emoji_form(emoji, form) ? form : emoji, on ? "true" : "false",
			    db_int(a, EMOJI_MAX_KINDS), emoji);
}

static const char *const result_names[] = {
	[EDIT_OK] = "ok",
	[EDIT_UNCHANGED] = "unchanged",
	[EDIT_NO_MESSAGE] = "no_message",
	[EDIT_FORBIDDEN] = "forbidden",
	[EDIT_MUTED] = "muted",
	[EDIT_CANNOT_WRITE] = "cannot_write",
	[EDIT_DELETED] = "deleted",
	[EDIT_NO_TEXT] = "no_text",
	[EDIT_TOO_MANY] = "too_many",
	[EDIT_RESULT_COUNT] = NULL,
};

void
edits_read(const struct rows rows[EDITS_CALLS], struct edit_outcome *out)
{
	const struct rows *r = &rows[1];

	if (r->count == 0) {
		*out = (struct edit_outcome){ .result = EDIT_NO_MESSAGE };
		return;
	}
	*out = (struct edit_outcome){
		.result = (enum edit_result)name_index(result_names, rows_text(r, 0, 0)),
		.room_id = rows_text(r, 0, 1),
		.room_no = rows_int(r, 0, 2),
		.seq = rows_int(r, 0, 3),
		.count = rows_int(r, 0, 4),
		.emoji = rows_text(r, 0, 5),
	};
}

enum err
edit_problem(const struct edit_outcome *o, struct problem *p)
{
	switch (o->result) {
	case EDIT_OK:
	case EDIT_UNCHANGED:
		return OK;
	case EDIT_FORBIDDEN:
		return ERR_FORBIDDEN;
	case EDIT_MUTED:
		return problem_fail(p, ERR_FORBIDDEN, NULL,
				    "You are muted in this room.");
	case EDIT_CANNOT_WRITE:
		return allowed_problem(p);
	case EDIT_DELETED:
		return problem_fail(p, ERR_CONFLICT, NULL, "The message was deleted.");
	case EDIT_TOO_MANY:
		return problem_fail(p, ERR_CONFLICT, NULL,
				    "The message has the maximum number of different "
				    "reactions.");
	case EDIT_NO_TEXT:
		problem_field(p, "text", "required", "Must be given.");
		return problem_fields_check(p);
	case EDIT_NO_MESSAGE:
	case EDIT_RESULT_COUNT:
		break;
	}
	return ERR_NOT_FOUND;
}

void
edits_check_emoji(const char *emoji, struct problem *p)
{
	char form[EMOJI_SIZE];

	if (!emoji_form(emoji, form))
		problem_field(p, "emoji", "format",
			      "Must be an emoji of at most 40 bytes, without spaces.");
}

const struct stmt *const edits_statements[] = { &edit, &delete, &react, NULL };
