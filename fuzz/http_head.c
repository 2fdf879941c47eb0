/* http_head.c -- the head of a WebSocket upgrade request, and what is read from it. */
#include "broker/hello.h"
#include "broker/http.h"
#include "fuzz/fuzz.h"

static const char *const origins[] = { "https://friend.example" };
static const char *const proxies[] = { "127.0.0.0/8", "::1", "unix" };

static const struct config config = {
	.prefix = "",
	.public_url = "https://foyer.example",
	.allowed_origins = { 1, origins },
	.trusted_proxies = { 3, proxies },
};

static void
check_request(const struct http_request *rq, size_t len)
{
	CLAIM(rq->head_len > 0 && rq->head_len <= len);
	CLAIM(rq->method && *rq->method);
	CLAIM(fuzz_is_sound(rq->path));
	CLAIM(rq->query);
}

/* Wherever the head is cut, it is incomplete until its last byte. */
static void
check_pieces(struct arena *a, const char *text, const struct http_request *whole)
{
	size_t step = whole->head_len / 16 + 1;

	for (size_t len = 0; len < whole->head_len; len += step) {
		struct http_request rq = {};

		CLAIM(http_read(a, text, len, &rq) == HTTP_MORE);
	}
}

static void
check_hello(struct arena *a, const struct http_request *rq, const char *peer)
{
	struct hello hello = {};

	hello_read(a, &config, rq, peer, &hello);
	CLAIM(hello.kind != HELLO_REFUSED || hello.answer.len > 0);
	CLAIM(hello.address || (hello.kind != HELLO_SOCKET && hello.kind != HELLO_ROOM));
	CLAIM(!hello.place.given || hello.place.after >= 0);
	CLAIM(!hello.ticket || fuzz_is_sound(hello.ticket));
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = arena_memdup(a, data, len);
	struct http_request rq = {};

	if (http_read(a, text, len, &rq) == HTTP_DONE) {
		check_request(&rq, len);
		check_pieces(a, text, &rq);
		check_hello(a, &rq, "127.0.0.1");
		check_hello(a, &rq, "192.0.2.7");
		check_hello(a, &rq, "");
	}
	arena_free(a);
	return 0;
}
