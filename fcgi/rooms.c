/* rooms.c -- finding, changing and removing rooms. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/cursor.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/room_answer.h"
#include "fcgi/rooms_store.h"
#include "fcgi/tables.h"

/* ---- GET /rooms ---------------------------------------------------------- */

enum scope { SCOPE_MINE, SCOPE_PUBLIC };

static const char *const scopes[] = { "mine", "public", NULL };

struct list_query {
	struct body_head head;
	int scope;
	const char *q, *cursor;
	int64_t limit;
};

static const struct body list_query =
	BODY(struct list_query,
	     FIELD_ENUM(struct list_query, scope, OPTIONAL, scopes,
			.about = "mine: your rooms, by last activity; public: rooms that "
				 "anybody may join."),
	     FIELD_TEXT(struct list_query, q, OPTIONAL, 1, 100,
			.about = "Any part of the name; case is ignored. Only with "
				 "scope=public."),
	     PAGE_LIMIT_FIELD(struct list_query),
	     PAGE_CURSOR_FIELD(struct list_query, CURSOR_WORD_MAX));

struct asked {
	const char *key; /* NULL: no search */
	struct room_place after;
};

static enum cursor_list
cursor_list(const struct list_query *in)
{
	if (in->q)
		return CURSOR_ROOMS_FOUND;
	return in->scope == SCOPE_PUBLIC ? CURSOR_ROOMS_PUBLIC : CURSOR_ROOMS_MINE;
}

static enum err
read_cursor(struct req *rq, const struct list_query *in, struct room_place *out)
{
	struct uuid *id = ARENA_NEW(rq->arena, struct uuid);

	out->room_id = id->text;
	return in->q ? cursor_parse_word(rq->arena, cursor_list(in), in->cursor,
					 &out->inside, id, &out->word)
		     : cursor_parse(rq->arena, cursor_list(in), in->cursor, &out->time,
				    &out->no);
}

static void
check_list(struct req *rq)
{
	const struct list_query *in = rq->query;
	struct asked *asked = ARENA_NEW(rq->arena, struct asked);

	if (in->q) {
		asked->key = names_search_key(rq->arena, in->q);
		if (!*asked->key)
			content_note(rq, "q", "too_short", "Must not be only spaces.");
	}
	if (in->cursor && read_cursor(rq, in, &asked->after) != OK)
		page_refuse_cursor(rq);
	if (in->q && in->scope != SCOPE_PUBLIC)
		problem_field(&rq->problem, "q", "unknown", "Needs scope=public.");
	rq->checked = asked;
}

/* Is it a public room that the search would find? */
static bool
is_found(struct req *rq, const struct room *room)
{
	const struct asked *asked = rq->checked;

	return room->kind == ROOM_PUBLIC &&
	       (!asked->key ||
		strstr(names_words_key(rq->arena, room->name), asked->key));
}

/* For a token bound to one room: that room, if it belongs in the list. */
static enum err
list_only(struct req *rq, const struct list_query *in, struct room_list *out)
{
	struct room *room = ARENA_NEW(rq->arena, struct room);
	enum err err = room_get(rq->app->db, rq->arena, rq->user_id, rq->room_only, room);
	bool is_listed = err == OK && (in->scope == SCOPE_PUBLIC ? is_found(rq, room)
								 : room->is_member);

	*out = (struct room_list){ .count = is_listed && !in->cursor, .items = room };
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err
read_list(struct req *rq, int64_t limit, struct room_list *out)
{
	const struct list_query *in = rq->query;
	const struct asked *asked = rq->checked;
	struct db *db = rq->app->db;

	if (rq->room_only)
		return list_only(rq, in, out);
	if (asked->key)
		return rooms_search(db, rq->arena, rq->user_id, asked->key, &asked->after,
				    limit, out);
	if (in->scope == SCOPE_PUBLIC)
		return rooms_public(db, rq->arena, rq->user_id, &asked->after, limit,
				    out);
	return rooms_mine(db, rq->arena, rq->user_id, &asked->after, limit, out);
}

static const char *
place_cursor(struct req *rq, const struct room_place *place)
{
	enum cursor_list list = cursor_list(rq->query);

	return place->word ? cursor_print_word(rq->arena, list, place->inside,
					       place->room_id, place->word)
			   : cursor_print(rq->arena, list, place->time, place->no);
}

static enum err
list_rooms(struct req *rq, struct reply *out)
{
	const struct list_query *in = rq->query;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct room_list list;

	TRY(read_list(rq, limit, &list));
	for (int i = 0; i < list.count && i < limit; i++)
		json_push(items, room_answer(rq, &list.items[i]));
	if (list.count > limit)
		next = place_cursor(rq, &list.places[limit - 1]);
	reply_json_tagged(rq, out, page_json(rq->arena, items, next));
	return OK;
}

/* ---- /rooms/{id} --------------------------------------------------------- */

static enum err
get_room(struct req *rq, struct reply *out)
{
	struct room room;

	TRY(room_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &room));
	reply_json_tagged(rq, out, room_answer(rq, &room));
	return OK;
}

static const char *const histories[] = { "all", "since_join", NULL };

struct settings_body {
	struct body_head head;
	int64_t slow_mode_s;
	int history;
};

static const struct body settings_body =
	BODY(struct settings_body,
	     FIELD_INT(struct settings_body, slow_mode_s, OPTIONAL, 0, 86400),
	     FIELD_ENUM(struct settings_body, history, OPTIONAL, histories));

struct update_body {
	struct body_head head;
	const char *name, *description;
	int64_t max_members;
	bool join_by_id;
	struct uuid avatar;
	struct json *settings;
};

static const struct body update_body = BODY(
	struct update_body, FIELD_NAME(struct update_body, name, OPTIONAL, 1, 100),
	FIELD_TEXT(struct update_body, description, OPTIONAL, 1, 1000),
	FIELD_INT(struct update_body, max_members, OPTIONAL, 2, ROOM_MAX_MEMBERS_MOST,
		  .also = "max_user", .about = "null: the largest number allowed."),
	FIELD_BOOL(struct update_body, join_by_id, OPTIONAL, .about = "null: true."),
	FIELD_ID(struct update_body, avatar, OPTIONAL,
		 .about = "The id of a file: an image that you uploaded or may read; "
			  "null: none."),
	FIELD_JSON(struct update_body, settings, OPTIONAL,
		   .about = "slow_mode_s (0..86400), history (all, since_join)"));

/* The members of settings that were given, as a JSON text. Null resets one of them, or
 * all, to the value of a new room. */
static const char *
check_settings(struct req *rq, const struct json *given)
{
	struct problem *p = &rq->problem;
	struct json *o = json_object_in(rq->arena);
	struct settings_body in;
	size_t before = p->error_count;

	if (body_read_json(&settings_body, rq->arena, given, NULL, p, &in) != OK)
		for (size_t i = before; i < p->error_count; i++)
			p->errors[i].field = arena_printf(rq->arena, "settings.%s",
							  p->errors[i].field);
	if (body_given(&settings_body, &in, slow_mode_s) ||
	    body_cleared(&settings_body, &in, slow_mode_s))
		json_put_int(o, "slow_mode_s", in.slow_mode_s);
	if (body_given(&settings_body, &in, history) ||
	    body_cleared(&settings_body, &in, history))
		json_put_text(o, "history", histories[in.history]);
	return json_print(rq->arena, o, NULL);
}

static void
check_update(struct req *rq)
{
	const struct update_body *in = rq->body;
	struct room_change *c = ARENA_NEW(rq->arena, struct room_change);

	if (body_cleared(&update_body, in, name))
		problem_field(&rq->problem, "name", "required", "Must not be null.");
	room_check_max_members(rq, in->max_members);
	*c = (struct room_change){
		.room_id = rq->arg[0],
		.by_id = rq->user_id,
		.name = in->name,
		.name_key = names_words_key(rq->arena, in->name),
		.given_description = body_given(&update_body, in, description) ||
				     body_cleared(&update_body, in, description),
		.description = in->description,
		.given_avatar = body_given(&update_body, in, avatar) ||
				body_cleared(&update_body, in, avatar),
		.avatar = *in->avatar.text ? in->avatar.text : NULL,
		.room_only = rq->room_only != NULL,
		.max_members =
			in->max_members ? db_int(rq->arena, in->max_members) : NULL,
		.settings = in->settings ? check_settings(rq, in->settings) : NULL,
	};
	/* Null resets a field to the default of a new room. */
	if (body_cleared(&update_body, in, max_members))
		c->max_members = db_int(rq->arena, rq->app->config.max_room_members);
	if (body_cleared(&update_body, in, join_by_id))
		c->join_by_id = "true";
	if (body_cleared(&update_body, in, settings))
		c->settings = "{\"slow_mode_s\": 0, \"history\": \"all\"}";
	if (body_given(&update_body, in, join_by_id))
		c->join_by_id = in->join_by_id ? "true" : "false";
	rq->checked = c;
}

static enum err
changed_problem(struct req *rq, enum room_changed changed)
{
	switch (changed) {
	case ROOM_CHANGED:
	case ROOM_SAME:
		return OK;
	case ROOM_HIDDEN:
		return ERR_NOT_FOUND;
	case ROOM_FORBIDDEN:
		return ERR_FORBIDDEN;
	case ROOM_NO_AVATAR:
		return room_no_image(rq);
	case ROOM_LOBBY:
		problem_field(&rq->problem, "max_members", "fixed",
			      "Everybody who registers joins this room, so its limit "
			      "cannot change.");
		return ERR_INVALID;
	case ROOM_BELOW:
		break;
	}
	problem_field(&rq->problem, "max_members", "too_small",
		      "The room already has more members.");
	return ERR_INVALID;
}

static enum err
update_room(struct req *rq, struct reply *out)
{
	enum room_changed changed;
	struct room room;

	TRY(room_update(rq->app->db, rq->arena, rq->checked, &changed, &room));
	TRY(changed_problem(rq, changed));
	if (changed == ROOM_CHANGED)
		room_wake(rq, room.id, room.seq);
	reply_json(rq, out, 200, room_answer(rq, &room));
	return OK;
}

static enum err
remove_by_id(struct req *rq, const char *room_id, struct reply *out)
{
	enum room_changed changed;
	int64_t seq;

	TRY(room_remove(rq->app->db, rq->arena, room_id, rq->user_id, &changed, &seq));
	TRY(changed_problem(rq, changed));
	room_wake(rq, room_id, seq);
	reply_no_content(out);
	return OK;
}

static enum err
remove_room(struct req *rq, struct reply *out)
{
	return remove_by_id(rq, rq->arg[0], out);
}

/* ---- /rooms/remove ------------------------------------------------------- */

struct remove_body {
	struct body_head head;
	struct uuid room_id;
};

static const struct body remove_body =
	BODY(struct remove_body,
	     FIELD_ID(struct remove_body, room_id, OPTIONAL, .also = "room,chat_id",
		      .about = "In the body or in the query."));

static void
check_remove(struct req *rq)
{
	const struct remove_body *body = rq->body, *query = rq->query;
	const char *id =
		content_either(rq, "room_id", body->room_id.text, query->room_id.text);

	rq->checked = id;
	if (!id)
		content_note(rq, "room_id", "required", "In the body or in the query.");
}

static enum err
remove_named_room(struct req *rq, struct reply *out)
{
	return remove_by_id(rq, rq->checked, out);
}

const struct route rooms_routes[] = {
	{ GET, "/rooms", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED | ROUTE_BOUND,
	  .query = &list_query, .check = check_list, HANDLER(list_rooms), .tag = "rooms",
	  .summary = "List your rooms, or public rooms",
	  .about = "Public rooms come newest first; with q, rooms with a word that "
		   "begins with q come before rooms with q inside a word. Rooms from "
		   "which you are banned are left out.",
	  .status = 200, .gives = "RoomPage" },
	{ POST, "/rooms/remove", AUTH_ADMIN, LIMIT_REQUESTS, 1, ROUTE_ALIAS,
	  .query = &remove_body, .body = &remove_body, .check = check_remove,
	  HANDLER_AS(remove_named_room, "remove_room_by_post"), .tag = "rooms",
	  .summary = "The same as DELETE /rooms/{id}", .status = 204, FAILS(403, 404) },
	{ DELETE, "/rooms/remove", AUTH_ADMIN, LIMIT_REQUESTS, 1, ROUTE_ALIAS,
	  .query = &remove_body, .body = &remove_body, .check = check_remove,
	  HANDLER(remove_named_room), .tag = "rooms",
	  .summary = "The same as DELETE /rooms/{id}", .status = 204, FAILS(403, 404) },
	{ GET, "/rooms/{id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  HANDLER(get_room), .tag = "rooms", .summary = "Get a room", .status = 200,
	  .gives = "Room" },
	{ PUT, "/rooms/{id}", AUTH_ADMIN, LIMIT_REQUESTS, 1, .body = &update_body,
	  .check = check_update, HANDLER(update_room), .tag = "rooms",
	  .summary = "Change a room",
	  .about = "By admins. Absent fields stay unchanged. null clears description "
		   "and avatar, and resets settings, or one of them, to the values of "
		   "a new room.",
	  .status = 200, .gives = "Room", FAILS(403) },
	{ DELETE, "/rooms/{id}", AUTH_ADMIN, LIMIT_REQUESTS, 1, HANDLER(remove_room),
	  .tag = "rooms", .summary = "Remove a room", .about = "By its owner.",
	  .status = 204, FAILS(403) },
	{},
};
