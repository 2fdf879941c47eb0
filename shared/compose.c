/* compose.c -- see compose.h. */
#include "shared/compose.h"

#include <assert.h>
#include <math.h>

#include "shared/mentions.h"
#include "shared/text.h"

/* What a client may write; `system` is ours. */
static const char *const kinds[] = { "text",  "image",	  "file", "audio",
				     "video", "location", NULL };
static_assert(MESSAGE_LOCATION == 5, "the words stand in the order of enum message_kind");

#define ROOM_ID(required)                                                        \
	FIELD_ID(struct message_body, room_id, required, .also = "room,chat_id", \
		 .about = "the room")
#define COMPOSED(...)                                                               \
	FIELD_KEY(struct message_body, client_id, OPTIONAL,                         \
		  .about = "the client's own name for the message: sent again, it " \
			   "is stored once"),                                       \
		FIELD_ENUM(struct message_body, kind, OPTIONAL, kinds,              \
			   .names_also = "voice=audio", __VA_ARGS__),               \
		FIELD_TEXT(struct message_body, text, OPTIONAL, 1, BODY_MAX_TEXT,   \
			   .also = "content"),                                      \
		FIELD_JSON(struct message_body, data, OPTIONAL,                     \
			   .about = "location: lat, lon, label"),                   \
		FIELD_ID(struct message_body, reply_to, OPTIONAL,                   \
			 .about = "a message of the same room")

const struct body message_body = BODY(struct message_body, COMPOSED(.also = "type"));

const struct body message_to_body =
	BODY(struct message_body, ROOM_ID(OPTIONAL),
	     FIELD_TEXT(struct message_body, to, OPTIONAL, 1, 64,
			.about = "instead of room_id: the login of the one to write to"),
	     COMPOSED(.also = "type"));

/* Here `type` says which frame it is, and the room may be the connection's own. */
const struct body message_frame_body =
	BODY(struct message_body, ROOM_ID(OPTIONAL), COMPOSED(.also = NULL));

/* ---- location ------------------------------------------------------------ */

struct coordinate {
	const char *key, *field;
	double max;
	const char *rule;
};

static void
put_degrees(struct json *out, const struct json *data, const struct coordinate *c,
	    struct problem *p)
{
	const struct json *v = json_get(data, c->key);
	enum json_kind kind = json_kind_of(v);
	double value = kind == JSON_INT ? (double)json_int_of(v) : json_real_of(v);

	if (kind == JSON_NULL)
		problem_field(p, c->field, "required", "is required");
	else if ((kind != JSON_INT && kind != JSON_REAL) || !(fabs(value) <= c->max))
		problem_field(p, c->field, "range", c->rule);
	json_put_real(out, c->key, value);
}

static void
refuse_others(const char *key, struct json *value, void *arg)
{
	(void)value;
	if (name_index((const char *const[]){ "lat", "lon", "label", NULL }, key) < 0)
		problem_field(arg, "data", "unknown",
			      "a location has lat, lon and label, nothing else");
}

static enum err
compose_location(struct arena *a, const struct json *data, struct problem *p,
		 const char **out)
{
	static const struct coordinate lat = { "lat", "data.lat", 90,
					       "must be a number from -90 to 90" };
	static const struct coordinate lon = { "lon", "data.lon", 180,
					       "must be a number from -180 to 180" };
	const struct json *label = json_get(data, "label");
	struct json *clean = json_object_in(a);

	json_each(data, refuse_others, p);
	put_degrees(clean, data, &lat, p);
	put_degrees(clean, data, &lon, p);
	json_put_text(clean, "label", json_text_of(label));
	if (json_kind_of(label) != JSON_NULL &&
	    (json_kind_of(label) != JSON_TEXT ||
	     text_length(json_text_of(label)) > MESSAGE_LABEL_MAX))
		problem_field(p, "data.label", "too_long",
			      "must be text of at most 200 characters");
	*out = json_print(a, clean, NULL);
	return problem_fields_check(p);
}

/* ---- any kind ------------------------------------------------------------ */

static enum err
compose_content(struct arena *a, const struct message_body *in, struct problem *p,
		struct draft *out)
{
	out->text = in->text;
	out->logins = mentions_find(a, in->text);
	switch (in->kind) {
	case MESSAGE_TEXT:
		if (!in->text)
			problem_field(p, "text", "required", "is required");
		if (in->data)
			problem_field(p, "data", "unknown", "a text has no data");
		return problem_fields_check(p);
	case MESSAGE_LOCATION:
		if (!in->data)
			problem_field(p, "data", "required", "is required: lat, lon");
		TRY(problem_fields_check(p));
		return compose_location(a, in->data, p, &out->data);
	default:
		problem_field(p, "kind", "unsupported",
			      "this server does not take files yet");
		return problem_fields_check(p);
	}
}

static enum err
compose_reply(const struct message_body *in, uint64_t id_key, struct problem *p,
	      struct draft *out)
{
	if (!*in->reply_to.text)
		return OK;
	if (uuid_to_message(id_key, in->reply_to.text, &out->reply_to_room_no,
			    &out->reply_to_seq) != OK)
		problem_field(p, "reply_to", "not_found", "is no message of this room");
	return problem_fields_check(p);
}

enum err
compose(struct arena *a, const struct message_body *in, uint64_t id_key,
	struct problem *p, struct draft *out)
{
	*out = (struct draft){
		.client_id = in->client_id ? in->client_id : roomlog_key(a),
		.kind = (enum message_kind)in->kind,
	};
	TRY(compose_content(a, in, p, out));
	TRY(compose_reply(in, id_key, p, out));
	out->fingerprint = draft_fingerprint(out);
	return OK;
}
