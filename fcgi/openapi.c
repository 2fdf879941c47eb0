/* openapi.c -- see openapi.h. */
#include <stdio.h>
#include <string.h>

#include "fcgi/openapi.h"
#include "fcgi/openapi_operation.h"
#include "fcgi/schema_rows.h"
#include "shared/announce.h"
#include "shared/auto.h"
#include "shared/schema_model.h"
#include "shared/text.h"

static const char about[] =
	"Chat over REST. The broker serves the live side: WebSockets at /ws and, for "
	"one room, at /rooms/ws; event streams at /rooms/{id}/events. PATCH is the "
	"same as PUT, and /chats the same as /rooms; HEAD and OPTIONS work "
	"everywhere. If a proxy refuses PUT or DELETE, send POST with "
	"X-HTTP-Method-Override.";

static const char *const tags[][2] = {
	{ "accounts", "Registering, signing in and out, passwords, API tokens." },
	{ "admin", "For administrators of the installation." },
	{ "users", "Your profile, other people, contacts." },
	{ "rooms", "Rooms, their members and invites." },
	{ "messages", "Posting, reading, changing and finding messages." },
	{ "files", "Uploads, downloads and avatars." },
	{ "calls", "Calling, answering, and the log of calls." },
	{ "service", "Status, health and this document." },
};

static void
put_operation(struct arena *a, struct json *paths, const struct route *r)
{
	static const char *const names[] = {
		[GET] = "get", [POST] = "post", [PUT] = "put", [DELETE] = "delete"
	};
	struct json *path = json_get(paths, r->pattern);

	if (!path) {
		path = json_object_in(a);
		json_put(paths, r->pattern, path);
	}
	json_put(path, names[r->method], openapi_operation(a, r));
}

/* ---- the document -------------------------------------------------------- */

static struct json *
info(struct arena *a)
{
	struct json *o = json_object_in(a), *license = json_object_in(a);

	json_put_text(o, "title", "Foyer");
	json_put_text(o, "version", FOYER_VERSION);
	json_put_text(o, "description", about);
	json_put_text(license, "name", "MIT");
	json_put_text(license, "identifier", "MIT");
	json_put(o, "license", license);
	return o;
}

static struct json *
servers(struct arena *a, const struct config *config)
{
	struct json *list = json_array_in(a), *one = json_object_in(a);
	const char *base = *config->public_url ? config->public_url : config->prefix;

	json_put_text(one, "url", arena_printf(a, "%s/api/v1", base));
	json_push(list, one);
	return list;
}

static struct json *
tag_list(struct arena *a)
{
	struct json *list = json_array_in(a);

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct json *one = json_object_in(a);

		json_put_text(one, "name", tags[i][0]);
		json_put_text(one, "description", tags[i][1]);
		json_push(list, one);
	}
	return list;
}

static struct json *
schemas(struct arena *a)
{
	struct json *o = json_object_in(a);

	schema_put(a, o, schema_model);
	schema_put(a, o, schema_rows);
	schema_put_choices(a, o, schema_model_choices);
	return o;
}

static struct json *
components(struct arena *a)
{
	struct json *o = json_object_in(a), *schemes = json_object_in(a);
	struct json *bearer = json_object_in(a);

	json_put(o, "schemas", schemas(a));
	json_put(o, "headers", openapi_headers(a));
	json_put_text(bearer, "type", "http");
	json_put_text(bearer, "scheme", "bearer");
	json_put_text(bearer, "bearerFormat", "JWT");
	json_put_text(bearer, "description",
		      "An access token, or an API token with the named scope: read, "
		      "post or admin. session: an access token only. operator: an "
		      "access token of an administrator of the installation.");
	json_put(schemes, "bearer", bearer);
	json_put(o, "securitySchemes", schemes);
	return o;
}

struct json *
openapi_document(struct arena *a, const struct config *config,
		 const struct route *const tables[])
{
	struct json *o = json_object_in(a), *paths = json_object_in(a);

	json_put_text(o, "openapi", "3.1.0");
	json_put(o, "info", info(a));
	json_put(o, "servers", servers(a, config));
	json_put(o, "tags", tag_list(a));
	for (; *tables; tables++)
		for (const struct route *r = *tables; r->pattern; r++)
			put_operation(a, paths, r);
	json_put(o, "paths", paths);
	json_put(o, "components", components(a));
	return o;
}

void
openapi_print(const struct config *config, const struct route *const tables[])
{
	AUTO(arena) struct arena *a = arena_new();

	puts(json_print(a, openapi_document(a, config, tables), NULL));
}
