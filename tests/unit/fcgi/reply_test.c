#include "tests/unit/fcgi/fake.h"

static const char *
print(struct req *rq, const struct reply *r)
{
	size_t len;

	return reply_print(rq, r, &len);
}

static struct fake *
any(struct arena *a)
{
	struct fake *f = fake_new(a, "GET", "/x");

	assert_int_equal(request_head(&f->rq), OK);
	return f;
}

static const struct {
	enum err err;
	const char *status, *code;
} errors[] = {
	{ ERR_MALFORMED, "Status: 400 Bad Request\r\n", "\"code\":\"malformed\"" },
	{ ERR_INVALID, "Status: 422 Unprocessable Content\r\n", "\"code\":\"invalid\"" },
	{ ERR_UNAUTHENTICATED, "Status: 401 Unauthorized\r\n",
	  "\"code\":\"token_invalid\"" },
	{ ERR_FORBIDDEN, "Status: 403 Forbidden\r\n", "\"code\":\"forbidden\"" },
	{ ERR_NOT_FOUND, "Status: 404 Not Found\r\n", "\"code\":\"not_found\"" },
	{ ERR_CONFLICT, "Status: 409 Conflict\r\n", "\"code\":\"conflict\"" },
	{ ERR_TOO_LARGE, "Status: 413 Content Too Large\r\n", "\"code\":\"too_large\"" },
	{ ERR_TOO_MANY, "Status: 429 Too Many Requests\r\n",
	  "\"code\":\"rate_limited\"" },
	{ ERR_UNAVAILABLE, "Status: 503 Service Unavailable\r\n",
	  "\"code\":\"unavailable\"" },
	{ ERR_INTERNAL, "Status: 500 Internal Server Error\r\n",
	  "\"code\":\"internal\"" },
};

static void
each_err_has_its_status_and_word(void **state)
{
	for (size_t i = 0; i < COUNT(errors); i++) {
		struct fake *f = any(*state);
		struct reply r = {};
		const char *said;

		reply_problem(&f->rq, &r, errors[i].err);
		said = print(&f->rq, &r);
		CASE(contains(said, errors[i].status), errors[i].status);
		CASE(contains(said, errors[i].code), errors[i].code);
		CASE(contains(said,
			      arena_printf(*state, "\"request_id\":\"%s\"", f->rq.id)),
		     errors[i].code);
		CASE(contains(said, "Retry-After: 1\r\n") ==
			     (errors[i].err == ERR_TOO_MANY ||
			      errors[i].err == ERR_UNAVAILABLE),
		     errors[i].code);
		CASE(contains(said, "WWW-Authenticate: ") ==
			     (errors[i].err == ERR_UNAUTHENTICATED),
		     errors[i].code);
	}
}

static void
what_no_err_is_counts_as_our_bug(void **state)
{
	(void)state;
	assert_int_equal(reply_status_of((enum err)99), 500);
}

static void
a_bad_token_is_told_why(void **state)
{
	struct fake *f = any(*state);
	struct reply r = {};
	enum err err = problem_fail(&f->rq.problem, ERR_UNAUTHENTICATED, "token_expired",
				    "It has expired.");

	f->rq.token = "x";
	reply_problem(&f->rq, &r, err);
	assert_true(contains(print(&f->rq, &r),
			     "WWW-Authenticate: Bearer realm=\"foyer\", "
			     "error=\"invalid_token\", "
			     "error_description=\"It has expired.\"\r\n"));
}

static void
bad_fields_are_listed(void **state)
{
	struct fake *f = any(*state);
	struct reply r = {};

	problem_field(&f->rq.problem, "a\"b", "type", "Must be text.");
	reply_problem(&f->rq, &r, ERR_INVALID);
	assert_true(contains(print(&f->rq, &r),
			     "\"errors\":[{\"field\":\"a\\\"b\",\"code\":\"type\","
			     "\"message\":\"Must be text.\"}]"));
}

static void
a_problem_keeps_the_rate_limit_headers(void **state)
{
	struct fake *f = any(*state);
	struct reply r = { .limit = { "requests", 200, 4, 0, 3 } };
	const char *said;

	reply_problem(&f->rq, &r,
		      problem_retry(&f->rq.problem, ERR_TOO_MANY, NULL, NULL, 7));
	said = print(&f->rq, &r);
	assert_true(contains(said, "RateLimit-Policy: \"requests\";q=200;w=4\r\n"));
	assert_true(contains(said, "RateLimit: \"requests\";r=0;t=3\r\n"));
	assert_true(contains(said, "Retry-After: 7\r\n"));
}

static void
what_has_an_etag_may_be_asked_for_again_and_nothing_else_is_kept(void **state)
{
	struct fake *f = any(*state);
	struct reply r = {};

	reply_json(&f->rq, &r, 200, json_object_in(*state));
	assert_true(contains(print(&f->rq, &r), "Cache-Control: no-store\r\n"));
	r = (struct reply){};
	reply_json_tagged(&f->rq, &r, json_object_in(*state));
	assert_true(contains(print(&f->rq, &r), "Cache-Control: private, no-cache\r\n"));
}

static const struct {
	const char *header;
	bool fresh;
} tags[] = {
	{ "\"a\"", true },
	{ "W/\"a\"", true },
	{ "\"b\", \"a\"", true },
	{ "\"b\",W/\"a\"", true },
	{ "*", true },
	{ "\"b\"", false },
	{ "a", false },
	{ "\"ab\"", false },
	{ "\"a-gzip\"", true },
	{ "\"b-br\", W/\"a-br\"", true },
	{ "\"a-gzip", false },
	{ "\"a-x\"", false },
	{ "\"b\", \"c\"", false },
	{ " \t\"a\"  , \"x\"", true },
	{ ",,,", false },
};

static void
if_none_match_is_compared_weakly(void **state)
{
	for (size_t i = 0; i < COUNT(tags); i++) {
		struct fake *f = any(*state);

		fake_header(f, "HTTP_IF_NONE_MATCH", tags[i].header);
		CASE(reply_is_fresh(&f->rq, "\"a\"") == tags[i].fresh, tags[i].header);
	}
	assert_false(reply_is_fresh(&any(*state)->rq, "\"a\""));
}

static void
the_tag_of_a_room_moves_with_its_seq_and_is_each_reader_s_own(void **state)
{
	struct fake *f = any(*state);
	const char *one, *two;

	f->rq.user_id = "ann";
	one = reply_etag_of_seq(&f->rq, "0123456789abcdef", 7);
	two = reply_etag_of_seq(&f->rq, "0123456789abcdef", 8);
	assert_string_not_equal(one, two);
	f->rq.user_id = "bob";
	assert_string_not_equal(one, reply_etag_of_seq(&f->rq, "0123456789abcdef", 7));
	assert_string_not_equal(reply_etag_of_seq(&f->rq, "fedcba9876543210", 7),
				reply_etag_of_seq(&f->rq, "0123456789abcdef", 7));
}

static void
what_is_known_already_is_304_without_a_body(void **state)
{
	struct fake *f = any(*state);
	struct reply r = {};
	const char *said;

	fake_header(f, "HTTP_IF_NONE_MATCH", "*");
	reply_json_tagged(&f->rq, &r, json_object_in(*state));
	said = print(&f->rq, &r);
	assert_true(contains(said, "Status: 304 Not Modified\r\n"));
	assert_true(contains(said, "ETag: \""));
	assert_false(contains(said, "\r\nContent-"));
}

/* ---- CORS ---------------------------------------------------------------- */

static const char *
said_to(struct arena *a, const char *origin, bool preflight)
{
	static const char *const allowed[] = { "https://friend.example" };
	struct fake *f = any(a);
	struct reply r = { .status = 204, .allow = "GET, HEAD", .preflight = preflight };

	f->app.config.allowed_origins = (struct text_list){ 1, allowed };
	if (origin)
		fake_header(f, "HTTP_ORIGIN", origin);
	return print(&f->rq, &r);
}

static void
only_configured_origins_are_answered_and_never_with_credentials(void **state)
{
	static const char *const strangers[] = {
		"https://evil.example",
		"null",
		"https://friend.example.evil.example",
		"http://friend.example",
		"https://friend.example:444",
	};
	const char *said = said_to(*state, "https://friend.example", false);

	assert_true(contains(said,
			     "Access-Control-Allow-Origin: https://friend.example\r\n"));
	assert_true(contains(said, "Vary: Origin\r\n"));
	assert_true(contains(said, "RateLimit-Policy, X-Request-Id\r\n"));
	assert_false(contains(said, "Credentials"));
	assert_false(contains(said, "Allow-Methods"));
	for (size_t i = 0; i < COUNT(strangers); i++)
		CASE(!contains(said_to(*state, strangers[i], true), "Access-Control"),
		     strangers[i]);
	assert_false(contains(said_to(*state, NULL, true), "Access-Control"));
}

static void
a_preflight_hears_methods_and_headers(void **state)
{
	const char *said = said_to(*state, "https://friend.example", true);

	assert_true(contains(said, "Access-Control-Allow-Methods: GET, HEAD\r\n"));
	assert_true(contains(said, "Idempotency-Key"));
}

static void
no_answer_can_be_sniffed(void **state)
{
	struct fake *f = any(*state);
	struct reply r = { .status = 204 };

	assert_true(contains(print(&f->rq, &r), "X-Content-Type-Options: nosniff\r\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_err_has_its_status_and_word),
		T(what_no_err_is_counts_as_our_bug),
		T(a_bad_token_is_told_why),
		T(bad_fields_are_listed),
		T(a_problem_keeps_the_rate_limit_headers),
		T(what_has_an_etag_may_be_asked_for_again_and_nothing_else_is_kept),
		T(if_none_match_is_compared_weakly),
		T(the_tag_of_a_room_moves_with_its_seq_and_is_each_reader_s_own),
		T(what_is_known_already_is_304_without_a_body),
		T(only_configured_origins_are_answered_and_never_with_credentials),
		T(a_preflight_hears_methods_and_headers),
		T(no_answer_can_be_sniffed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
