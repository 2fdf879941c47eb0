/* reference.c -- see reference.h: the AsyncAPI document. */
#include "broker/reference.h"

#include <stdio.h>

#include "broker/commands.h"
#include "broker/frame_rows.h"
#include "shared/announce.h"
#include "shared/api_token.h"
#include "shared/auto.h"
#include "shared/schema_model.h"

static const char about[] =
	"One connection for all rooms of a person: text frames, one JSON object each. "
	"`ref` is any text chosen by the client; the answer repeats it. An acknowledged "
	"frame is committed, and every listener gets the events of a room in the order "
	"of their seq, without gaps or duplicates, across reconnects. docs/live.md "
	"describes it in full.";

static struct json *
text_object(struct arena *a, const char *key, const char *value)
{
	struct json *o = json_object_in(a);

	json_put_text(o, key, value);
	return o;
}

static struct json *
object_with(struct arena *a, const char *key, struct json *value)
{
	struct json *o = json_object_in(a);

	json_put(o, key, value);
	return o;
}

static struct json *
array_with(struct arena *a, struct json *item)
{
	struct json *list = json_array_in(a);

	json_push(list, item);
	return list;
}

/* Frames from clients and to clients, each under a name. */
static const char *
said_name(struct arena *a, const char *type)
{
	return arena_printf(a, "client.%s", type);
}

static const char *
heard_name(struct arena *a, const char *type)
{
	return arena_printf(a, "server.%s", type);
}

static struct json *
pointer(struct arena *a, const char *path, const char *name)
{
	return text_object(a, "$ref", arena_printf(a, "#/%s/%s", path, name));
}

/* ---- every frame, whichever way ------------------------------------------ */

typedef void each_fn(struct arena *a, struct json *to, const char *name);

static void
for_each_frame(struct arena *a, struct json *to, each_fn *fn)
{
	for (const struct command *const *t = command_tables; *t; t++)
		for (const struct command *c = *t; c->name; c++)
			fn(a, to, said_name(a, c->name));
	for (const struct frame_row *f = frame_rows; f->type; f++)
		fn(a, to, heard_name(a, f->type));
}

/* ---- payloads ------------------------------------------------------------ */

static void
copy_member(const char *key, struct json *value, void *arg)
{
	json_put(arg, key, value);
}

/* The schema `rest` with the members that every frame has in front. */
static struct json *
payload(struct arena *a, const char *type, const char *ref, const struct json *rest)
{
	struct json *o = text_object(a, "type", "object");
	struct json *properties = json_object_in(a), *required = json_array_in(a);
	const struct json *needed = json_get(rest, "required");
	struct json *word = text_object(a, "type", "string");

	json_put_text(word, "const", type);
	json_put(properties, "type", word);
	json_push_text(required, "type");
	if (ref) {
		json_put(properties, "ref", text_object(a, "type", "string"));
		json_put_text(json_get(properties, "ref"), "description", ref);
	}
	json_each(json_get(rest, "properties"), copy_member, properties);
	for (size_t i = 0; i < json_count(needed); i++)
		json_push_text(required, json_text_of(json_at(needed, i)));
	json_put(o, "properties", properties);
	json_put(o, "required", required);
	if (json_get(rest, "additionalProperties"))
		json_put_bool(o, "additionalProperties", false);
	return o;
}

static struct json *
said_payload(struct arena *a, const struct command *c)
{
	struct json *rest = body_schema(a, c->body);
	struct json *properties = json_get(rest, "properties");

	for (const struct schema_member *m = c->beside; m && m->name; m++)
		json_put(properties, m->name, schema_member_print(a, m));
	return payload(a, c->name, "repeated in the answer, and in errors", rest);
}

static struct json *
heard_payload(struct arena *a, const struct frame_row *f)
{
	if (f->sort == FRAME_EVENT)
		return schema_ref(a, frame_event_schema(a, f));
	return payload(a, f->type,
		       f->sort == FRAME_ANSWER ? "the ref of the frame that this "
						 "answers"
					       : NULL,
		       schema_object(a, f->about, f->members));
}

/* ---- messages ------------------------------------------------------------ */

static struct json *
message(struct arena *a, const char *type, const char *words, struct json *of)
{
	struct json *o = text_object(a, "name", type);

	json_put_text(o, "title", type);
	json_put_text(o, "description", words);
	json_put(o, "payload", of);
	return o;
}

static const char *
needs(struct arena *a, unsigned scopes)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { TOKEN_READ, "read" },
		      { TOKEN_POST, "post" },
		      { TOKEN_ADMIN, "admin" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (scopes & names[i].bit)
			return arena_printf(a, " An API token needs the scope %s.",
					    names[i].name);
	return "";
}

static struct json *
messages(struct arena *a)
{
	struct json *o = json_object_in(a);

	for (const struct command *const *t = command_tables; *t; t++)
		for (const struct command *c = *t; c->name; c++)
			json_put(o, said_name(a, c->name),
				 message(a, c->name,
					 arena_printf(a, "%s%s", c->about,
						      needs(a, c->scopes)),
					 said_payload(a, c)));
	for (const struct frame_row *f = frame_rows; f->type; f++)
		json_put(o, heard_name(a, f->type),
			 message(a, f->type, f->about, heard_payload(a, f)));
	return o;
}

/* ---- channels ------------------------------------------------------------ */

static void
put_message_ref(struct arena *a, struct json *to, const char *name)
{
	json_put(to, name, pointer(a, "components/messages", name));
}

static void
put_query(struct arena *a, struct json *to, const char *name, const char *words)
{
	struct json *o = text_object(a, "type", "string");

	json_put_text(o, "description", words);
	json_put(to, name, o);
}

static struct json *
query_of(struct arena *a, bool is_room)
{
	struct json *properties = json_object_in(a), *o;

	put_query(a, properties, "ticket", "from POST /auth/ticket: valid once");
	put_query(a, properties, "token", "an access token, not an API token");
	if (is_room) {
		put_query(a, properties, "room", "the room's id");
		put_query(a, properties, "after", "as in `join`");
		put_query(a, properties, "epoch", "as in `join`");
	}
	o = text_object(a, "type", "object");
	json_put(o, "properties", properties);
	return o;
}

static struct json *
channel(struct arena *a, const char *address, const char *words, bool is_room)
{
	struct json *o = text_object(a, "address", address), *all = json_object_in(a);
	struct json *ws = text_object(a, "method", "GET");

	json_put_text(o, "description", words);
	for_each_frame(a, all, put_message_ref);
	json_put(o, "messages", all);
	json_put(ws, "query", query_of(a, is_room));
	json_put_text(ws, "bindingVersion", "0.1.0");
	json_put(o, "bindings", object_with(a, "ws", ws));
	return o;
}

static struct json *
channels(struct arena *a)
{
	struct json *o = json_object_in(a);

	json_put(o, "all",
		 channel(a, "/ws", "One connection for all rooms; also at <prefix>/ws.",
			 false));
	json_put(o, "one",
		 channel(a, "/rooms/ws",
			 "The same, joined to one room, which frames need not name. It "
			 "is closed when the person can no longer listen to that room.",
			 true));
	return o;
}

/* ---- operations ---------------------------------------------------------- */

static struct json *
operation(struct arena *a, const char *action, const char *words, const char *name)
{
	struct json *o = text_object(a, "action", action);

	json_put(o, "channel", pointer(a, "channels", "all"));
	json_put_text(o, "summary", words);
	json_put(o, "messages", array_with(a, pointer(a, "channels/all/messages", name)));
	return o;
}

static struct json *
reply_of(struct arena *a, const char *answer)
{
	struct json *o = object_with(a, "channel", pointer(a, "channels", "all"));
	struct json *list = json_array_in(a);

	if (answer)
		json_push(list,
			  pointer(a, "channels/all/messages", heard_name(a, answer)));
	json_push(list, pointer(a, "channels/all/messages", heard_name(a, "error")));
	json_put(o, "messages", list);
	return o;
}

static struct json *
operations(struct arena *a)
{
	struct json *o = json_object_in(a), *one;

	for (const struct command *const *t = command_tables; *t; t++)
		for (const struct command *c = *t; c->name; c++) {
			one = operation(a, "receive", c->about, said_name(a, c->name));
			json_put(one, "reply", reply_of(a, c->answer));
			json_put(o, said_name(a, c->name), one);
		}
	for (const struct frame_row *f = frame_rows; f->type; f++)
		if (f->sort != FRAME_ANSWER)
			json_put(o, heard_name(a, f->type),
				 operation(a, "send", f->about, heard_name(a, f->type)));
	return o;
}

/* ---- the document -------------------------------------------------------- */

static struct json *
info(struct arena *a)
{
	struct json *o = text_object(a, "title", "Foyer, live");

	json_put_text(o, "version", FOYER_VERSION);
	json_put_text(o, "description", about);
	json_put(o, "license", text_object(a, "name", "MIT"));
	return o;
}

static struct json *
servers(struct arena *a)
{
	struct json *o = text_object(a, "host", "{host}");
	struct json *host = text_object(a, "default", "chat.example");

	json_put_text(host, "description", "The host of the installation.");
	json_put_text(o, "protocol", "wss");
	json_put_text(o, "pathname", "/api/v1");
	json_put_text(
		o, "description",
		"GET /status returns the address in live.url, with the installation's "
		"prefix if it has one.");
	json_put(o, "variables", object_with(a, "host", host));
	json_put(o, "security",
		 array_with(a, pointer(a, "components/securitySchemes", "bearer")));
	return object_with(a, "foyer", o);
}

static struct json *
components(struct arena *a)
{
	struct json *schemas = json_object_in(a), *bearer = json_object_in(a);
	struct json *o = object_with(a, "messages", messages(a));

	schema_put(a, schemas, schema_model);
	schema_put(a, schemas, frame_parts);
	json_put(o, "schemas", schemas);
	json_put_text(bearer, "type", "http");
	json_put_text(bearer, "scheme", "bearer");
	json_put_text(bearer, "description",
		      "An access token or an API token: as Authorization, as one of the "
		      "subprotocols `foyer.v1, bearer.<token>`, or in the first frame.");
	json_put(o, "securitySchemes", object_with(a, "bearer", bearer));
	return o;
}

static struct json *
closes(struct arena *a)
{
	struct json *o = json_object_in(a);

	for (const struct close_row *c = close_rows; c->code; c++)
		json_put_text(o, arena_printf(a, "%d", (int)c->code), c->about);
	return o;
}

struct json *
reference_document(struct arena *a)
{
	struct json *o = text_object(a, "asyncapi", "3.0.0");

	json_put(o, "info", info(a));
	json_put_text(o, "defaultContentType", "application/json");
	json_put(o, "servers", servers(a));
	json_put(o, "channels", channels(a));
	json_put(o, "operations", operations(a));
	json_put(o, "components", components(a));
	json_put(o, "x-close-codes", closes(a));
	return o;
}

void
reference_print(void)
{
	AUTO(arena) struct arena *a = arena_new();

	puts(json_print_readable(a, reference_document(a)));
}
