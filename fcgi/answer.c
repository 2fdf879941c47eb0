/* answer.c -- see answer.h. */
#include "fcgi/answer.h"

#include <unistd.h>

#include "shared/clock.h"
#include "shared/log.h"

enum { PIECE_BYTES = 65536 };

static void
log_request(const struct req *rq, const struct reply *reply, size_t bytes, int64_t us)
{
	log_event(reply->status >= 500 ? LOG_WARN : LOG_INFO, "request",
		  LOG_S("request_id", rq->id), LOG_S("method", method_names[rq->method]),
		  LOG_S("route", rq->route ? rq->route->pattern : NULL),
		  LOG_I("status", reply->status), LOG_S("user_id", rq->user_id),
		  LOG_I("duration_us", us), LOG_I("bytes", (int64_t)bytes));
}

const char *
answer(const struct program *program, struct app *app, const struct arenas *arenas,
       const struct source *src, size_t *out_len, const struct reply_file **out_file)
{
	struct arena *arena = arenas->request;
	struct req rq = { .app = app, .arena = arena, .source = src };
	int64_t start_us = clock_monotonic_us();
	struct reply reply = {};
	const char *text;

	route_answer(program->tables, &rq, request_head(&rq), &reply);
	request_drain(&rq);
	text = reply_print(&rq, &reply, out_len);
	*out_file = reply_sends_file(&rq, &reply) ? reply.file : NULL;
	log_request(&rq, &reply, *out_len, clock_monotonic_us() - start_us);
	if (*out_file)
		return text;
	text = arena_memdup(arenas->answer, text, *out_len);
	arena_reset(arena);
	return text;
}

int
answer_file(const struct reply_file *f,
	    int (*put)(void *arg, const char *text, size_t len), void *arg)
{
	char piece[PIECE_BYTES];
	int64_t done = 0;

	while (f && done < f->len) {
		int64_t left = f->len - done;
		size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		ssize_t got = pread(f->fd, piece, want, f->from + done);

		if (got <= 0 || put(arg, piece, (size_t)got) != 0)
			return 1;
		done += got;
	}
	return 0;
}
