/* messages.c -- posting, and reading one message. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/direct.h"
#include "fcgi/messages_store.h"
#include "fcgi/names.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"
#include "shared/text.h"

enum { LABEL_MAX = 200 };

/* ---- what may be posted ---------------------------------------------------- */

struct post_body {
	struct body_head head;
	const char *text;
	int kind;
	struct json *data;
	struct uuid reply_to;
	const char *client_id;
	/* POST /messages only */
	struct uuid room_id;
	const char *to;
};

#define POST_FIELDS                                                              \
	FIELD_TEXT(struct post_body, text, OPTIONAL, 1, BODY_MAX_TEXT,           \
		   .also = "content"),                                           \
		FIELD_ENUM(struct post_body, kind, OPTIONAL, message_kind_names, \
			   .also = "type", .names_also = "voice=audio",          \
			   .about = "text, if nothing is said; or location."),   \
		FIELD_JSON(struct post_body, data, OPTIONAL,                     \
			   .about = "Of a location: lat, lon, label."),          \
		FIELD_ID(struct post_body, reply_to, OPTIONAL,                   \
			 .about = "A message of the same room."),                \
		FIELD_KEY(struct post_body, client_id, OPTIONAL,                 \
			  .about = "The same one gives the first message again.")
#define WHERE_FIELDS                                                           \
	FIELD_ID(struct post_body, room_id, OPTIONAL, .also = "room,chat_id"), \
		FIELD_TEXT(struct post_body, to, OPTIONAL, 1, 64,              \
			   .about = "A login: the direct room with this person.")

static const struct body post_body = BODY(struct post_body, POST_FIELDS);
static const struct body post_anywhere_body =
	BODY(struct post_body, POST_FIELDS, WHERE_FIELDS);
static const struct body where_query = BODY(struct post_body, WHERE_FIELDS);

/* A place being read: what is wrong with it is noted under data. */
struct place {
	struct req *rq;
	double lat, lon;
	const char *label;
	bool has_lat, has_lon;
};

static bool
read_degrees(const struct json *value, double most, double *out)
{
	enum json_kind kind = json_kind_of(value);

	if (kind != JSON_INT && kind != JSON_REAL)
		return false;
	*out = kind == JSON_INT ? (double)json_int_of(value) : json_real_of(value);
	return *out >= -most && *out <= most;
}

static void
read_place_member(const char *name, struct json *value, void *arg)
{
	struct place *place = arg;
	struct problem *p = &place->rq->problem;
	const char *label;

	if (strcmp(name, "lat") == 0) {
		place->has_lat = read_degrees(value, 90, &place->lat);
	} else if (strcmp(name, "lon") == 0) {
		place->has_lon = read_degrees(value, 180, &place->lon);
	} else if (strcmp(name, "label") == 0) {
		label = json_text_of(value);
		if (json_kind_of(value) != JSON_NULL &&
		    (!label || text_length(label) > LABEL_MAX))
			problem_field(p, "data.label", "type",
				      "Must be text of at most 200 characters.");
		place->label = label;
	} else {
		problem_field(p,
			      arena_printf(place->rq->arena, "data.%s",
					   text_clip(place->rq->arena, name, 64)),
			      "unknown", "There is no such field.");
	}
}

/* The data of a location as it is stored; NULL if it is none. */
static const char *
read_location(struct req *rq, const struct json *data)
{
	struct place place = { .rq = rq };
	struct json *o = json_object_in(rq->arena);

	json_each(data, read_place_member, &place);
	if (!place.has_lat)
		problem_field(&rq->problem, "data.lat", "type", "A number, -90 to 90.");
	if (!place.has_lon)
		problem_field(&rq->problem, "data.lon", "type", "A number, -180 to 180.");
	json_put_real(o, "lat", place.lat);
	json_put_real(o, "lon", place.lon);
	json_put_text(o, "label", place.label);
	return json_print(rq->arena, o, NULL);
}

static void
check_kind(struct req *rq, const struct post_body *in, struct draft *d)
{
	switch (d->kind) {
	case MESSAGE_TEXT:
		if (!in->text)
			content_require(rq, "text,content", "Must be given.");
		if (in->data)
			problem_field(&rq->problem, "data", "unknown",
				      "A text has none.");
		break;
	case MESSAGE_LOCATION:
		if (in->data)
			d->data = read_location(rq, in->data);
		else
			content_require(rq, "data", "A location needs lat and lon.");
		break;
	default:
		problem_field(&rq->problem, "kind", "unsupported",
			      arena_printf(rq->arena,
					   "Messages of kind %s cannot be posted here.",
					   message_kind_names[d->kind]));
	}
}

/* Idempotency-Key and client_id are two names of one key. */
static void
check_key(struct req *rq, const struct post_body *in, struct draft *d)
{
	const char *key = NULL;

	if (request_key(rq, &key) != OK)
		return;
	if (key && in->client_id && strcmp(key, in->client_id) != 0)
		problem_field(&rq->problem, "client_id", "duplicate",
			      "Is not the same as Idempotency-Key.");
	d->client_id = in->client_id ? in->client_id : key;
	if (!d->client_id)
		d->client_id = roomlog_key(rq->arena);
}

static struct draft *
check_message(struct req *rq)
{
	const struct post_body *in = rq->body;
	struct draft *d = ARENA_NEW(rq->arena, struct draft);

	d->sender_id = rq->user_id;
	d->kind = body_given(&post_body, in, kind) ? (enum message_kind)in->kind
						   : MESSAGE_TEXT;
	d->text = in->text;
	check_kind(rq, in, d);
	check_key(rq, in, d);
	rq->checked = d;
	return d;
}

static void
check_post(struct req *rq)
{
	check_message(rq)->room_id = rq->arg[0];
}

/* ---- posting --------------------------------------------------------------- */

/* reply_to names a message anywhere; it must be one of this room. */
static enum err
find_reply(struct req *rq, struct draft *d)
{
	const struct post_body *in = rq->body;
	uint64_t key = db_instance(rq->app->db)->id_key;
	int64_t room_no, reply_no;

	if (!*in->reply_to.text)
		return OK;
	TRY(room_no_of_id(rq->app->db, rq->arena, d->room_id, &room_no));
	if (uuid_to_message(key, in->reply_to.text, &reply_no, &d->reply_to_seq) == OK &&
	    reply_no == room_no)
		return OK;
	problem_field(&rq->problem, "reply_to", "not_found",
		      "Is no message of this room.");
	return ERR_INVALID;
}

/* direct_with: see message_insert(). */
static enum err
post(struct req *rq, struct draft *d, const char *direct_with, struct reply *out)
{
	struct app *app = rq->app;
	struct appended appended;
	struct event message = {};
	struct uuid id;

	d->fingerprint = draft_fingerprint(d);
	TRY(message_insert(app->db, rq->arena, d, direct_with, &appended, &message));
	TRY(append_problem(&appended, &rq->problem));
	if (appended.result == APPEND_OK)
		room_wake(rq, d->room_id, appended.seq);
	uuid_of_message(db_instance(app->db)->id_key, appended.room_no, appended.seq,
			&id);
	reply_created(
		rq, out,
		json_message(rq->arena, db_instance(app->db), &message, rq->user_id),
		"/messages/%s", id.text);
	return OK;
}

static enum err
post_message(struct req *rq, struct reply *out)
{
	struct draft draft = *(const struct draft *)rq->checked;

	TRY(find_reply(rq, &draft));
	return post(rq, &draft, NULL, out);
}

/* ---- POST /messages -------------------------------------------------------- */

/* The room or the person, from the body or from the query (a text or a form may
 * have no other place for it). */
static const char *
either(const char *body, const char *query)
{
	if (body && *body)
		return body;
	return query && *query ? query : NULL;
}

static void
check_post_anywhere(struct req *rq)
{
	const struct post_body *in = rq->body, *where = rq->query;
	const char *to = either(in->to, where->to);
	struct draft *d = check_message(rq);

	d->room_id = either(in->room_id.text, where->room_id.text);
	if (d->room_id && to)
		problem_field(&rq->problem, "to", "duplicate",
			      "Give room_id or to, not both.");
	if (!d->room_id && !to && !content_is_noted(rq, "to"))
		content_require(rq, "room_id,room,chat_id", "Must be given, or to.");
}

static enum err
find_person(struct req *rq, const char *login, const char **out)
{
	enum err err = user_id_of_login(rq->app->db, rq->arena,
					names_login_key(rq->arena, login), out);

	if (err == OK && strcmp(*out, rq->user_id) != 0)
		return OK;
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	problem_field(&rq->problem, "to", err == OK ? "same" : "not_found",
		      err == OK ? "That is you." : "Nobody has this login.");
	return ERR_INVALID;
}

static enum err
post_message_anywhere(struct req *rq, struct reply *out)
{
	const struct post_body *in = rq->body, *where = rq->query;
	struct draft draft = *(const struct draft *)rq->checked;
	const char *other = NULL;
	struct uuid direct;

	if (!draft.room_id) {
		TRY(find_person(rq, either(in->to, where->to), &other));
		direct_room_id(db_instance(rq->app->db)->id_key, rq->user_id, other,
			       &direct);
		draft.room_id = direct.text;
	}
	TRY(find_reply(rq, &draft));
	return post(rq, &draft, other, out);
}

/* ---- GET /messages/{id} ---------------------------------------------------- */

static enum err
get_message(struct req *rq, struct reply *out)
{
	const struct db_instance *instance = db_instance(rq->app->db);
	struct event message;
	int64_t room_no, seq;

	TRY(uuid_to_message(instance->id_key, rq->arg[0], &room_no, &seq));
	TRY(message_get(rq->app->db, rq->arena, rq->user_id, room_no, seq, &message));
	reply_json_tagged(rq, out,
			  json_message(rq->arena, instance, &message, rq->user_id));
	return OK;
}

const struct route messages_routes[] = {
	{ POST, "/rooms/{id}/messages", AUTH_POST, LIMIT_MESSAGES, 1,
	  ROUTE_TEXT | ROUTE_KEYED, .body = &post_body, .check = check_post,
	  HANDLER(post_message), .tag = "messages", .summary = "Post a message",
	  .about = "As JSON, as plain text, or as a form: one that begins with a known "
		   "field is a form, any other is the text itself.",
	  .status = 201, .gives = "Message", FAILS(403) },
	{ POST, "/messages", AUTH_POST, LIMIT_MESSAGES, 1, ROUTE_TEXT | ROUTE_KEYED,
	  .query = &where_query, .body = &post_anywhere_body,
	  .check = check_post_anywhere, HANDLER(post_message_anywhere), .tag = "messages",
	  .summary = "Post a message to a room or a person",
	  .about = "With `to` it goes into the direct room, which is made if need be.",
	  .status = 201, .gives = "Message", FAILS(403, 404) },
	{ GET, "/messages/{id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  HANDLER(get_message), .tag = "messages", .summary = "A message", .status = 200,
	  .gives = "Message" },
	{},
};
