/* Routing, and the way of a request from its head to the response. */
#include "fcgi/content.h"
#include "fcgi/tables.h"
#include "tests/unit/fcgi/fake.h"

#define ID "0b8c4a52-6d0e-4c1a-9a55-2f6f0d3b7c11"

struct note_body {
	struct body_head head;
	const char *text;
	int64_t stars;
};

static const struct body note_body =
	BODY(struct note_body,
	     FIELD_TEXT(struct note_body, text, REQUIRED, 1, 20, .also = "content"),
	     FIELD_INT(struct note_body, stars, OPTIONAL, 0, 5));

struct note_query {
	struct body_head head;
	int64_t limit;
};

static const struct body note_query =
	BODY(struct note_query, FIELD_INT(struct note_query, limit, OPTIONAL, 1, 100));

static enum err
get_note(struct req *rq, struct reply *out)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "id", rq->arg[0]);
	reply_json_tagged(rq, out, o);
	return OK;
}

static enum err
post_note(struct req *rq, struct reply *out)
{
	const struct note_body *in = rq->body;
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "text", in->text);
	reply_created(rq, out, o, "/notes/%s", ID);
	return OK;
}

static enum err
remove_note(struct req *rq, struct reply *out)
{
	(void)rq;
	reply_no_content(out);
	return OK;
}

static enum err
fail_note(struct req *rq, struct reply *out)
{
	(void)out;
	return problem_fail(&rq->problem, ERR_CONFLICT, "note_taken", "It is taken.");
}

static void
check_note(struct req *rq)
{
	const struct note_body *in = rq->body;

	if (in->stars == 3)
		content_note(rq, "stars", "choice", "Anything but 3.");
	if (!in->text)
		content_note(rq, "text", "required", "Must be given.");
}

static const struct route table[] = {
	{ GET, "/notes/{id}", AUTH_NONE, .flags = ROUTE_TAGGED, .query = &note_query,
	  HANDLER(get_note) },
	{ PUT, "/notes/{id}", AUTH_NONE, HANDLER(fail_note) },
	{ DELETE, "/notes/{id}", AUTH_NONE, HANDLER(remove_note) },
	{ POST, "/notes", AUTH_NONE, .flags = ROUTE_TEXT, .body = &note_body,
	  .check = check_note, HANDLER(post_note) },
	{ POST, "/strict", AUTH_NONE, .body = &note_body, HANDLER(post_note) },
	{ PUT, "/notes/{id}/marks/{emoji}", AUTH_NONE, HANDLER(remove_note) },
	{ GET, "/rooms/{id}/of/{user_id}", AUTH_NONE, HANDLER(get_note) },
	{ GET, "/private", AUTH_READ, HANDLER(get_note) },
	{ GET, "/health", AUTH_NONE, .flags = ROUTE_EVERYWHERE, HANDLER(remove_note) },
	{},
};
static const struct route *const tables[] = { table, NULL };

static const struct {
	enum method method;
	const char *path;
	enum route_match match;
	const char *pattern, *allow;
} cases[] = {
	{ GET, "/api/v1/notes/" ID, ROUTE_FOUND, "/notes/{id}", NULL },
	{ GET, "/api/v1/notes/" ID "/", ROUTE_FOUND, "/notes/{id}", NULL },
	{ GET, "/api/v1/notes/0B8C4A52-6D0E-4C1A-9A55-2F6F0D3B7C11", ROUTE_FOUND,
	  "/notes/{id}", NULL },
	{ GET, "/api/v1/notes/12", ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/api/v1/notes/" ID "x", ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/api/v1/notes//", ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/api/v1//notes/" ID, ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/notes/" ID, ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/api/v1/notes/" ID "/marks", ROUTE_NO_PATH, NULL, NULL },
	{ PUT, "/api/v1/notes/" ID "/marks/%F0%9F%91%8D", ROUTE_FOUND,
	  "/notes/{id}/marks/{emoji}", NULL },
	{ PUT, "/api/v1/notes/" ID "/marks//", ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/api/v1/notes", ROUTE_NO_METHOD, NULL, "POST, OPTIONS" },
	{ POST, "/api/v1/notes/" ID, ROUTE_NO_METHOD, NULL,
	  "GET, HEAD, PUT, PATCH, DELETE, OPTIONS" },
	{ OPTIONS, "/api/v1/notes", ROUTE_NO_METHOD, NULL, "POST, OPTIONS" },
	{ GET, "/api/v1/rooms/" ID "/of/" ID, ROUTE_FOUND, "/rooms/{id}/of/{user_id}",
	  NULL },
	{ GET, "/api/v1/chats/" ID "/of/" ID, ROUTE_FOUND, "/rooms/{id}/of/{user_id}",
	  NULL },
	{ GET, "/chats/" ID "/of/" ID, ROUTE_NO_PATH, NULL, NULL },
	{ GET, "/health", ROUTE_FOUND, "/health", NULL },
	{ GET, "/api/v1/health", ROUTE_FOUND, "/health", NULL },
};

static void
a_path_finds_its_row(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake *f =
			fake_new(*state, method_names[cases[i].method], cases[i].path);
		const char *allow = NULL;
		enum route_match match;

		assert_int_equal(request_head(&f->rq), OK);
		match = route_find(tables, &f->rq, &allow);
		CASE(match == cases[i].match, cases[i].path);
		if (cases[i].pattern)
			CASE(strcmp(f->rq.route->pattern, cases[i].pattern) == 0,
			     cases[i].path);
		if (cases[i].allow)
			CASE(strcmp(allow, cases[i].allow) == 0, cases[i].path);
	}
}

static void
ids_come_in_lower_case(void **state)
{
	struct fake *f = fake_new(*state, "GET",
				  "/api/v1/notes/0B8C4A52-6D0E-4C1A-9A55-2F6F0D3B7C11");

	assert_true(contains(fake_answer(f, table), "{\"id\":\"" ID "\"}"));
}

/* ---- the whole way ------------------------------------------------------- */

static const char *
post(struct arena *a, const char *path, const char *type, const char *body)
{
	struct fake *f = fake_new(a, "POST", path);

	fake_body(f, type, body, strlen(body));
	return fake_answer(f, table);
}

static void
a_handler_gets_a_checked_body(void **state)
{
	const char *said = post(*state, "/api/v1/notes", "application/json",
				"{\"content\": \"hi\"}");

	assert_true(contains(said, "Status: 201 Created\r\n"));
	assert_true(contains(said, "Location: /api/v1/notes/" ID "\r\n"));
	assert_true(contains(said, "\r\n\r\n{\"text\":\"hi\"}"));
}

static const struct {
	const char *type, *body, *want;
} bodies[] = {
	{ "application/json", "{", "Status: 400" },
	{ "application/json", "[]", "Status: 422" },
	{ "application/json", "", "\"field\":\"text\",\"code\":\"required\"" },
	{ "application/json", "{\"text\":\"\"}", "\"code\":\"too_short\"" },
	{ "application/json", "{\"text\":7}", "\"code\":\"type\"" },
	{ "application/json", "{\"text\":\"x\",\"nope\":1}", "\"field\":\"nope\"" },
	{ "application/vnd.x+json", "{\"text\":\"x\"}", "Status: 201" },
	{ "", "{\"text\":\"x\"}", "Status: 201" },
	{ "text/html", "<p>", "Status: 400" },
	{ "application/jsonx", "{\"text\":\"x\"}", "Status: 400" },
	{ "text/plain", "hello", "{\"text\":\"hello\"}" },
	{ "text/plain", "{\"text\":\"x\"}", "{\"text\":\"{\\\"text\\\":\\\"x\\\"}\"}" },
	{ "text/plain", "a text that is far too long", "\"code\":\"too_long\"" },
	{ "text/plain", "\xff", "Status: 400" },
	{ "application/x-www-form-urlencoded", "load=93% & rising",
	  "{\"text\":\"load=93% & rising\"}" },
	{ "application/x-www-form-urlencoded", "text=a+b%21", "{\"text\":\"a b!\"}" },
	{ "application/x-www-form-urlencoded", "content=x&stars=4", "Status: 201" },
	{ "application/x-www-form-urlencoded", "content=x&stars=9",
	  "\"field\":\"stars\",\"code\":\"too_large\"" },
	{ "application/x-www-form-urlencoded", "text=%", "Status: 400" },
	{ "application/x-www-form-urlencoded", "{\"text\":\"x\"}",
	  "{\"text\":\"{\\\"text\\\":\\\"x\\\"}\"}" },
};

static void
where_text_is_taken_every_form_of_it_is(void **state)
{
	for (size_t i = 0; i < COUNT(bodies); i++)
		CASE(contains(post(*state, "/api/v1/notes", bodies[i].type,
				   bodies[i].body),
			      bodies[i].want),
		     bodies[i].body);
}

static void
elsewhere_a_form_is_json_or_nothing(void **state)
{
	static const char form[] = "application/x-www-form-urlencoded";

	assert_true(contains(post(*state, "/api/v1/strict", form, "{\"text\":\"x\"}"),
			     "Status: 201"));
	assert_true(
		contains(post(*state, "/api/v1/strict", form, "text=x"), "Status: 400"));
	assert_true(contains(post(*state, "/api/v1/strict", "text/plain", "x"),
			     "Status: 400"));
}

static void
a_text_with_a_nul_is_no_text(void **state)
{
	struct fake *f = fake_new(*state, "POST", "/api/v1/notes");

	fake_body(f, "text/plain", "a\0b", 3);
	assert_true(contains(fake_answer(f, table), "Status: 400"));
}

static void
all_mistakes_are_told_at_once_and_each_once(void **state)
{
	const char *said = post(*state, "/api/v1/notes?limit=0&x=1", "application/json",
				"{\"text\":\"\",\"stars\":3,\"nope\":true}");
	const char *text = strstr(said, "\"field\":\"text\"");

	assert_true(contains(said, "Status: 422"));
	assert_true(contains(said, "\"field\":\"limit\",\"code\":\"unknown\""));
	assert_true(contains(said, "\"field\":\"x\""));
	assert_true(contains(said, "\"field\":\"stars\",\"code\":\"choice\""));
	assert_true(contains(said, "\"field\":\"nope\""));
	assert_non_null(text);
	assert_false(contains(text + 1, "\"field\":\"text\""));
}

static void
a_body_over_the_limit_is_413(void **state)
{
	char big[1100];

	memset(big, ' ', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	assert_true(contains(post(*state, "/api/v1/notes", "application/json", big),
			     "\"code\":\"too_large\""));
}

static void
a_query_is_held_to_its_table(void **state)
{
	static const struct {
		const char *query, *want;
	} queries[] = {
		{ "limit=5", "Status: 200" },
		{ "limit=500", "\"field\":\"limit\"" },
		{ "limit=", "\"field\":\"limit\"" },
		{ "limit=5&limit=6", "\"field\":\"limit\"" },
		{ "token=x", "\"field\":\"token\",\"code\":\"unknown\"" },
		{ "limit=%", "Status: 400" },
	};

	for (size_t i = 0; i < COUNT(queries); i++) {
		struct fake *f = fake_new(*state, "GET",
					  arena_printf(*state, "/api/v1/notes/" ID "?%s",
						       queries[i].query));

		CASE(contains(fake_answer(f, table), queries[i].want), queries[i].query);
	}
}

static void
without_a_token_it_is_401_before_anything_else(void **state)
{
	struct fake *f = fake_new(*state, "GET", "/api/v1/private?nope=1");
	const char *said = fake_answer(f, table);

	assert_true(contains(said, "Status: 401 Unauthorized\r\n"));
	assert_true(contains(said, "WWW-Authenticate: Bearer realm=\"foyer\"\r\n"));
	assert_true(contains(said, "\"code\":\"token_invalid\""));
}

static void
head_is_get_without_its_body(void **state)
{
	const char *get =
		fake_answer(fake_new(*state, "GET", "/api/v1/notes/" ID), table);
	const char *head =
		fake_answer(fake_new(*state, "HEAD", "/api/v1/notes/" ID), table);

	assert_true(contains(get, "Content-Length: 45\r\n"));
	assert_true(contains(head, "Content-Length: 45\r\n"));
	assert_true(contains(head, "ETag: \""));
	assert_string_equal(strstr(head, "\r\n\r\n"), "\r\n\r\n");
}

static void
options_and_405_name_what_is_allowed(void **state)
{
	const char *said =
		fake_answer(fake_new(*state, "OPTIONS", "/api/v1/notes"), table);

	assert_true(contains(said, "Status: 204"));
	assert_true(contains(said, "Allow: POST, OPTIONS\r\n"));
	said = fake_answer(fake_new(*state, "DELETE", "/api/v1/notes"), table);
	assert_true(contains(said, "Status: 405"));
	assert_true(contains(said, "Allow: POST, OPTIONS\r\n"));
	assert_true(contains(said, "\"code\":\"method_not_allowed\""));
	said = fake_answer(fake_new(*state, "OPTIONS", "/api/v1/nothing"), table);
	assert_true(contains(said, "Status: 404"));
}

static void
a_handler_s_words_reach_the_client(void **state)
{
	const char *said =
		fake_answer(fake_new(*state, "PUT", "/api/v1/notes/" ID), table);

	assert_true(contains(said, "Status: 409 Conflict\r\n"));
	assert_true(contains(said, "Content-Type: application/problem+json\r\n"));
	assert_true(contains(said, "\"code\":\"note_taken\""));
	assert_true(contains(said, "\"detail\":\"It is taken.\""));
}

/* ---- the real tables ----------------------------------------------------- */

static void
every_row_is_whole_and_no_two_are_the_same(void **state)
{
	(void)state;
	for (const struct route *const *t = all_tables; *t; t++)
		for (const struct route *r = *t; r->pattern; r++) {
			CASE(r->handler && r->name && r->tag && r->summary, r->pattern);
			CASE(r->status >= 200 && r->status < 300, r->pattern);
			CASE(!r->gives || r->status != 204, r->pattern);
			CASE(r->gives || r->status == 204 || r->status == 202 ||
				     r->flags & ROUTE_BYTES,
			     r->pattern);
			CASE(r->limit == LIMIT_NONE || r->cost > 0, r->pattern);
			for (const struct route *const *u = all_tables; *u; u++)
				for (const struct route *s = *u; s->pattern; s++) {
					if (s == r)
						continue;
					CASE(strcmp(s->name, r->name) != 0, r->name);
					CASE(s->method != r->method ||
						     strcmp(s->pattern, r->pattern) != 0,
					     r->pattern);
				}
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_path_finds_its_row),
		T(ids_come_in_lower_case),
		T(a_handler_gets_a_checked_body),
		T(where_text_is_taken_every_form_of_it_is),
		T(elsewhere_a_form_is_json_or_nothing),
		T(a_text_with_a_nul_is_no_text),
		T(all_mistakes_are_told_at_once_and_each_once),
		T(a_body_over_the_limit_is_413),
		T(a_query_is_held_to_its_table),
		T(without_a_token_it_is_401_before_anything_else),
		T(head_is_get_without_its_body),
		T(options_and_405_name_what_is_allowed),
		T(a_handler_s_words_reach_the_client),
		T(every_row_is_whole_and_no_two_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
