/* stream.c -- see stream.h. */
#include "broker/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/plain.h"
#include "broker/store.h"
#include "broker/wire.h"
#include "shared/die.h"
#include "shared/random.h"

enum {
	FRAME_CLOSE = 0x88,
	FRAME_PING = 0x89,
	RETRY_MIN_MS = 1000, /* before reconnecting after a cut, spread over clients */
	RETRY_SPREAD_MS = 2000,
};

struct streams {
	struct link all;
	struct arena *scratch; /* for the output being written */
	struct plain_lines lines;
};

struct stream {
	struct link in_all;
	struct broker *broker;
	struct conn *conn; /* NULL while it is being made */
	struct loop_watch *watch;
	int fd;
	enum format format;
	bool has_token, has_ticket, head_only;
	bool has_place; /* the client said where it was */
	int64_t after;
	char *request_id, *cors; /* for the answer's head */
	bool has_begun;		 /* the head is out, and it is a 200 */
	bool has_said_why;	 /* an event has said why the stream ends */
	bool is_over;		 /* nothing follows the kept bytes */
	struct bytes refusal;	 /* until the close frame, in the arena of the turn */
	char epoch[sizeof(((struct db_instance *)NULL)->epoch)];
	uint8_t *kept; /* bytes the kernel did not take; NULL: none */
	size_t kept_at, kept_len;
};

/* ---- coming and going ---------------------------------------------------- */

struct streams *
streams_new(void)
{
	struct streams *ss = xcalloc(1, sizeof(*ss));

	list_init(&ss->all);
	ss->scratch = arena_new();
	return ss;
}

static void
stream_free(struct stream *s)
{
	loop_unwatch(s->watch);
	close(s->fd);
	list_remove(&s->in_all);
	free(s->request_id);
	free(s->cors);
	free(s->kept);
	free(s);
}

static void
gone(struct stream *s)
{
	struct conn *c = s->conn;

	stream_free(s);
	conn_on_gone(c);
}

void
streams_free(struct streams *ss)
{
	if (!ss)
		return;
	LIST_EACH(&ss->all, item)
		gone(CONTAINER(item, struct stream, in_all));
	plain_lines_done(&ss->lines);
	arena_free(ss->scratch);
	free(ss);
}

/* ---- bytes --------------------------------------------------------------- */

static void
keep(struct stream *s, const char *data, size_t len)
{
	s->kept = xrealloc(s->kept, s->kept_len + len);
	memcpy(s->kept + s->kept_len, data, len);
	s->kept_len += len;
	loop_watch_for(s->watch, true, true);
}

/* How many bytes the kernel took; -1: the peer is gone. */
static ssize_t
push(struct stream *s, const void *data, size_t len)
{
	ssize_t n = send(s->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

/* Closing at once would cut off data in flight: let the other side hang up. */
static void
end_if_over(struct stream *s)
{
	if (s->is_over)
		shutdown(s->fd, SHUT_WR);
}

static enum wire_sent
write_out(struct stream *s, const char *data, size_t len)
{
	ssize_t n = s->kept || len == 0 ? 0 : push(s, data, len);

	if (n < 0)
		return WIRE_BROKEN;
	if ((size_t)n < len)
		keep(s, data + n, len - (size_t)n);
	if (s->kept)
		return WIRE_KEPT;
	if (len > 0 && s->conn)
		conn_on_pong(s->conn); /* taking data shows that it is alive */
	end_if_over(s);
	return WIRE_SENT;
}

static bool
write_kept(struct stream *s)
{
	ssize_t n = push(s, s->kept + s->kept_at, s->kept_len - s->kept_at);

	if (n < 0)
		return false;
	s->kept_at += (size_t)n;
	if (s->kept_at < s->kept_len)
		return true;
	free(s->kept);
	s->kept = NULL;
	s->kept_at = s->kept_len = 0;
	loop_watch_for(s->watch, true, false);
	end_if_over(s);
	conn_on_pong(s->conn);
	conn_on_writable(s->conn);
	return true;
}

/* The client sends nothing that matters, except that it closes. */
static bool
is_there(struct stream *s)
{
	char ignored[1024];
	ssize_t got = recv(s->fd, ignored, sizeof(ignored), MSG_DONTWAIT);

	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static void
on_io(void *arg, bool readable, bool writable)
{
	struct stream *s = arg;

	if ((readable && !is_there(s)) || (writable && s->kept && !write_kept(s))) {
		loop_watch_for(s->watch, false, false);
		conn_on_hangup(s->conn);
	}
}

/* ---- from frames to events ----------------------------------------------- */

static struct format_context
context_of(const struct stream *s)
{
	return (struct format_context){
		.epoch = s->epoch,
		.id_key = store_instance(s->broker->store)->id_key,
		.now_ms = s->broker->now_ms,
	};
}

static void
tell(struct stream *s, const struct told *t, struct strbuf *out)
{
	struct format_context x = context_of(s);

	if (s->format == FORMAT_PLAIN && t->is_in_log)
		plain_line_again(&s->broker->streams->lines, out, &x, t);
	else
		format_told(out, s->format, &x, t);
}

static void
begin(struct stream *s, const struct told *joined, struct strbuf *out)
{
	bool recovered = memmem(joined->json, joined->len, "\"recovered\":true", 16);
	struct format_context x;
	uint32_t jitter;

	snprintf(s->epoch, sizeof(s->epoch), "%s",
		 told_word(out->arena, joined, "epoch"));
	x = context_of(s);
	random_bytes(&jitter, sizeof(jitter));
	s->has_begun = true;
	strbuf_printf(out,
		      "HTTP/1.1 200 OK\r\n"
		      "Content-Type: %s\r\n"
		      "Cache-Control: no-cache, no-transform\r\n"
		      "X-Accel-Buffering: no\r\n"
		      "X-Content-Type-Options: nosniff\r\n"
		      "X-Request-Id: %s\r\n"
		      "Vary: Accept\r\n"
		      "Connection: close\r\n"
		      "%s\r\n",
		      format_media_type(s->format), s->request_id, s->cors);
	s->is_over = s->head_only;
	if (s->head_only)
		return;
	format_begin(out, s->format, &x, recovered ? s->after : joined->seq,
		     RETRY_MIN_MS + jitter % RETRY_SPREAD_MS);
	/* a client that gave its place is told that it cannot be resumed */
	if (s->has_place && !recovered)
		tell(s, joined, out);
}

static void
take_text(struct stream *s, const uint8_t *frame, struct strbuf *out)
{
	const char *room_id = s->conn ? s->conn->default_room.text : "";
	struct told t;

	if (!told_read(out->arena, frame, &t) ||
	    (t.room_id[0] && strcmp(t.room_id, room_id) != 0))
		return;
	if (!s->has_begun && strcmp(t.type, "joined") == 0)
		begin(s, &t, out);
	else if (s->has_begun)
		tell(s, &t, out);
	if (!t.is_in_log && strcmp(t.type, "joined") != 0)
		s->has_said_why = true;
}

/* Puts what a close frame says into an event. */
static void
take_reason(struct stream *s, enum close_code code, const char *reason,
	    struct strbuf *out)
{
	struct json *o = frame_object(out->arena, "error", NULL);
	unsigned wait_s = 0, wait_ms = 0;
	struct told t = { .type = "error", .seq = -1, .room_id = "" };

	if (sscanf(reason, "retry_after=%u.%3u", &wait_s, &wait_ms) == 2) {
		format_retry(out, s->format, wait_s * 1000 + wait_ms);
		reason = err_code(ERR_UNAVAILABLE);
	}
	json_put_text(o, "code", reason);
	json_put_text(o, "detail",
		      code == CLOSE_TOO_SLOW ? "The client did not read fast enough; "
					       "reconnect."
					     : "The stream has ended; reconnect.");
	if (wait_s + wait_ms > 0)
		json_put_int(o, "retry_after", wait_s + (wait_ms > 0));
	t.json = json_print(out->arena, o, &t.len);
	tell(s, &t, out);
}

static void
take_close(struct stream *s, const uint8_t *frame, struct strbuf *out)
{
	size_t len = frame_size(frame) - 4;
	const char *reason = arena_strndup(out->arena, (const char *)frame + 4, len);
	enum close_code code = (enum close_code)(frame[2] << 8 | frame[3]);
	const struct problem p = { .retry_after_s = conn_retry_after_s(s->broker) };

	s->is_over = true;
	if (!s->has_begun && !s->refusal.data)
		s->refusal = http_error(out->arena, s->request_id, ERR_UNAVAILABLE, &p,
					true, s->cors);
	if (!s->has_begun && s->head_only)
		s->refusal = http_head_of(s->refusal);
	if (!s->has_begun)
		strbuf_add(out, (const char *)s->refusal.data, s->refusal.len);
	else if (!s->has_said_why)
		take_reason(s, code, reason, out);
}

/* ---- the wire ------------------------------------------------------------ */

static enum wire_sent
wire_send(void *wire, const void *frames, size_t len)
{
	struct stream *s = wire;
	struct strbuf out = { .arena = s->broker->streams->scratch };
	const uint8_t *at = frames, *end = at + len;
	enum wire_sent sent;

	for (; at < end && !(s->head_only && s->has_begun); at += frame_size(at))
		if (*at == FRAME_CLOSE)
			take_close(s, at, &out);
		else if (*at != FRAME_PING)
			take_text(s, at, &out);
		else if (s->has_begun)
			format_heartbeat(&out, s->format);
	sent = write_out(s, out.data, out.len);
	arena_reset(out.arena);
	return sent;
}

static void
wire_tell(void *wire, enum wire_wish wish)
{
	if (wish == WIRE_CLOSE)
		gone(wire);
}

/* Before the stream has begun. A spent ticket stops an EventSource: 204. */
static void
wire_refuse(void *wire, enum err e, const struct problem *p)
{
	struct stream *s = wire;
	struct arena *a = s->broker->turn;

	if (s->has_ticket && e == ERR_UNAUTHENTICATED && !p->code)
		s->refusal = http_no_content(a, s->request_id, s->cors);
	else
		s->refusal = http_error(a, s->request_id, e, p, s->has_token, s->cors);
}

static const struct wire_ops stream_wire = {
	.send = wire_send,
	.tell = wire_tell,
	.refuse = wire_refuse,
	.events_only = true,
};

void
stream_adopt(struct broker *b, int fd, const struct hello *hello)
{
	struct stream *s = xcalloc(1, sizeof(*s));

	*s = (struct stream){
		.broker = b,
		.fd = fd,
		.format = hello->format,
		.has_token = hello->token || hello->ticket,
		.has_ticket = hello->ticket,
		.head_only = hello->head_only,
		.has_place = hello->place.given,
		.after = hello->place.after,
		.request_id = xstrdup(hello->request_id),
		.cors = xstrdup(hello->cors),
	};
	list_init(&s->in_all);
	list_add(&b->streams->all, &s->in_all);
	s->watch = loop_watch(b->loop, fd, on_io, s);
	loop_watch_for(s->watch, true, false);
	s->conn = conn_new(b, &stream_wire, s, hello);
}
