/* fake.h -- a request without a web server: the test supplies variables and body. */
#pragma once

#include "fcgi/reply.h"
#include "fcgi/request.h"
#include "fcgi/route.h"
#include "shared/limits.h"
#include "tests/unit/test.h"

enum { FAKE_ENV_MAX = 16 };

struct fake {
	struct app app;
	struct source source;
	char *env[FAKE_ENV_MAX + 1];
	int env_count;
	const char *body;
	size_t body_len, body_read;
	struct req rq;
};

static inline size_t
fake_read(void *arg, char *buf, size_t len)
{
	struct fake *f = arg;
	size_t left = f->body_len - f->body_read;

	if (len > 7) /* in small pieces, as a network would */
		len = 7;
	if (len > left)
		len = left;
	memcpy(buf, f->body + f->body_read, len);
	f->body_read += len;
	return len;
}

static inline void
fake_header(struct fake *f, const char *name, const char *value)
{
	f->env[f->env_count++] = arena_printf(f->rq.arena, "%s=%s", name, value);
}

static inline void
fake_body(struct fake *f, const char *type, const char *body, size_t len)
{
	f->body = body;
	f->body_len = len;
	fake_header(f, "CONTENT_TYPE", type);
	fake_header(f, "CONTENT_LENGTH", arena_printf(f->rq.arena, "%zu", len));
}

/* Everything is allocated in a. */
static inline struct fake *
fake_new(struct arena *a, const char *method, const char *uri)
{
	struct fake *f = ARENA_NEW(a, struct fake);

	f->app.config.prefix = "";
	f->app.config.max_body_bytes = 1024;
	f->app.config.max_json_depth = 16;
	strcpy(f->app.base, "/api/v1");
	f->body = "";
	f->source = (struct source){ .env = f->env, .read = fake_read, .arg = f };
	f->rq = (struct req){ .app = &f->app, .arena = a, .source = &f->source };
	fake_header(f, "REQUEST_METHOD", method);
	fake_header(f, "REQUEST_URI", uri);
	return f;
}

/* Head, route and reply; returns the response as it goes to the web server. */
static inline const char *
fake_answer(struct fake *f, const struct route *table)
{
	const struct route *const tables[] = { table, NULL };
	struct reply reply = {};
	size_t len;

	route_answer(tables, &f->rq, request_head(&f->rq), &reply);
	return reply_print(&f->rq, &reply, &len);
}

static inline bool
contains(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}
