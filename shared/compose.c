/* compose.c -- see compose.h. */
#include "shared/compose.h"

#include <assert.h>
#include <math.h>

#include "shared/mentions.h"
#include "shared/text.h"

/* The kinds that a client may write; `system` is ours. */
static const char *const kinds[] = { "text",  "image",	  "file", "audio",
				     "video", "location", NULL };
static_assert(MESSAGE_LOCATION == 5, "the words stand in the order of enum message_kind");

#define ROOM_ID(required)                                                        \
	FIELD_ID(struct message_body, room_id, required, .also = "room,chat_id", \
		 .about = "The room.")
#define COMPOSED(...)                                                               \
	FIELD_KEY(struct message_body, client_id, OPTIONAL,                         \
		  .about = "The client's own key for the message. If the message "  \
			   "is sent again with it, it is stored only once."),       \
		FIELD_ENUM(struct message_body, kind, OPTIONAL, kinds,              \
			   .names_also = "voice=audio", __VA_ARGS__),               \
		FIELD_TEXT(struct message_body, text, OPTIONAL, 1, BODY_MAX_TEXT,   \
			   .also = "content"),                                      \
		FIELD_JSON(struct message_body, data, OPTIONAL,                     \
			   .about = "For a location: lat, lon, label. For a file: " \
				    "file_id and alt, and duration, waveform, "     \
				    "width and height, which are used if the "      \
				    "server does not know them."),                  \
		FIELD_ID(struct message_body, reply_to, OPTIONAL,                   \
			 .about = "The id of a message in the same room.")

const struct body message_body = BODY(struct message_body, COMPOSED(.also = "type"));

const struct body message_to_body =
	BODY(struct message_body, ROOM_ID(OPTIONAL),
	     FIELD_TEXT(struct message_body, to, OPTIONAL, 1, 64,
			.about = "The login of a person, instead of room_id."),
	     COMPOSED(.also = "type"));

/* In a frame, `type` is the frame's name, and the room may be the connection's own. */
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
		problem_field(p, c->field, "required", "Must be given.");
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
			      "A location may only have lat, lon and label.");
}

static enum err
compose_location(struct arena *a, const struct json *data, struct problem *p,
		 const char **out)
{
	static const struct coordinate lat = { "lat", "data.lat", 90,
					       "Must be a number from -90 to 90." };
	static const struct coordinate lon = { "lon", "data.lon", 180,
					       "Must be a number from -180 to 180." };
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
			      "Must be text of at most 200 characters.");
	*out = json_print(a, clean, NULL);
	return problem_fields_check(p);
}

/* ---- files --------------------------------------------------------------- */

static void
refuse_what_files_lack(const char *key, struct json *value, void *arg)
{
	static const char *const taken[] = { "file_id", "alt",	  "duration", "waveform",
					     "width",	"height", NULL };

	(void)value;
	if (name_index(taken, key) < 0)
		problem_field(arg, "data", "unknown",
			      "A file may only have file_id, alt, duration, waveform, "
			      "width and height.");
}

static void
put_alt(struct json *out, const struct json *v, struct problem *p)
{
	if (json_kind_of(v) == JSON_NULL)
		return;
	if (json_kind_of(v) != JSON_TEXT ||
	    text_length(json_text_of(v)) > MESSAGE_ALT_MAX)
		problem_field(p, "data.alt", "too_long",
			      "Must be text of at most 1,000 characters.");
	json_put_text(out, "alt", json_text_of(v));
}

static void
put_duration(struct json *out, const struct json *v, struct problem *p)
{
	enum json_kind kind = json_kind_of(v);
	double value = kind == JSON_INT ? (double)json_int_of(v) : json_real_of(v);

	if (kind == JSON_NULL)
		return;
	if ((kind != JSON_INT && kind != JSON_REAL) ||
	    !(value >= 0 && value <= MESSAGE_DURATION_MAX_S))
		problem_field(p, "data.duration", "range",
			      "Must be a number of seconds from 0 to 1,000,000.");
	json_put_real(out, "duration", value);
}

static void
put_pixels(struct json *out, const char *key, const char *field, const struct json *v,
	   struct problem *p)
{
	if (json_kind_of(v) == JSON_NULL)
		return;
	if (json_kind_of(v) != JSON_INT || json_int_of(v) < 1 ||
	    json_int_of(v) > MESSAGE_PIXELS_MAX)
		problem_field(p, field, "range", "Must be an integer from 1 to 100,000.");
	json_put_int(out, key, json_int_of(v));
}

static bool
is_waveform(const struct json *v)
{
	size_t count = json_count(v);

	if (json_kind_of(v) != JSON_ARRAY || count > MESSAGE_WAVEFORM_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct json *item = json_at(v, i);

		if (json_kind_of(item) != JSON_INT || json_int_of(item) < 0 ||
		    json_int_of(item) > MESSAGE_WAVEFORM_TOP)
			return false;
	}
	return true;
}

static void
put_waveform(struct json *out, struct json *v, struct problem *p)
{
	if (json_kind_of(v) == JSON_NULL)
		return;
	if (is_waveform(v))
		json_put(out, "waveform", v);
	else
		problem_field(p, "data.waveform", "format",
			      "Must be at most 256 integers from 0 to 255.");
}

static const char *
put_file_id(struct arena *a, struct json *out, const struct json *v, struct problem *p)
{
	struct uuid *id = ARENA_NEW(a, struct uuid);

	if (json_kind_of(v) == JSON_NULL)
		problem_field(p, "data.file_id", "required", "Must be given.");
	else if (json_kind_of(v) != JSON_TEXT || uuid_parse(json_text_of(v), id) != OK)
		problem_field(p, "data.file_id", "format", "Must be a file's id.");
	json_put_text(out, "file_id", id->text);
	return id->text;
}

/* What the server knows about the file replaces what the client says here. */
static enum err
compose_file(struct arena *a, const struct message_body *in, struct problem *p,
	     struct draft *out)
{
	struct json *clean = json_object_in(a);
	const struct json *data = in->data ? in->data : clean;

	json_each(data, refuse_what_files_lack, p);
	if (!in->carried)
		out->file_id = put_file_id(a, clean, json_get(data, "file_id"), p);
	else if (json_get(data, "file_id"))
		problem_field(p, "data.file_id", "duplicate",
			      "Must not be given if the request contains a file.");
	put_alt(clean, json_get(data, "alt"), p);
	put_duration(clean, json_get(data, "duration"), p);
	put_waveform(clean, json_get(data, "waveform"), p);
	put_pixels(clean, "width", "data.width", json_get(data, "width"), p);
	put_pixels(clean, "height", "data.height", json_get(data, "height"), p);
	out->data = json_print(a, clean, NULL);
	return problem_fields_check(p);
}

/* ---- any kind ------------------------------------------------------------ */

static enum err
compose_content(struct arena *a, const struct message_body *in, struct problem *p,
		struct draft *out)
{
	out->text = in->text;
	out->logins = mentions_find(a, in->text);
	if (in->carried && in->kind == MESSAGE_LOCATION)
		problem_field(p, "kind", "mismatch", "A location cannot have a file.");
	TRY(problem_fields_check(p));
	if (in->carried)
		return compose_file(a, in, p, out);
	switch (in->kind) {
	case MESSAGE_TEXT:
		if (!in->text)
			problem_field(p, "text", "required", "Must be given.");
		if (in->data)
			problem_field(p, "data", "unknown",
				      "Must not be given for kind text.");
		return problem_fields_check(p);
	case MESSAGE_LOCATION:
		if (!in->data)
			problem_field(p, "data", "required",
				      "Must be given, with lat and lon.");
		TRY(problem_fields_check(p));
		return compose_location(a, in->data, p, &out->data);
	default:
		if (!in->data)
			problem_field(p, "data", "required",
				      "Must be given, with file_id.");
		TRY(problem_fields_check(p));
		return compose_file(a, in, p, out);
	}
}

/* A reply_to that is not a message id gets the same answer, from the append, as the id of
 * a message in another room: it must not reveal rooms that the sender cannot see. */
static void
compose_reply(const struct message_body *in, uint64_t id_key, struct draft *out)
{
	if (!*in->reply_to.text)
		return;
	if (uuid_to_message(id_key, in->reply_to.text, &out->reply_to_room_no,
			    &out->reply_to_seq) == OK)
		return;
	out->reply_to_room_no = 0; /* no room has this number */
	out->reply_to_seq = 1;
}

enum err
compose(struct arena *a, const struct message_body *in, uint64_t id_key,
	struct problem *p, struct draft *out)
{
	*out = (struct draft){
		.client_id = in->client_id ? in->client_id : roomlog_key(a),
		.kind = (enum message_kind)in->kind,
		.carried = in->carried,
	};
	TRY(compose_content(a, in, p, out));
	compose_reply(in, id_key, out);
	out->fingerprint = draft_fingerprint(out);
	return OK;
}
