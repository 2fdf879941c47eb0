/* room_create.c -- creating a room. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/direct.h"
#include "fcgi/names.h"
#include "fcgi/room_answer.h"
#include "fcgi/rooms_store.h"
#include "fcgi/tables.h"
#include "shared/allowed.h"
#include "shared/token.h"

enum { MEMBERS_AT_ONCE = 500 };

struct create_body {
	struct body_head head;
	int kind;
	const char *name, *description;
	int64_t max_members;
	bool join_by_id;
	struct id_list member_ids;
	struct uuid user_id, avatar;
};

static const struct body create_body = BODY(
	struct create_body,
	FIELD_ENUM(struct create_body, kind, OPTIONAL, room_kind_names, .also = "type",
		   .names_also = "private=direct",
		   .about = "Default: group, or direct if user_id is given."),
	FIELD_NAME(struct create_body, name, OPTIONAL, 1, 100,
		   .about = "Required, except for direct rooms, which have none."),
	FIELD_TEXT(struct create_body, description, OPTIONAL, 1, 1000),
	FIELD_INT(struct create_body, max_members, OPTIONAL, 2, ROOM_MAX_MEMBERS_MOST,
		  .also = "max_user"),
	FIELD_BOOL(struct create_body, join_by_id, OPTIONAL,
		   .about = "Anybody who knows the id of a group may join it. Default: "
			    "true."),
	FIELD_IDS(struct create_body, member_ids, OPTIONAL, 0, MEMBERS_AT_ONCE,
		  .also = "user_ids,participants"),
	FIELD_ID(struct create_body, avatar, OPTIONAL,
		 .about = "The id of a file: an image that you uploaded or may read."),
	FIELD_ID(struct create_body, user_id, OPTIONAL,
		 .about = "The other member of a direct room."));

static enum room_kind
kind_of(const struct create_body *in)
{
	if (body_given(&create_body, in, kind))
		return (enum room_kind)in->kind;
	return *in->user_id.text ? ROOM_DIRECT : ROOM_GROUP;
}

/* The other person of a direct room, "" if none or several are named. A list with the
 * caller and the other means the same as the other alone. */
static const char *
other_of(const struct req *rq, const struct create_body *in)
{
	const char *other = in->user_id.text;

	for (size_t i = 0; i < in->member_ids.count; i++) {
		const char *id = in->member_ids.items[i].text;

		if (strcmp(id, rq->user_id) == 0 || strcmp(id, other) == 0)
			continue;
		if (*other)
			return "";
		other = id;
	}
	return other;
}

static void
check_direct(struct req *rq, const struct create_body *in)
{
	const char *other = other_of(rq, in);

	if (strcmp(other, rq->user_id) == 0)
		problem_field(&rq->problem, "user_id", "same",
			      "The other person cannot be you.");
	else if (!*other && in->member_ids.count > 1)
		problem_field(&rq->problem, "member_ids", "too_many",
			      "A direct room has only one other member.");
	else if (!*other && !content_is_noted(rq, "member_ids"))
		content_note(rq, "user_id", "required",
			     "A direct room needs the other member.");
	if (*in->avatar.text)
		problem_field(&rq->problem, "avatar", "unknown",
			      "A direct room shows the other member's avatar.");
}

static void
check_create(struct req *rq)
{
	const struct create_body *in = rq->body;

	if (kind_of(in) == ROOM_DIRECT) {
		check_direct(rq, in);
		return;
	}
	if (!in->name)
		content_note(rq, "name", "required", "A room needs a name.");
	if (*in->user_id.text)
		problem_field(&rq->problem, "user_id", "unknown",
			      "Only for a direct room; otherwise use member_ids.");
	room_check_max_members(rq, in->max_members);
}

static enum err
made_problem(struct req *rq, enum room_made made)
{
	switch (made) {
	case ROOM_MADE:
	case ROOM_WAS_THERE:
		return OK;
	case ROOM_NO_USER:
		problem_field(&rq->problem,
			      kind_of(rq->body) == ROOM_DIRECT ? "user_id" : "member_ids",
			      "not_found", "There is no such person.");
		return ERR_INVALID;
	case ROOM_TOO_MANY:
		return problem_fail(&rq->problem, ERR_CONFLICT, "too_many_rooms",
				    "You are in the maximum number of rooms.");
	case ROOM_THEY_IN_MANY:
		return problem_fail(&rq->problem, ERR_CONFLICT, "too_many_rooms",
				    "One of them is in the maximum number of rooms.");
	case ROOM_REFUSED:
		return allowed_problem(&rq->problem);
	case ROOM_NO_IMAGE:
		return room_no_image(rq);
	case ROOM_FULL:
		return problem_fail(&rq->problem, ERR_CONFLICT, "room_full",
				    "There are more people than max_members allows.");
	case ROOM_MISMATCH:
		break;
	}
	return problem_fail(&rq->problem, ERR_INVALID, "idempotency_mismatch",
			    "This Idempotency-Key was used for another room.");
}

static enum err
create_direct(struct req *rq, enum room_made *out_made, struct room *out)
{
	struct db *db = rq->app->db;
	const char *other = other_of(rq, rq->body), *key;
	bool fits = true;
	struct uuid id;

	TRY(request_key(rq, &key));
	direct_room_id(db_instance(db)->id_key, rq->user_id, other, &id);
	if (key)
		TRY(room_direct_key(db, rq->arena, rq->user_id, key,
				    fingerprint(&rq->raw, 1), id.text, &fits));
	if (!fits) {
		*out_made = ROOM_MISMATCH;
		return OK;
	}
	TRY(room_direct(db, rq->arena, id.text, rq->user_id, other, out_made, out));
	if (key && *out_made != ROOM_MADE && *out_made != ROOM_WAS_THERE)
		TRY(room_free_key(db, rq->arena, rq->user_id, key, id.text));
	return OK;
}

static const char *const *
member_ids(struct req *rq, const struct id_list *ids)
{
	const char **list = ARENA_ARRAY(rq->arena, const char *, ids->count);

	for (size_t i = 0; i < ids->count; i++)
		list[i] = ids->items[i].text;
	return list;
}

static enum err
create_shared(struct req *rq, enum room_made *out_made, struct room *out)
{
	const struct create_body *in = rq->body;
	const struct config *c = &rq->app->config;
	struct uuid id;
	struct room_draft draft = {
		.creator_id = rq->user_id,
		.kind = kind_of(in),
		.name = in->name,
		.name_key = names_words_key(rq->arena, in->name),
		.description = in->description,
		.join_by_id = !body_given(&create_body, in, join_by_id) || in->join_by_id,
		.max_members = in->max_members ? in->max_members : c->max_room_members,
		.max_rooms = c->max_rooms_per_user,
		.member_ids = member_ids(rq, &in->member_ids),
		.member_count = (int)in->member_ids.count,
		.avatar = *in->avatar.text ? in->avatar.text : NULL,
		.fingerprint = fingerprint(&rq->raw, 1),
	};

	TRY(request_key(rq, &draft.key));
	uuid_random(&id);
	draft.id = id.text;
	return room_insert(rq->app->db, rq->arena, &draft, out_made, out);
}

static enum err
create_room(struct req *rq, struct reply *out)
{
	enum room_made made = ROOM_MADE;
	struct room room;
	struct json *body;

	if (kind_of(rq->body) == ROOM_DIRECT)
		TRY(create_direct(rq, &made, &room));
	else
		TRY(create_shared(rq, &made, &room));
	TRY(made_problem(rq, made));
	if (made == ROOM_MADE)
		room_wake(rq, room.id, room.seq);
	body = room_answer(rq, &room);
	json_put_text(body, "room_id", room.id);
	reply_created(rq, out, body, "/rooms/%s", room.id);
	return OK;
}

const struct route room_create_routes[] = {
	{ POST, "/rooms", AUTH_ADMIN, LIMIT_REQUESTS, 5, ROUTE_KEYED,
	  .body = &create_body, .check = check_create, HANDLER(create_room),
	  .tag = "rooms", .summary = "Create a room",
	  .about = "Creating a direct room again returns the same room. 403 "
		   "cannot_write: a block or the other person's settings forbid it; "
		   "the same for each of member_ids. 404: this Idempotency-Key created "
		   "a room of which you are no longer a member.",
	  .status = 201, .gives = "CreatedRoom", FAILS(403, 404, 409) },
	{ POST, "/rooms/create", AUTH_ADMIN, LIMIT_REQUESTS, 5, ROUTE_KEYED | ROUTE_ALIAS,
	  .body = &create_body, .check = check_create,
	  HANDLER_AS(create_room, "create_room_alias"), .tag = "rooms",
	  .summary = "The same as POST /rooms", .status = 201, .gives = "CreatedRoom",
	  FAILS(403, 404, 409) },
	{},
};
