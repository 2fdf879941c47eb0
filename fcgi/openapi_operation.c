/* openapi_operation.c -- see openapi_operation.h. */
#include "fcgi/openapi_operation.h"

#include <string.h>

#include "shared/schema.h"
#include "shared/text.h"

/* The statuses that follow from a row's other columns, so that no row has to list
 * them. */
static bool
may_answer(const struct route *r, int status)
{
	switch (status) {
	case 304:
		return r->flags & ROUTE_TAGGED;
	case 401:
		return r->who >= AUTH_ANY;
	case 403: /* for an API token, or for somebody who is not an administrator */
		return r->who >= AUTH_READ;
	case 404:
		return strchr(r->pattern, '{') != NULL;
	case 413:
		return r->body || r->flags & ROUTE_UPLOAD;
	case 206:
	case 416:
		return r->flags & ROUTE_BYTES;
	case 429:
		return r->limit != LIMIT_NONE;
	case 400:
	case 422:
	case 500:
	case 503:
		return true;
	}
	return false;
}

/* {type: {schema: …}} */
static void
put_content(struct arena *a, struct json *content, const char *type, struct json *schema)
{
	struct json *media = json_object_in(a);

	json_put(media, "schema", schema);
	json_put(content, type, media);
}

/* ---- parameters ---------------------------------------------------------- */

static struct json *
parameter(struct arena *a, const char *in, const char *name, bool required,
	  struct json *schema)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "name", name);
	json_put_text(o, "in", in);
	if (required)
		json_put_bool(o, "required", true);
	json_put(o, "schema", schema);
	return o;
}

static struct json *
text_schema(struct arena *a, const char *format)
{
	struct json *o = json_object_in(a);

	json_put_text(o, "type", "string");
	if (format)
		json_put_text(o, "format", format);
	return o;
}

static void
push_path_parameters(struct arena *a, struct json *list, const char *pattern)
{
	size_t len;

	for (const char *s; (s = route_segment(&pattern, &len));)
		if (*s == '{')
			json_push(list,
				  parameter(a, "path", arena_strndup(a, s + 1, len - 2),
					    true,
					    text_schema(a, route_segment_is_id(s, len)
								   ? "uuid"
								   : NULL)));
}

static void
push_header(struct arena *a, struct json *list, const char *name, const char *pattern)
{
	struct json *schema = text_schema(a, NULL);

	if (pattern)
		json_put_text(schema, "pattern", pattern);
	json_push(list, parameter(a, "header", name, false, schema));
}

/* A query parameter is never null, unlike a body's field. */
static struct json *
parameter_schema(struct arena *a, const struct field *f)
{
	struct field required = *f;

	required.required = true;
	return body_field_schema(a, &required);
}

static struct json *
parameters(struct arena *a, const struct route *r)
{
	struct json *list = json_array_in(a);

	push_path_parameters(a, list, r->pattern);
	for (const struct field *f = r->query ? r->query->fields : NULL; f && f->name;
	     f++)
		json_push(list, parameter(a, "query", f->name, f->required,
					  parameter_schema(a, f)));
	if (r->flags & ROUTE_KEYED)
		push_header(a, list, "Idempotency-Key", "^[A-Za-z0-9._-]{1,64}$");
	if (r->flags & ROUTE_TAGGED)
		push_header(a, list, "If-None-Match", NULL);
	return list;
}

/* ---- bodies and answers -------------------------------------------------- */

static struct json *
any_bytes(struct arena *a)
{
	struct json *o = text_schema(a, NULL);

	json_put_text(o, "contentMediaType", "application/octet-stream");
	return o;
}

static const struct body no_fields = { sizeof(struct body_head),
				       (const struct field[]){ {} } };

/* A form with the part `file` and the body's fields. */
static struct json *
form_schema(struct arena *a, const struct body *body)
{
	struct json *o = body_schema(a, body ? body : &no_fields);

	json_put(json_get(o, "properties"), "file", any_bytes(a));
	return o;
}

/* A body that is the file itself. */
static struct json *
file_body(struct arena *a)
{
	struct json *o = json_object_in(a), *content = json_object_in(a);

	put_content(a, content, "multipart/form-data", form_schema(a, NULL));
	json_put(content, "*/*", json_object_in(a));
	json_put_bool(o, "required", true);
	json_put(o, "content", content);
	return o;
}

static struct json *
request_body_of(struct arena *a, const struct route *r)
{
	struct json *o = json_object_in(a), *content = json_object_in(a);
	bool required = false;

	if (!r->body)
		return file_body(a);
	for (const struct field *f = r->body->fields; f->name; f++)
		required |= f->required;
	put_content(a, content, "application/json", body_schema(a, r->body));
	if (r->flags & ROUTE_UPLOAD)
		put_content(a, content, "multipart/form-data", form_schema(a, r->body));
	if (r->flags & ROUTE_TEXT) {
		put_content(a, content, "text/plain", text_schema(a, NULL));
		put_content(a, content, "application/x-www-form-urlencoded",
			    body_schema(a, r->body));
	}
	json_put_bool(o, "required", required || (r->flags & ROUTE_TEXT));
	json_put(o, "content", content);
	return o;
}

/* Headers of answers, as components; those with `always` false are in some answers
 * only. */
static const struct header {
	const char *name, *type, *about;
	bool always;
} headers[] = {
	{ "X-Request-Id", "string", "The id of the request in the server's log.", true },
	{ "Location", "string", "The path of what was created.", true },
	{ "ETag", "string", "For If-None-Match.", true },
	{ "WWW-Authenticate", "string",
	  "What is wrong with the token (RFC 6750, "
	  "section 3).",
	  true },
	{ "Retry-After", "integer", "Seconds to wait before trying again.", true },
	{ "RateLimit", "string",
	  "What is left of the limit that will be reached "
	  "first.",
	  false },
	{ "RateLimit-Policy", "string", "The limits that apply.", false },
};

static bool
has_header(const struct route *r, int status, const char *name)
{
	if (strcmp(name, "X-Request-Id") == 0)
		return true;
	if (strcmp(name, "Location") == 0)
		return status == 201 && !(r->flags & ROUTE_NOWHERE);
	if (strcmp(name, "ETag") == 0)
		return (status == 200 || status == 304) && r->flags & ROUTE_TAGGED;
	if (strcmp(name, "WWW-Authenticate") == 0)
		return status == 401;
	if (strcmp(name, "Retry-After") == 0)
		return status == 429 || status == 503;
	return r->limit != LIMIT_NONE;
}

static struct json *
headers_of(struct arena *a, const struct route *r, int status)
{
	struct json *o = json_object_in(a), *ref;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (!has_header(r, status, headers[i].name))
			continue;
		ref = json_object_in(a);
		json_put_text(
			ref, "$ref",
			arena_printf(a, "#/components/headers/%s", headers[i].name));
		json_put(o, headers[i].name, ref);
	}
	return o;
}

struct json *
openapi_headers(struct arena *a)
{
	struct json *all = json_object_in(a), *o, *schema;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		o = json_object_in(a);
		schema = json_object_in(a);
		json_put_text(o, "description", headers[i].about);
		if (headers[i].always)
			json_put_bool(o, "required", true);
		json_put_text(schema, "type", headers[i].type);
		json_put(o, "schema", schema);
		json_put(all, headers[i].name, o);
	}
	return all;
}

/* The content of an answer; NULL: none. A file may be of any type and has no schema. */
static struct json *
content_of(struct arena *a, const struct route *r, int status)
{
	struct json *content = json_object_in(a);

	if (status >= 400)
		put_content(a, content, "application/problem+json",
			    schema_ref(a, "Problem"));
	else if (status < 300 && r->flags & ROUTE_BYTES)
		json_put(content, "*/*", json_object_in(a));
	else if (status < 300 && status != 202 && status != 204 && r->gives)
		put_content(a, content, "application/json", schema_ref(a, r->gives));
	else
		return NULL;
	return content;
}

static struct json *
response(struct arena *a, const struct route *r, int status)
{
	struct json *o = json_object_in(a), *content = content_of(a, r, status);

	json_put_text(o, "description", reply_status_words(status));
	json_put(o, "headers", headers_of(a, r, status));
	if (content)
		json_put(o, "content", content);
	return o;
}

static bool
is_named(const struct route *r, int status)
{
	for (const int *f = r->fails; f && *f; f++)
		if (*f == status)
			return true;
	return false;
}

static struct json *
responses(struct arena *a, const struct route *r)
{
	static const int statuses[] = { 200, 201, 202, 204, 206, 302, 304, 400, 401, 403,
					404, 409, 413, 415, 416, 422, 429, 500, 503 };
	struct json *o = json_object_in(a);

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (r->status == statuses[i] || may_answer(r, statuses[i]) ||
		    is_named(r, statuses[i]))
			json_put(o, arena_printf(a, "%d", statuses[i]),
				 response(a, r, statuses[i]));
	return o;
}

/* ---- operations ---------------------------------------------------------- */

/* Who may call, as role names of the bearer scheme (OpenAPI 3.1, section 4.8.30): a scope
 * that an API token needs, or a right that no API token has. */
static const char *const role_names[] = {
	[AUTH_READ] = "read",	    [AUTH_POST] = "post",	  [AUTH_ADMIN] = "admin",
	[AUTH_SESSION] = "session", [AUTH_OPERATOR] = "operator",
};

static struct json *
security(struct arena *a, const struct route *r)
{
	struct json *list = json_array_in(a), *scheme, *roles = json_array_in(a);

	if (r->who == AUTH_NONE)
		return list;
	if (r->who == AUTH_OPTIONAL)
		json_push(list, json_object_in(a));
	if (role_names[r->who])
		json_push_text(roles, role_names[r->who]);
	scheme = json_object_in(a);
	json_put(scheme, "bearer", roles);
	json_push(list, scheme);
	return list;
}

struct json *
openapi_operation(struct arena *a, const struct route *r)
{
	struct json *o = json_object_in(a), *tag = json_array_in(a);

	json_put_text(o, "operationId", r->name);
	json_push_text(tag, r->tag);
	json_put(o, "tags", tag);
	json_put_text(o, "summary", r->summary);
	if (r->about)
		json_put_text(o, "description", r->about);
	json_put(o, "security", security(a, r));
	json_put(o, "parameters", parameters(a, r));
	if (r->body || r->flags & ROUTE_UPLOAD)
		json_put(o, "requestBody", request_body_of(a, r));
	json_put(o, "responses", responses(a, r));
	return o;
}
