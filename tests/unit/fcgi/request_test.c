#include "tests/unit/fcgi/fake.h"

static struct req *
head(struct arena *a, const char *method, const char *uri, const char *override)
{
	struct fake *f = fake_new(a, method, uri);

	if (override)
		fake_header(f, "HTTP_X_HTTP_METHOD_OVERRIDE", override);
	assert_int_equal(request_head(&f->rq), OK);
	return &f->rq;
}

static const struct {
	const char *sent, *override;
	enum method method;
	bool head_only;
} methods[] = {
	{ "GET", NULL, GET, false },
	{ "HEAD", NULL, GET, true },
	{ "POST", NULL, POST, false },
	{ "PUT", NULL, PUT, false },
	{ "PATCH", NULL, PUT, false },
	{ "DELETE", NULL, DELETE, false },
	{ "OPTIONS", NULL, OPTIONS, false },
	{ "BREW", NULL, METHOD_OTHER, false },
	{ "get", NULL, METHOD_OTHER, false },
	{ "", NULL, METHOD_OTHER, false },
	{ "POST", "PUT", PUT, false },
	{ "POST", "PATCH", PUT, false },
	{ "POST", "DELETE", DELETE, false },
	{ "POST", "EXPLODE", METHOD_OTHER, false },
	{ "POST", "GET", METHOD_OTHER, false },
	{ "GET", "DELETE", GET, false },
	{ "HEAD", "DELETE", GET, true },
};

static void
only_post_can_be_another_method(void **state)
{
	for (size_t i = 0; i < COUNT(methods); i++) {
		struct req *rq = head(*state, methods[i].sent, "/x", methods[i].override);

		CASE(rq->method == methods[i].method, methods[i].sent);
		CASE(rq->head_only == methods[i].head_only, methods[i].sent);
	}
}

static const struct {
	const char *uri;
	enum err err;
	const char *segments; /* joined with '|' */
	bool is_api;
} paths[] = {
	{ "/chat/api/v1/rooms", OK, "rooms", true },
	{ "/chat/api/v1/rooms/", OK, "rooms", true },
	{ "/chat/api/v1/rooms/?limit=1", OK, "rooms", true },
	{ "/chat/api/v1/%72ooms", OK, "rooms", true },
	{ "/chat/api/v1/rooms//", OK, "rooms|", true },
	{ "/chat/api/v1//rooms", OK, "|rooms", true },
	{ "/chat/api/v1", OK, "", true },
	{ "/chat/api/v1/", OK, "", true },
	{ "/chat/health", OK, "health", false },
	{ "/chat/api", OK, "api", false },
	{ "/chat/api/v2/rooms", OK, "api|v2|rooms", false },
	{ "http://host:80/chat/api/v1/rooms", OK, "rooms", true },
	{ "/chat/api/v1/a%20b", OK, "a b", true },
	{ "/chat/api/v1/a+b", OK, "a+b", true },
	{ "/chat/api/v1/%252f", OK, "%2f", true },
	{ "/chat/api/v1/..%2fx", ERR_NOT_FOUND, "", false },
	{ "/chat/api/v1/%zz", ERR_MALFORMED, "", false },
	{ "/chat/api/v1/%00", ERR_MALFORMED, "", false },
	{ "/chat/api/v1/%ff", ERR_MALFORMED, "", false },
	{ "/chat/api/v1/x?a=%", ERR_MALFORMED, "x", true },
	{ "/chat/a/b/c/d/e/f/g/h/i", ERR_NOT_FOUND, "", false },
	{ "/chat", ERR_NOT_FOUND, "", false },
	{ "/chatty/api/v1/rooms", ERR_NOT_FOUND, "", false },
	{ "/api/v1/rooms", ERR_NOT_FOUND, "", false },
	{ "/", ERR_NOT_FOUND, "", false },
	{ "*", ERR_NOT_FOUND, "", false },
	{ "http://host", ERR_NOT_FOUND, "", false },
};

static const char *
joined(struct arena *a, const struct req *rq)
{
	const char *text = "";

	for (size_t i = 0; i < rq->segment_count; i++)
		text = arena_printf(a, "%s%s%s", text, i ? "|" : "", rq->segment[i]);
	return text;
}

static void
paths_are_taken_below_the_prefix_and_decoded_once(void **state)
{
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct fake *f = fake_new(*state, "GET", paths[i].uri);
		enum err err;

		f->app.config.prefix = "/chat";
		err = request_head(&f->rq);
		CASE(err == paths[i].err, paths[i].uri);
		if (err != OK)
			continue;
		CASE(strcmp(joined(*state, &f->rq), paths[i].segments) == 0,
		     paths[i].uri);
		CASE(f->rq.is_api == paths[i].is_api, paths[i].uri);
	}
}

static void
a_server_without_request_uri_gives_its_parts(void **state)
{
	struct fake *f = fake_new(*state, "GET", "");

	fake_header(f, "SCRIPT_NAME", "/api");
	fake_header(f, "PATH_INFO", "/v1/rooms");
	fake_header(f, "QUERY_STRING", "limit=5");
	assert_int_equal(request_head(&f->rq), OK);
	assert_string_equal(f->rq.segment[0], "rooms");
	assert_string_equal(f->rq.query_pairs[0].value, "5");
}

static void
query_pairs_are_decoded(void **state)
{
	struct req *rq = head(*state, "GET", "/x?a=1+2&b=%26&&c&=d", NULL);

	assert_int_equal(rq->query_count, 4);
	assert_string_equal(rq->query_pairs[0].value, "1 2");
	assert_string_equal(rq->query_pairs[1].value, "&");
	assert_string_equal(rq->query_pairs[2].name, "c");
	assert_string_equal(rq->query_pairs[2].value, "");
	assert_string_equal(rq->query_pairs[3].name, "");
}

static const char *
id_for(struct arena *a, const char *given)
{
	struct fake *f = fake_new(a, "GET", "/x");

	if (given)
		fake_header(f, "HTTP_X_REQUEST_ID", given);
	assert_int_equal(request_head(&f->rq), OK);
	return f->rq.id;
}

static void
a_sane_request_id_is_kept_and_another_is_replaced(void **state)
{
	assert_string_equal(id_for(*state, "mine-7"), "mine-7");
	assert_string_not_equal(id_for(*state, "a b"), "a b");
	assert_string_not_equal(id_for(*state, "\"x\""), "\"x\"");
	assert_string_not_equal(id_for(*state, NULL), id_for(*state, NULL));
	assert_int_equal(strlen(id_for(*state, NULL)), 16);
}

static const struct {
	const char *name, *value, *token;
} tokens[] = {
	{ "HTTP_AUTHORIZATION", "Bearer abc", "abc" },
	{ "HTTP_AUTHORIZATION", "bearer abc", "abc" },
	{ "HTTP_AUTHORIZATION", "BEARER   abc", "abc" },
	{ "REDIRECT_HTTP_AUTHORIZATION", "Bearer abc", "abc" },
	{ "HTTP_AUTHORIZATION", "Bearer ", "" },
	{ "HTTP_AUTHORIZATION", "Bearer", NULL },
	{ "HTTP_AUTHORIZATION", "Basic abc", NULL },
	{ "HTTP_AUTHORIZATION", "abc", NULL },
	{ "HTTP_COOKIE", "Authorization=Bearer abc", NULL },
};

static void
only_a_bearer_header_is_a_token(void **state)
{
	for (size_t i = 0; i < COUNT(tokens); i++) {
		struct fake *f = fake_new(*state, "GET", "/x?token=abc");

		fake_header(f, tokens[i].name, tokens[i].value);
		assert_int_equal(request_head(&f->rq), OK);
		if (tokens[i].token)
			CASE(f->rq.token && strcmp(f->rq.token, tokens[i].token) == 0,
			     tokens[i].value);
		else
			CASE(!f->rq.token, tokens[i].value);
	}
}

static struct fake *
with_body(struct arena *a, const char *length, const char *body, size_t len)
{
	struct fake *f = fake_new(a, "POST", "/x");

	f->body = body;
	f->body_len = len;
	if (length)
		fake_header(f, "CONTENT_LENGTH", length);
	assert_int_equal(request_head(&f->rq), OK);
	return f;
}

static void
a_body_is_read_whole(void **state)
{
	struct fake *f = with_body(*state, "26", "abcdefghijklmnopqrstuvwxyz", 26);

	assert_int_equal(request_body(&f->rq, 26), OK);
	assert_int_equal(f->rq.raw_len, 26);
	assert_string_equal(f->rq.raw, "abcdefghijklmnopqrstuvwxyz");
}

static void
a_body_that_says_it_is_too_long_is_not_read(void **state)
{
	struct fake *f = with_body(*state, "27", "abcdefghijklmnopqrstuvwxyz.", 27);

	assert_int_equal(request_body(&f->rq, 26), ERR_TOO_LARGE);
	assert_int_equal(f->body_read, 0);
	request_drain(&f->rq);
	assert_int_equal(f->body_read, 27);
}

static void
a_body_without_a_length_is_measured(void **state)
{
	static char big[200];
	struct fake *f = with_body(*state, NULL, big, sizeof(big));

	assert_int_equal(request_body(&f->rq, 100), ERR_TOO_LARGE);
	f = with_body(*state, "", "abc", 3);
	assert_int_equal(request_body(&f->rq, 100), OK);
	assert_string_equal(f->rq.raw, "abc");
}

static void
a_body_that_ends_early_is_malformed(void **state)
{
	struct fake *f = with_body(*state, "10", "abc", 3);

	assert_int_equal(request_body(&f->rq, 100), ERR_MALFORMED);
}

static void
the_content_type_is_bare_and_in_lower_case(void **state)
{
	struct fake *f = fake_new(*state, "POST", "/x");

	fake_header(f, "CONTENT_TYPE", "Application/JSON; charset=utf-8");
	assert_int_equal(request_head(&f->rq), OK);
	assert_string_equal(f->rq.content_type, "application/json");
}

static void
an_idempotency_key_is_a_key_or_refused(void **state)
{
	struct fake *f = fake_new(*state, "POST", "/x");
	const char *key;

	assert_int_equal(request_key(&f->rq, &key), OK);
	assert_null(key);
	fake_header(f, "HTTP_IDEMPOTENCY_KEY", "a b");
	assert_int_equal(request_key(&f->rq, &key), ERR_INVALID);
	assert_string_equal(f->rq.problem.errors[0].field, "Idempotency-Key");
}

static void
a_user_agent_is_cut_and_valid(void **state)
{
	struct fake *f = fake_new(*state, "POST", "/x");
	char agent[1001];

	assert_null(request_user_agent(&f->rq));
	memset(agent, 'x', 1000);
	agent[1000] = '\0';
	fake_header(f, "HTTP_USER_AGENT", agent);
	assert_true(strlen(request_user_agent(&f->rq)) <= 258);
	f = fake_new(*state, "POST", "/x");
	fake_header(f, "HTTP_USER_AGENT", "\xff");
	assert_null(request_user_agent(&f->rq));
}

static void
a_peer_whose_address_is_no_text_is_an_unknown_one(void **state)
{
	struct fake *f = fake_new(*state, "GET", "/x");

	fake_header(f, "REMOTE_ADDR", "127.0.0.1\xcf");
	fake_header(f, "HTTP_X_FORWARDED_FOR", "192.0.2.1");
	assert_int_equal(request_head(&f->rq), OK);
	assert_string_equal(f->rq.address, "unknown");
	assert_string_equal(f->rq.address_counted, "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_post_can_be_another_method),
		T(paths_are_taken_below_the_prefix_and_decoded_once),
		T(a_server_without_request_uri_gives_its_parts),
		T(query_pairs_are_decoded),
		T(a_sane_request_id_is_kept_and_another_is_replaced),
		T(only_a_bearer_header_is_a_token),
		T(a_body_is_read_whole),
		T(a_body_that_says_it_is_too_long_is_not_read),
		T(a_body_without_a_length_is_measured),
		T(a_body_that_ends_early_is_malformed),
		T(the_content_type_is_bare_and_in_lower_case),
		T(an_idempotency_key_is_a_key_or_refused),
		T(a_user_agent_is_cut_and_valid),
		T(a_peer_whose_address_is_no_text_is_an_unknown_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
