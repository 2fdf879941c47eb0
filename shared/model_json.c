/* model_json.c -- see model.h. How clients see things: the fields of the contract, in its
 * order. */
#include "shared/model.h"

#include <string.h>

#include "shared/file_url.h"
#include "shared/roomlog.h"

static const char *base = "/api/v1";

void
model_set_base(const char *api_path)
{
	base = api_path;
}

static void
put_avatar(struct arena *a, struct json *o, const char *avatar)
{
	json_put_text(o, "avatar_url",
		      avatar ? arena_printf(a, "%s/avatars/%s", base, avatar) : NULL);
}

struct json *
json_person(struct arena *a, const struct person *p)
{
	struct json *o;

	if (!p->id)
		return NULL;
	o = json_object_in(a);
	json_put_text(o, "id", p->id);
	json_put_text(o, "login", p->login);
	json_put_text(o, "name", person_name(a, p));
	put_avatar(a, o, p->avatar);
	return o;
}

struct json *
json_user(struct arena *a, const struct user *u)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "id", u->id);
	json_put_text(o, "login", u->login);
	json_put_text(o, "first_name", u->first_name);
	json_put_text(o, "last_name", u->last_name);
	json_put_text(o, "bio", u->bio);
	put_avatar(a, o, u->avatar);
	json_put_text(o, "status", u->status);
	json_put_text(o, "status_text", u->status_text);
	json_put_time(o, "last_seen_at", u->last_seen_at);
	json_put_time(o, "created_at", u->created_at);
	return o;
}

struct json *
json_me(struct arena *a, const struct user *u)
{
	struct json *o = json_user(a, u);

	json_put_text(o, "email", u->email);
	json_put_bool(o, "email_confirmed", u->email_confirmed);
	json_put_bool(o, "is_admin", u->is_admin);
	json_put_raw(o, "settings", u->settings);
	return o;
}

static struct json *
room_me(struct arena *a, const struct room_me *me)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "role", member_role_names[me->role]);
	json_put_time(o, "joined_at", me->joined_at);
	json_put_int(o, "read_seq", me->read_seq);
	json_put_int(o, "unread", me->unread);
	json_put_int(o, "mentions", me->mentions);
	json_put_text(o, "notify", me->notify);
	json_put_time(o, "muted_until", me->muted_until);
	return o;
}

struct json *
json_room(struct arena *a, const struct db_instance *in, const struct room *r,
	  const struct viewer *viewer)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "id", r->id);
	json_put_text(o, "kind", room_kind_names[r->kind]);
	json_put_text(o, "name", r->name);
	json_put_text(o, "description", r->description);
	put_avatar(a, o, r->avatar);
	json_put_text(o, "owner_id", r->owner_id);
	json_put_int(o, "max_members", r->max_members);
	json_put_int(o, "member_count", r->member_count);
	json_put_bool(o, "join_by_id", r->join_by_id);
	json_put_raw(o, "settings", r->settings);
	json_put_int(o, "seq", r->seq);
	json_put_text(o, "epoch", in->epoch);
	json_put_time(o, "created_at", r->created_at);
	json_put(o, "me", r->is_member ? room_me(a, &r->me) : NULL);
	json_put(o, "last_message",
		 r->last_message.seq ? json_message(a, in, &r->last_message, viewer)
				     : NULL);
	json_put(o, "peer", r->peer.id ? json_user(a, &r->peer) : NULL);
	return o;
}

struct json *
json_room_preview(struct arena *a, const struct room *r)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "id", r->id);
	json_put_text(o, "kind", room_kind_names[r->kind]);
	json_put_text(o, "name", r->name);
	json_put_text(o, "description", r->description);
	put_avatar(a, o, r->avatar);
	json_put_int(o, "member_count", r->member_count);
	return o;
}

static void
put_message_id(struct json *o, const char *key, const struct db_instance *in,
	       const struct event *e, int64_t seq)
{
	struct uuid id;

	if (seq == 0) {
		json_put_null(o, key);
		return;
	}
	uuid_of_message(in->id_key, e->room_no, seq, &id);
	json_put_text(o, key, id.text);
}

/* A list in the form the database returned it; NULL is the empty list. */
static void
put_list(struct arena *a, struct json *o, const char *key, const char *list)
{
	if (list)
		json_put_raw(o, key, list);
	else
		json_put(o, key, json_array_in(a));
}

/* ---- files --------------------------------------------------------------- */

static void
put_file_url(struct arena *a, struct json *o, const char *key, const char *file_id,
	     enum file_variant variant, const struct viewer *v)
{
	json_put_text(o, key,
		      v->keys ? file_url_signed(a, v->keys, base, file_id, variant,
						v->user_id, v->session_id, v->now_s)
			      : file_url_plain(a, base, file_id, variant));
}

/* What the database stores of a message's file, with URLs added. */
static struct json *
file_data(struct arena *a, const char *data, const struct viewer *v)
{
	static const char *const as_stored[] = { "width",    "height", "duration",
						 "waveform", "alt",    NULL };
	struct problem ignored = {};
	struct json *o = json_object_in(a), *stored;
	const char *id;

	if (json_parse(a, data, strlen(data), 8, &ignored, &stored) != OK)
		return NULL;
	id = json_text_of(json_get(stored, "file_id"));
	if (!id)
		return NULL;
	json_put_text(o, "file_id", id);
	json_put_text(o, "name", json_text_of(json_get(stored, "name")));
	json_put_int(o, "size", json_int_of(json_get(stored, "size")));
	json_put_text(o, "mime", json_text_of(json_get(stored, "mime")));
	put_file_url(a, o, "url", id, FILE_WHOLE, v);
	if (json_bool_of(json_get(stored, "has_thumb")))
		put_file_url(a, o, "thumb_url", id, FILE_THUMB, v);
	else
		json_put_null(o, "thumb_url");
	for (int i = 0; as_stored[i]; i++)
		json_put(o, as_stored[i], json_get(stored, as_stored[i]));
	return o;
}

/* ---- messages ------------------------------------------------------------ */

static bool
has_file(const struct event *e)
{
	return e->data && message_kind_has_file(e->kind);
}

/* The part of a message that is the same for everybody who sees it. */
static void
put_message(struct arena *a, struct json *o, const struct db_instance *in,
	    const struct event *e, const struct viewer *v)
{
	put_message_id(o, "id", in, e, e->seq);
	json_put_text(o, "room_id", e->room_id);
	json_put_int(o, "seq", e->seq);
	json_put(o, "sender", json_person(a, &e->actor));
	json_put_text(o, "kind", message_kind_names[e->kind]);
	json_put_text(o, "text", e->text);
	if (has_file(e))
		json_put(o, "data", file_data(a, e->data, v));
	else
		json_put_raw(o, "data", e->data);
	put_message_id(o, "reply_to", in, e, e->target_seq);
	put_list(a, o, "mentions", e->mentions);
	json_put_time(o, "created_at", e->created_at);
	json_put_time(o, "edited_at", e->edited_at);
	json_put_time(o, "deleted_at", e->deleted_at);
	put_list(a, o, "reactions", e->reactions);
}

/* Hides a key that we made ourselves. */
static const char *
client_key(const struct event *e)
{
	bool own = e->client_id && e->client_id[0] == ROOMLOG_OWN_KEY;

	return own ? NULL : e->client_id;
}

struct json *
json_message(struct arena *a, const struct db_instance *in, const struct event *e,
	     const struct viewer *viewer)
{
	struct json *o = json_object_in(a);
	bool mine = viewer->user_id && e->actor.id &&
		    strcmp(viewer->user_id, e->actor.id) == 0;

	put_message(a, o, in, e, viewer);
	if (mine)
		json_put_text(o, "client_id", client_key(e));
	json_put_text(o, "status", mine ? e->status : NULL);
	return o;
}

/* Copies a member of a stored object into the event. */
static void
put_member(const char *key, struct json *value, void *arg)
{
	struct json *o = arg;

	switch (json_kind_of(value)) {
	case JSON_TEXT:
		json_put_text(o, key, json_text_of(value));
		break;
	case JSON_INT:
		json_put_int(o, key, json_int_of(value));
		break;
	case JSON_BOOL:
		json_put_bool(o, key, json_bool_of(value));
		break;
	default:
		json_put_null(o, key);
	}
}

static void
put_data(struct arena *a, struct json *o, const char *data)
{
	struct problem ignored = {};
	struct json *parsed;

	if (data && json_parse(a, data, strlen(data), 8, &ignored, &parsed) == OK)
		json_each(parsed, put_member, o);
}

struct arena_object {
	struct arena *arena;
	struct json *o;
};

static void
put_room_member(const char *key, struct json *value, void *arg)
{
	struct arena_object *room = arg;

	if (strcmp(key, "avatar") == 0)
		put_avatar(room->arena, room->o, json_text_of(value));
	else
		json_put(room->o, key, value);
}

/* The room as it was stored, with the URL of its avatar. */
static struct json *
room_data(struct arena *a, const char *data)
{
	struct problem ignored = {};
	struct arena_object room = { a, json_object_in(a) };
	struct json *parsed;

	if (!data || json_parse(a, data, strlen(data), 8, &ignored, &parsed) != OK)
		return NULL;
	json_each(parsed, put_room_member, &room);
	return room.o;
}

struct json *
json_event(struct arena *a, const struct db_instance *in, const struct event *e)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "type", event_type_names[e->type]);
	if (e->type == EVENT_MESSAGE) {
		put_message(a, o, in, e, &(struct viewer){});
		json_put_text(o, "client_id", client_key(e));
		return o;
	}
	json_put_text(o, "room_id", e->room_id);
	json_put_int(o, "seq", e->seq);
	json_put_time(o, "created_at", e->created_at);
	switch (e->type) {
	case EVENT_EDITED:
		put_message_id(o, "id", in, e, e->target_seq);
		json_put_text(o, "text", e->text);
		put_list(a, o, "mentions", e->mentions);
		json_put_time(o, "edited_at", e->created_at);
		break;
	case EVENT_DELETED:
		put_message_id(o, "id", in, e, e->target_seq);
		break;
	case EVENT_REACTION: /* data: emoji, on, count; none if it is veiled */
		put_message_id(o, "id", in, e, e->target_seq);
		json_put_text(o, "user_id", e->actor.id);
		put_data(a, o,
			 e->data ? e->data
				 : "{\"emoji\":null,\"on\":null,\"count\":null}");
		break;
	case EVENT_MEMBER: /* data: action, role, muted_until */
		json_put(o, "user", json_person(a, &e->subject));
		put_data(a, o, e->data);
		json_put_text(o, "by", e->actor.id);
		break;
	case EVENT_ROOM:
		json_put(o, "room", room_data(a, e->data));
		break;
	default:
		break;
	}
	return o;
}
