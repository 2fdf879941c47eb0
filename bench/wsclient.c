/* wsclient.c -- see wsclient.h. */
#include "bench/wsclient.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/die.h"

enum { BUFFER = 256 * 1024, SEND_MAX = 64 * 1024 };

static char buffer[BUFFER + 1];

bool
ws_connect(struct ws *w, const struct sockaddr_in *to, in_addr_t from, int epoll,
	   void *who)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(from) };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = who };
	int on = 1;

	*w = (struct ws){ .state = WS_CONNECTING };
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return false;
	setsockopt(w->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	/* as browsers do: a small write does not wait for the last one's
	 * acknowledgement */
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(w->fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    (connect(w->fd, (const struct sockaddr *)to, sizeof(*to)) < 0 &&
	     errno != EINPROGRESS) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, w->fd, &event) < 0) {
		ws_close(w);
		return false;
	}
	return true;
}

void
ws_close(struct ws *w)
{
	if (w->state != WS_NONE)
		close(w->fd);
	free(w->rest);
	*w = (struct ws){};
}

static void
end(struct ws *w, int code, double retry_after_s, void *who, const struct ws_events *on)
{
	ws_close(w);
	on->on_end(who, code, retry_after_s);
}

/* ---- frames -------------------------------------------------------------- */

static bool
send_frame(struct ws *w, uint8_t opcode, const char *data, size_t len)
{
	static uint8_t out[SEND_MAX + 14];
	size_t at = 2;

	if (len > SEND_MAX)
		return false;
	out[0] = 0x80 | opcode;
	out[1] = 0x80 | (len < 126 ? len : 126);
	if (len >= 126) {
		out[at++] = (uint8_t)(len >> 8);
		out[at++] = (uint8_t)len;
	}
	memset(out + at, 0, 4); /* masked with zeros, which costs nothing */
	memcpy(out + at + 4, data, len);
	at += 4 + len;
	return send(w->fd, out, at, MSG_NOSIGNAL) == (ssize_t)at;
}

bool
ws_send(struct ws *w, const char *text, size_t len)
{
	return w->state == WS_OPEN && send_frame(w, 1, text, len);
}

bool
ws_send_binary(struct ws *w, const char *data, size_t len)
{
	return w->state == WS_OPEN && send_frame(w, 2, data, len);
}

static void
on_close_frame(struct ws *w, const char *data, size_t len, void *who,
	       const struct ws_events *on)
{
	int code = len >= 2 ? (uint8_t)data[0] << 8 | (uint8_t)data[1] : 1005;
	double retry_after_s = -1;
	char reason[128] = "";

	if (len > 2)
		snprintf(reason, sizeof(reason), "%.*s", (int)len - 2, data + 2);
	if (sscanf(reason, "retry_after=%lf", &retry_after_s) != 1)
		retry_after_s = -1;
	end(w, code, retry_after_s, who, on);
}

/* Handles the whole frames at the beginning; returns their length. A server's frames are
 * not masked, and those measured here are not fragmented. */
static size_t
take_frames(struct ws *w, char *data, size_t len, void *who, const struct ws_events *on)
{
	size_t at = 0;

	while (len - at >= 2) {
		const uint8_t *f = (const uint8_t *)data + at;
		size_t head = 2, size = f[1] & 0x7f;
		char *body;

		if (size == 126)
			head = 4, size = len - at < 4 ? len : (size_t)f[2] << 8 | f[3];
		else if (size == 127)
			head = 10, size = len - at < 10
						  ? len
						  : (size_t)f[6] << 24 | f[7] << 16 |
							    f[8] << 8 | f[9];
		if (len - at < head || size > len - at - head)
			break;
		body = data + at + head;
		if (!(f[0] & 0x80))
			die("a message came in pieces");
		if ((f[0] & 0x0f) == 8) {
			on_close_frame(w, body, size, who, on);
			return len;
		}
		if ((f[0] & 0x0f) == 9 && !send_frame(w, 10, body, size))
			return at;
		if ((f[0] & 0x0f) == 1 || (f[0] & 0x0f) == 2) {
			char next = body[size]; /* the buffer has one byte more */

			on->on_text(who, body, size);
			if (w->state != WS_OPEN)
				return len;
			body[size] = next;
		}
		at += head + size;
	}
	return at;
}

/* ---- the upgrade --------------------------------------------------------- */

/* Returns the length of the answer's head; 0: incomplete, or the upgrade was refused. */
static size_t
take_head(struct ws *w, char *data, size_t len, void *who, const struct ws_events *on)
{
	char *ends, *header;
	int status = 0;
	double retry_after_s = -1;

	data[len] = '\0';
	ends = strstr(data, "\r\n\r\n");
	if (!ends)
		return 0;
	if (sscanf(data, "HTTP/1.1 %d", &status) != 1 || status != 101) {
		header = strcasestr(data, "\nRetry-After:");
		if (header)
			retry_after_s = atof(header + strlen("\nRetry-After:"));
		end(w, status, retry_after_s, who, on);
		return 0;
	}
	w->state = WS_OPEN;
	on->on_open(who);
	return w->state == WS_OPEN ? (size_t)(ends + 4 - data) : 0;
}

static void
keep_rest(struct ws *w, const char *data, size_t len)
{
	if (len > w->cap) {
		w->rest = xrealloc(w->rest, len);
		w->cap = (uint32_t)len;
	}
	memcpy(w->rest, data, len);
	w->len = (uint32_t)len;
}

static void
take(struct ws *w, size_t len, void *who, const struct ws_events *on)
{
	size_t at = 0;

	if (w->state == WS_UPGRADING)
		at = take_head(w, buffer, len, who, on);
	if (w->state == WS_OPEN)
		at += take_frames(w, buffer + at, len - at, who, on);
	if (w->state != WS_NONE && at < len) {
		keep_rest(w, buffer + at, len - at);
	} else if (w->state != WS_NONE && w->rest) {
		free(w->rest);
		w->rest = NULL;
		w->len = w->cap = 0;
	}
}

static void
receive(struct ws *w, void *who, const struct ws_events *on)
{
	ssize_t got;
	size_t len = w->len;

	memcpy(buffer, w->rest ? w->rest : "", len);
	got = recv(w->fd, buffer + len, BUFFER - len, 0);
	if (got > 0)
		take(w, len + (size_t)got, who, on);
	else if (got == 0 || errno != EAGAIN)
		end(w, 0, -1, who, on);
}

void
ws_step(struct ws *w, int epoll, unsigned events, const char *request, void *who,
	const struct ws_events *on)
{
	struct epoll_event readable = { .events = EPOLLIN, .data.ptr = who };

	if (w->state != WS_CONNECTING) {
		receive(w, who, on);
		return;
	}
	if (events & (EPOLLERR | EPOLLHUP) ||
	    send(w->fd, request, strlen(request), MSG_NOSIGNAL) < 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_MOD, w->fd, &readable) < 0)
		end(w, 0, -1, who, on);
	else
		w->state = WS_UPGRADING;
}
