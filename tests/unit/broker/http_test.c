#include "broker/hello.h"
#include "broker/http.h"
#include "tests/unit/test.h"

#define UPGRADE                                                          \
	"Host: chat.example:8080\r\nConnection: keep-alive, Upgrade\r\n" \
	"Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"            \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define GET(path, more) "GET " path " HTTP/1.1\r\n" UPGRADE more "\r\n"

static const char *const proxies[] = { "127.0.0.0/8" };
static const char *const origins[] = { "https://friend.example" };
static const struct config config = {
	.prefix = "/chat",
	.public_url = "https://public.example/chat",
	.trusted_proxies = { COUNT(proxies), proxies },
	.allowed_origins = { COUNT(origins), origins },
};

static void
heads_that_are_right_and_heads_that_are_not(void **state)
{
	static const struct {
		const char *head;
		enum http_progress progress;
	} cases[] = {
		{ "", HTTP_MORE },
		{ "G", HTTP_MORE },
		{ "GET / HTTP/1.1\r\n", HTTP_MORE },
		{ "GET / HTTP/1.1\r\nHost: x\r\n", HTTP_MORE },
		{ "GET / HTTP/1.1\r\n\r\n", HTTP_DONE },
		{ "GET / HTTP/1.0\r\n\r\n", HTTP_DONE },
		{ "GET /a?b HTTP/1.1\r\nX: y\r\n\r\nmore", HTTP_DONE },
		{ "GET / HTTP/1.1\r\nX:\r\nY:  z \t \r\n\r\n", HTTP_DONE },
		{ "GET / HTTP/2.0\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.15\r\n\r\n", HTTP_BROKEN },
		{ "GET  / HTTP/1.1\r\n\r\n", HTTP_BROKEN },
		{ "GET /a b HTTP/1.1\r\n\r\n", HTTP_BROKEN },
		{ "GET / \r\n\r\n", HTTP_BROKEN },
		{ "GET x HTTP/1.1\r\n\r\n", HTTP_BROKEN },
		{ "PRI * HTTP/2.0\r\n\r\n", HTTP_BROKEN },
		{ "GET /%00 HTTP/1.1\r\n\r\n", HTTP_BROKEN },
		{ "GET /%ff HTTP/1.1\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\nX y\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\nX : y\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\n: y\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\nX: y\r\n z\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\nX: a\x01\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\nX: a\nY: b\r\n\r\n", HTTP_BROKEN },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", HTTP_BROKEN },
		{ "\x16\x03\x01\x02", HTTP_BROKEN },
		{ "AVERYLONGMETHODNAMEINDEED", HTTP_BROKEN },
		{ "\r\n\r\n", HTTP_BROKEN },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct http_request rq;
		enum http_progress progress =
			http_read(*state, cases[i].head, strlen(cases[i].head), &rq);

		CASE(progress == cases[i].progress, cases[i].head);
	}
}

static void
a_head_is_taken_apart(void **state)
{
	static const char head[] =
		"GET /chat/ws/?token=a%20b&after=3 HTTP/1.1\r\nhost:x\r\n"
		"X-Forwarded-For: 1.2.3.4\r\nx-forwarded-for: 5.6.7.8\r\n"
		"Other: z\r\n\r\nrest";
	struct http_request rq;

	assert_int_equal(http_read(*state, head, sizeof(head) - 1, &rq), HTTP_DONE);
	assert_string_equal(rq.method, "GET");
	assert_string_equal(rq.path, "/chat/ws/");
	assert_string_equal(rq.headers[HTTP_HOST], "x");
	assert_string_equal(rq.headers[HTTP_FORWARDED_FOR], "1.2.3.4, 5.6.7.8");
	assert_null(rq.headers[HTTP_ORIGIN]);
	assert_string_equal(head + rq.head_len, "rest");
	assert_string_equal(http_query(*state, rq.query, "token"), "a b");
	assert_string_equal(http_query(*state, rq.query, "after"), "3");
	assert_null(http_query(*state, rq.query, "afte"));
}

static void
greet(struct arena *a, const char *head, const char *peer, struct hello *out)
{
	struct http_request rq;

	assert_int_equal(http_read(a, head, strlen(head), &rq), HTTP_DONE);
	hello_read(a, &config, &rq, peer, out);
}

static void
who_may_come_in_and_who_may_not(void **state)
{
	static const struct {
		const char *head;
		enum hello_kind kind;
		const char *status; /* of HELLO_REFUSED */
	} cases[] = {
		{ GET("/chat/ws", ""), HELLO_SOCKET, NULL },
		{ GET("/chat/ws/", ""), HELLO_SOCKET, NULL },
		{ GET("/chat/api/v1/ws", ""), HELLO_SOCKET, NULL },
		{ GET("/chat/api/v1/rooms/ws?room=x", ""), HELLO_ROOM, NULL },
		{ GET("/chat/api/v1/rooms/x/ws", ""), HELLO_ROOM, NULL },
		{ "GET /health HTTP/1.1\r\n\r\n", HELLO_HEALTH, NULL },
		{ GET("/chat/wsx", ""), HELLO_REFUSED, " 404 " },
		{ GET("/chat/api/v1/rooms//ws", ""), HELLO_REFUSED, " 404 " },
		{ GET("/metrics", ""), HELLO_METRICS, NULL },
		{ GET("/health/live", ""), HELLO_ALIVE, NULL },
		{ GET("/chat/api/v1/health/ready/", ""), HELLO_HEALTH, NULL },
		{ GET("/health/dead", ""), HELLO_REFUSED, " 404 " },
		{ GET("/chat/api/v1/rooms/x/events", ""), HELLO_EVENTS, NULL },
		{ GET("/chat/api/v1/chats/x/events/", ""), HELLO_EVENTS, NULL },
		{ GET("/chat/api/v1/rooms/x/events", "Accept: text/html\r\n"),
		  HELLO_REFUSED, " 406 " },
		{ GET("/chat/api/v1/rooms/x/events", "Origin: null\r\n"), HELLO_REFUSED,
		  " 403 " },
		{ "HEAD /chat/api/v1/rooms/x/events HTTP/1.1\r\n\r\n", HELLO_EVENTS,
		  NULL },
		{ "POST /chat/api/v1/rooms/x/events HTTP/1.1\r\n\r\n", HELLO_REFUSED,
		  " 405 " },
		{ "OPTIONS /chat/api/v1/rooms/x/events HTTP/1.1\r\n\r\n", HELLO_REFUSED,
		  " 204 " },
		{ "GET /chat/ws HTTP/1.1\r\nHost: x\r\n\r\n", HELLO_REFUSED, " 426 " },
		{ "POST /chat/ws HTTP/1.1\r\n" UPGRADE "\r\n", HELLO_REFUSED, " 405 " },
		{ "OPTIONS /chat/ws HTTP/1.1\r\nHost: x\r\n\r\n", HELLO_REFUSED,
		  " 204 " },
		{ "GET /chat/ws HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n", HELLO_REFUSED,
		  "X-Request-Id: mine\r\n" },
		{ "GET /chat/nothing HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n",
		  HELLO_REFUSED, "X-Request-Id: mine\r\n" },
		{ "GET /chat/nothing HTTP/1.1\r\n\r\n", HELLO_REFUSED,
		  "\"urn:problem-type:foyer:not_found\"" },
		{ "GET /chat/ws HTTP/1.0\r\n" UPGRADE "\r\n", HELLO_REFUSED, " 400 " },
		{ GET("/chat/ws", "Content-Length: 5\r\n"), HELLO_REFUSED, " 400 " },
		{ GET("/chat/ws", "Content-Length: 0\r\n"), HELLO_SOCKET, NULL },
		{ GET("/chat/ws", "Transfer-Encoding: chunked\r\n"), HELLO_REFUSED,
		  " 400 " },
		/* subprotocols */
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: foyer.v1\r\n"), HELLO_SOCKET,
		  NULL },
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: a, foyer.v1,b\r\n"),
		  HELLO_SOCKET, NULL },
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: bearer.x\r\n"), HELLO_REFUSED,
		  " 400 " },
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: FOYER.V1\r\n"), HELLO_REFUSED,
		  " 400 " },
		/* origins */
		{ GET("/chat/ws", "Origin: http://chat.example:8080\r\n"), HELLO_SOCKET,
		  NULL },
		{ GET("/chat/ws", "Origin: HTTP://Chat.Example:8080\r\n"), HELLO_SOCKET,
		  NULL },
		{ GET("/chat/ws", "Origin: https://public.example\r\n"), HELLO_SOCKET,
		  NULL },
		{ GET("/chat/ws", "Origin: https://friend.example\r\n"), HELLO_SOCKET,
		  NULL },
		{ GET("/chat/ws", "Origin: http://chat.example\r\n"), HELLO_REFUSED,
		  " 403 " },
		{ GET("/chat/ws", "Origin: null\r\n"), HELLO_REFUSED, " 403 " },
		{ GET("/chat/ws", "Origin: \r\n"), HELLO_REFUSED, " 403 " },
		{ GET("/chat/ws", "Origin: https://friend.example.evil\r\n"),
		  HELLO_REFUSED, " 403 " },
		{ GET("/chat/ws", "Origin: https://public.example.evil\r\n"),
		  HELLO_REFUSED, " 403 " },
		{ GET("/chat/ws", "Origin: file://chat.example:8080\r\n"), HELLO_REFUSED,
		  " 403 " },
		{ GET("/chat/ws", "Origin: http://x@chat.example:8080\r\n"),
		  HELLO_REFUSED, " 403 " },
		/* behind a proxy of ours */
		{ GET("/chat/ws", "Origin: https://front.example\r\n"
				  "X-Forwarded-Host: front.example\r\n"),
		  HELLO_SOCKET, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hello hello;

		greet(*state, cases[i].head, "127.0.0.1", &hello);
		CASE(hello.kind == cases[i].kind, cases[i].head);
		if (cases[i].status)
			CASE(strstr((const char *)hello.answer.data, cases[i].status),
			     cases[i].head);
	}
}

static void
a_stranger_s_word_about_the_host_counts_for_nothing(void **state)
{
	struct hello hello;

	greet(*state,
	      GET("/chat/ws", "Origin: https://evil.example\r\n"
			      "X-Forwarded-Host: evil.example\r\n"),
	      "198.51.100.7", &hello);
	assert_int_equal(hello.kind, HELLO_REFUSED);
}

static void
a_bad_handshake_key_is_refused(void **state)
{
	static const char *const keys[] = { "", "x", "dGhlIHNhbXBsZSBub25jZQ=",
					    "dGhlIHNhbXBsZSBub25jZQ==x",
					    "dGhlIHNhbXBsZSBub25j!!==" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		struct hello hello;
		const char *head = arena_printf(
			*state,
			"GET /chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
			"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
			"Sec-WebSocket-Key: %s\r\n\r\n",
			keys[i]);

		greet(*state, head, "127.0.0.1", &hello);
		CASE(hello.kind == HELLO_REFUSED, keys[i]);
	}
}

static void
the_token_comes_from_one_of_three_places(void **state)
{
	static const struct {
		const char *head, *token;
	} cases[] = {
		{ GET("/chat/ws", ""), NULL },
		{ GET("/chat/ws", "Authorization: Bearer a.b.c\r\n"), "a.b.c" },
		{ GET("/chat/ws", "Authorization: bEARER  a.b.c\r\n"), "a.b.c" },
		{ GET("/chat/ws", "Authorization: Basic abc\r\n"), NULL },
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: foyer.v1, bearer.a.b.c\r\n"),
		  "a.b.c" },
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: bearer.a.b.c\r\n"
				  "Sec-WebSocket-Protocol: foyer.v1\r\n"),
		  "a.b.c" },
		{ GET("/chat/ws", "Sec-WebSocket-Protocol: foyer.v1, bearer.\r\n"), "" },
		{ GET("/chat/ws?token=a.b%2Ec", ""), "a.b.c" },
		{ GET("/chat/ws?token=q", "Authorization: Bearer h\r\n"), "h" },
		{ GET("/chat/api/v1/rooms/x/events?token=q", ""), NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hello hello;

		greet(*state, cases[i].head, "127.0.0.1", &hello);
		if (!cases[i].token)
			CASE(!hello.token, cases[i].head);
		else
			CASE(hello.token && strcmp(hello.token, cases[i].token) == 0,
			     cases[i].head);
	}
}

static void
a_ticket_counts_where_no_better_token_is(void **state)
{
	static const struct {
		const char *head, *ticket, *token;
	} cases[] = {
		{ GET("/chat/ws?ticket=t", ""), "t", NULL },
		{ GET("/chat/rooms/ws?room=1&ticket=t%2D", ""), "t-", NULL },
		{ GET("/chat/ws?token=a&ticket=t", ""), "t", NULL },
		{ GET("/chat/ws?ticket=t", "Authorization: Bearer h\r\n"), NULL, "h" },
		{ GET("/chat/ws?ticket=t",
		      "Sec-WebSocket-Protocol: foyer.v1, bearer.p\r\n"),
		  NULL, "p" },
		{ GET("/chat/ws?tickets=t", ""), NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hello hello;

		greet(*state, cases[i].head, "127.0.0.1", &hello);
		CASE(!hello.ticket == !cases[i].ticket, cases[i].head);
		CASE(!hello.token == !cases[i].token, cases[i].head);
		if (hello.ticket)
			assert_string_equal(hello.ticket, cases[i].ticket);
		if (hello.token)
			assert_string_equal(hello.token, cases[i].token);
	}
}

static void
a_room_and_a_place_in_it_are_read(void **state)
{
	struct hello hello;

	greet(*state, GET("/chat/rooms/ws?room=r&after=5&epoch=e", ""), "127.0.0.1",
	      &hello);
	assert_string_equal(hello.room, "r");
	assert_true(hello.place.given);
	assert_int_equal(hello.place.after, 5);
	assert_string_equal(hello.place.epoch, "e");
	greet(*state, GET("/chat/rooms/ws?room_id=r&after=e2.6", ""), "127.0.0.1",
	      &hello);
	assert_int_equal(hello.place.after, 6);
	assert_string_equal(hello.place.epoch, "e2");
	greet(*state, GET("/chat/rooms/ws?room=r&after=x", ""), "127.0.0.1", &hello);
	assert_true(hello.place_is_bad);
	greet(*state, GET("/chat/rooms/ws?room=r", ""), "127.0.0.1", &hello);
	assert_false(hello.place.given);
}

static void
a_place_is_a_number_or_an_epoch_and_a_number(void **state)
{
	static const char *const bad[] = {
		"",    "x",    "-1", "1.2.3", "1.",
		".1",  "1.5x", "01", "e .1",  "99999999999999999999",
		"e.-1"
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct place place;

		CASE(place_read(*state, bad[i], &place) == ERR_INVALID, bad[i]);
	}
}

static void
the_client_s_address_is_counted_behind_the_proxy(void **state)
{
	struct hello hello;

	greet(*state, GET("/chat/ws", "X-Forwarded-For: 203.0.113.9\r\n"), "127.0.0.1",
	      &hello);
	assert_string_equal(hello.address, "203.0.113.9");
	greet(*state, GET("/chat/ws", "X-Forwarded-For: 203.0.113.9\r\n"), "198.51.100.7",
	      &hello);
	assert_string_equal(hello.address, "198.51.100.7");
}

static void
metrics_are_for_this_machine_alone(void **state)
{
	static const struct {
		const char *head, *peer;
		bool is_local;
	} cases[] = {
		{ GET("/metrics", ""), "127.0.0.1", true },
		{ GET("/metrics", ""), "127.1.2.3", true },
		{ GET("/metrics", ""), "::1", true },
		{ GET("/metrics", ""), "192.0.2.1", false },
		{ GET("/metrics", ""), "", false },
		{ GET("/metrics", "X-Forwarded-For: 127.0.0.1\r\n"), "127.0.0.1", false },
		{ GET("/metrics", "X-Forwarded-Host: x\r\n"), "127.0.0.1", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hello hello;

		greet(*state, cases[i].head, cases[i].peer, &hello);
		CASE(hello.is_local == cases[i].is_local, cases[i].head);
	}
}

static void
who_comes_back_to_a_stream_says_where_it_was(void **state)
{
	static const struct {
		const char *head, *epoch;
		int64_t after; /* -1: nothing was said; -2: nothing that makes sense */
	} cases[] = {
		{ GET("/chat/api/v1/rooms/x/events", ""), NULL, -1 },
		{ GET("/chat/api/v1/rooms/x/events?after=5", ""), NULL, 5 },
		{ GET("/chat/api/v1/rooms/x/events?after=e.5", ""), "e", 5 },
		{ GET("/chat/api/v1/rooms/x/events?after=5&epoch=e", ""), "e", 5 },
		{ GET("/chat/api/v1/rooms/x/events", "Last-Event-ID: e.7\r\n"), "e", 7 },
		{ GET("/chat/api/v1/rooms/x/events?after=5&epoch=d",
		      "Last-Event-ID: e.7\r\n"),
		  "e", 7 },
		{ GET("/chat/api/v1/rooms/x/events?after=x", "Last-Event-ID: 7\r\n"),
		  NULL, 7 },
		{ GET("/chat/api/v1/rooms/x/events?after=5", "Last-Event-ID: \r\n"), NULL,
		  5 },
		{ GET("/chat/api/v1/rooms/x/events?after=5", "Last-Event-ID: x\r\n"),
		  NULL, -2 },
		{ GET("/chat/api/v1/rooms/x/events?after=-5", ""), NULL, -2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hello hello;

		greet(*state, cases[i].head, "127.0.0.1", &hello);
		CASE(hello.kind == HELLO_EVENTS, cases[i].head);
		CASE(hello.place_is_bad == (cases[i].after == -2), cases[i].head);
		CASE(hello.place.given == (cases[i].after >= 0), cases[i].head);
		CASE(cases[i].after < 0 || hello.place.after == cases[i].after,
		     cases[i].head);
		CASE(!cases[i].epoch == !hello.place.epoch, cases[i].head);
		CASE(!cases[i].epoch || !strcmp(cases[i].epoch, hello.place.epoch),
		     cases[i].head);
	}
}

static void
an_allowed_page_is_told_that_it_may_read(void **state)
{
	struct hello hello;

	greet(*state,
	      GET("/chat/api/v1/rooms/x/events", "Origin: https://friend.example\r\n"),
	      "127.0.0.1", &hello);
	assert_non_null(strstr(hello.cors, "Allow-Origin: https://friend.example\r\n"));
	assert_null(strstr(hello.cors, "Methods"));
	greet(*state,
	      "OPTIONS /chat/api/v1/rooms/x/events HTTP/1.1\r\n"
	      "Origin: https://friend.example\r\n\r\n",
	      "127.0.0.1", &hello);
	assert_non_null(strstr((const char *)hello.answer.data, "Last-Event-ID"));
	greet(*state, GET("/chat/api/v1/rooms/x/events", ""), "127.0.0.1", &hello);
	assert_string_equal(hello.cors, "Vary: Origin\r\n");
}

static void
an_error_has_the_status_and_the_headers_that_rest_has(void **state)
{
	static const struct {
		enum err e;
		bool token;
		const char *status, *header;
	} cases[] = {
		{ ERR_MALFORMED, true, " 400 Bad Request\r\n", "" },
		{ ERR_INVALID, true, " 422 Unprocessable Content\r\n", "" },
		{ ERR_UNAUTHENTICATED, true, " 401 Unauthorized\r\n",
		  "WWW-Authenticate: Bearer realm=\"foyer\", error=\"invalid_token\"" },
		{ ERR_UNAUTHENTICATED, false, " 401 Unauthorized\r\n",
		  "WWW-Authenticate: Bearer realm=\"foyer\"\r\n" },
		{ ERR_FORBIDDEN, true, " 403 Forbidden\r\n", "" },
		{ ERR_NOT_FOUND, true, " 404 Not Found\r\n", "" },
		{ ERR_CONFLICT, true, " 409 Conflict\r\n", "" },
		{ ERR_TOO_MANY, true, " 429 Too Many Requests\r\n",
		  "Retry-After: 1\r\n" },
		{ ERR_UNAVAILABLE, true, " 503 Service Unavailable\r\n",
		  "Retry-After: 1\r\n" },
		{ ERR_INTERNAL, true, " 500 Internal Server Error\r\n", "" },
	};
	const struct problem p = {};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *text =
			(const char *)http_error(*state, "my-id", cases[i].e, &p,
						 cases[i].token, "More: yes\r\n")
				.data;

		CASE(strstr(text, cases[i].status), text);
		CASE(strstr(text, cases[i].header), text);
		CASE(strstr(text, "X-Request-Id: my-id\r\n"), text);
		CASE(strstr(text, "More: yes\r\n"), text);
		CASE(strstr(text, err_code(cases[i].e)), text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(heads_that_are_right_and_heads_that_are_not),
		T(a_head_is_taken_apart),
		T(who_may_come_in_and_who_may_not),
		T(metrics_are_for_this_machine_alone),
		T(a_stranger_s_word_about_the_host_counts_for_nothing),
		T(a_bad_handshake_key_is_refused),
		T(the_token_comes_from_one_of_three_places),
		T(a_ticket_counts_where_no_better_token_is),
		T(a_room_and_a_place_in_it_are_read),
		T(a_place_is_a_number_or_an_epoch_and_a_number),
		T(the_client_s_address_is_counted_behind_the_proxy),
		T(who_comes_back_to_a_stream_says_where_it_was),
		T(an_allowed_page_is_told_that_it_may_read),
		T(an_error_has_the_status_and_the_headers_that_rest_has),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
