#include "fcgi/openapi.h"
#include "fcgi/tables.h"
#include "shared/text.h"
#include "tests/unit/test.h"

static struct json *
document(struct arena *a)
{
	const struct config config = { .prefix = "/chat", .public_url = "" };

	return openapi_document(a, &config, all_tables);
}

static struct json *
at(struct json *o, const char *const path[])
{
	for (; *path; path++)
		o = json_get(o, *path);
	return o;
}
#define AT(o, ...) at((o), (const char *const[]){ __VA_ARGS__, NULL })

static void
it_is_json_of_version_3_1(void **state)
{
	size_t len;
	const char *text = json_print(*state, document(*state), &len);
	struct problem p = {};
	struct json *back;

	assert_int_equal(json_parse(*state, text, len, 32, &p, &back), OK);
	assert_string_equal(json_text_of(json_get(back, "openapi")), "3.1.0");
	assert_string_equal(
		json_text_of(AT(json_at(json_get(back, "servers"), 0), "url")),
		"/chat/api/v1");
}

/* Collects the names of every $ref below. */
struct refs {
	struct json *schemas, *headers;
	int count;
};

static void check_refs(const char *key, struct json *value, void *arg);

static void
check_below(struct json *value, struct refs *refs)
{
	if (json_kind_of(value) == JSON_OBJECT)
		json_each(value, check_refs, refs);
	for (size_t i = 0; json_kind_of(value) == JSON_ARRAY && i < json_count(value);
	     i++)
		check_below(json_at(value, i), refs);
}

static void
check_refs(const char *key, struct json *value, void *arg)
{
	static const char schemas[] = "#/components/schemas/";
	static const char headers[] = "#/components/headers/";
	struct refs *refs = arg;

	if (strcmp(key, "$ref") == 0) {
		const char *name = json_text_of(value);

		if (text_starts(name, headers))
			CASE(json_get(refs->headers, name + strlen(headers)), name);
		else
			CASE(text_starts(name, schemas) &&
				     json_get(refs->schemas, name + strlen(schemas)),
			     name);
		refs->count++;
	}
	check_below(value, refs);
}

static void
every_reference_leads_somewhere(void **state)
{
	struct json *doc = document(*state);
	struct refs refs = { .schemas = AT(doc, "components", "schemas"),
			     .headers = AT(doc, "components", "headers") };

	check_below(doc, &refs);
	assert_true(refs.count > 50);
}

static void
every_row_is_an_operation_with_its_answers(void **state)
{
	static const char *const names[] = {
		[GET] = "get", [POST] = "post", [PUT] = "put", [DELETE] = "delete"
	};
	struct json *paths = json_get(document(*state), "paths");

	for (const struct route *const *t = all_tables; *t; t++)
		for (const struct route *r = *t; r->pattern; r++) {
			struct json *op = AT(paths, r->pattern, names[r->method]);
			const char *status = arena_printf(*state, "%d", r->status);

			CASE(op, r->pattern);
			CASE(strcmp(json_text_of(json_get(op, "operationId")), r->name) ==
				     0,
			     r->name);
			CASE(AT(op, "responses", status), r->name);
			CASE(AT(op, "responses", "422"), r->name);
			CASE((AT(op, "responses", "401") != NULL) >= (r->who >= AUTH_ANY),
			     r->name);
			CASE((json_get(op, "requestBody") != NULL) ==
				     (r->body || r->flags & ROUTE_UPLOAD),
			     r->name);
		}
}

static void
path_parameters_are_declared(void **state)
{
	struct json *op =
		AT(document(*state), "paths", "/rooms/{id}/members/{user_id}", "put");
	struct json *parameters = json_get(op, "parameters");

	assert_int_equal(json_count(parameters), 2);
	assert_string_equal(json_text_of(AT(json_at(parameters, 0), "name")), "id");
	assert_string_equal(json_text_of(AT(json_at(parameters, 1), "name")), "user_id");
	assert_string_equal(json_text_of(AT(json_at(parameters, 1), "in")), "path");
	assert_true(json_bool_of(AT(json_at(parameters, 1), "required")));
}

static void
who_may_call_is_said(void **state)
{
	struct json *paths = json_get(document(*state), "paths"), *scheme;

	assert_int_equal(json_count(AT(paths, "/status", "get", "security")), 0);
	assert_int_equal(json_count(AT(paths, "/rooms", "get", "security")), 1);
	scheme = json_at(AT(paths, "/rooms", "get", "security"), 0);
	assert_string_equal(json_text_of(json_at(AT(scheme, "bearer"), 0)), "read");
	assert_int_equal(json_count(AT(paths, "/auth/logout", "post", "security")), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_is_json_of_version_3_1),
		T(every_reference_leads_somewhere),
		T(every_row_is_an_operation_with_its_answers),
		T(path_parameters_are_declared),
		T(who_may_call_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
