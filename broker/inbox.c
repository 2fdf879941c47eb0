/* inbox.c -- incoming frames, part of conn.h: assembled from fragments, held back while
 * an answer that they depend on is pending, and passed to commands.c in order. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/wire.h"
#include "shared/die.h"

enum { STRANGER_FRAME_MAX = 16 * 1024 }; /* a token, with some margin */

static size_t
frame_max(const struct conn *c)
{
	size_t max = (size_t)c->broker->config->max_frame_bytes;

	return c->state == CONN_READY || max < STRANGER_FRAME_MAX ? max
								  : STRANGER_FRAME_MAX;
}

static void
keep_part(struct conn *c, const char *data, size_t len)
{
	size_t need = c->partial_len + len;

	if (need > c->partial_cap) {
		c->partial_cap = need > 2 * c->partial_cap ? need : 2 * c->partial_cap;
		c->partial = xrealloc(c->partial, c->partial_cap);
	}
	if (len > 0)
		memcpy(c->partial + c->partial_len, data, len);
	c->partial_len += len;
}

static void
drop_parts(struct conn *c)
{
	free(c->partial);
	c->partial = NULL;
	c->partial_len = c->partial_cap = 0;
}

static void
on_frame(struct conn *c, const char *frame, size_t len)
{
	if (c->state == CONN_WAITING || c->state == CONN_CHECKING)
		conn_hold(c, frame, len);
	else
		commands_run(c, frame, len);
}

static enum err
check(const struct conn *c, size_t len, bool binary, size_t remaining, struct problem *p)
{
	size_t max = frame_max(c), have = c->partial_len + len;

	if (binary)
		return problem_fail(p, ERR_MALFORMED, NULL,
				    "Frames must be text, not binary.");
	if (have > max || remaining > max - have)
		return problem_fail(p, ERR_TOO_LARGE, NULL,
				    arena_printf(c->broker->turn,
						 "A frame has at most %zu bytes.", max));
	return OK;
}

void
conn_on_data(struct conn *c, const char *data, size_t len, bool final, bool binary,
	     size_t remaining)
{
	struct problem p = {};
	enum err e;

	c->heard_s = broker_clock_s(c->broker);
	c->broker->metrics.bytes_in += (int64_t)len;
	c->broker->metrics.frames_in += final;
	if (!conn_is_open(c) || c->broker->draining)
		return;
	e = check(c, len, binary, remaining, &p);
	if (e != OK) {
		conn_refuse(c, NULL, NULL, e, &p);
		return;
	}
	if (!final || c->partial_len > 0)
		keep_part(c, data, len);
	if (!final)
		return;
	if (c->partial_len == 0) {
		on_frame(c, data, len);
		return;
	}
	data = arena_memdup(c->broker->turn, c->partial, c->partial_len);
	len = c->partial_len;
	drop_parts(c);
	on_frame(c, data, len);
}

void
conn_hold(struct conn *c, const char *frame, size_t len)
{
	c->held = xmalloc(len + 1);
	memcpy(c->held, frame, len);
	c->held[len] = '\0';
	c->held_len = len;
	c->ops->tell(c->wire, WIRE_HOLD);
}

void
conn_release(struct conn *c)
{
	const char *frame;
	size_t len = c->held_len;

	if (!c->held || !conn_is_open(c) || c->broker->draining)
		return;
	frame = arena_memdup(c->broker->turn, c->held, len);
	free(c->held);
	c->held = NULL;
	c->ops->tell(c->wire, WIRE_FLOW);
	on_frame(c, frame, len);
}
