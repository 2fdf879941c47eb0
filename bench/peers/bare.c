/* bare.c -- the least that can deliver texts over WebSocket, as the floor for ratios.
 *
 *	bare PORT send     one send() for each delivery
 *	bare PORT join     one write to each listener for all that arrived in its room
 *			in one turn
 *
 * The path names the room. It checks, stores and limits nothing, and drops slow
 * listeners. It sets TCP_NODELAY like the other servers here except nchan: without it the
 * kernel joins the deliveries of "send" until an acknowledgement arrives (RFC 9293,
 * section 3.7.4), so that some packets carry many. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/die.h"

enum { ROOMS_MAX = 65536, EVENTS = 512, READ_MAX = 64 * 1024 };

struct conn {
	int fd;
	bool is_open;
	struct room *room;
	size_t at; /* in room->conns */
	uint8_t *rest;
	size_t len;
};

struct room {
	struct conn **conns;
	size_t count, cap;
	uint8_t *frames; /* received in this turn */
	size_t len, size;
	bool is_due;
};

static struct room rooms[ROOMS_MAX];
static struct room *due[ROOMS_MAX];
static size_t due_count;
static bool joins;
static int epoll_fd;

static void
leave(struct conn *c)
{
	struct room *room = c->room;

	if (!room)
		return;
	room->conns[c->at] = room->conns[--room->count];
	room->conns[c->at]->at = c->at;
	c->room = NULL;
}

/* end() frees it when its end of file is read and nothing refers to it any more. */
static void
drop(struct conn *c)
{
	leave(c);
	shutdown(c->fd, SHUT_RDWR);
}

static void
end(struct conn *c)
{
	leave(c);
	close(c->fd);
	free(c->rest);
	free(c);
}

static bool
give(struct conn *c, const void *data, size_t len)
{
	return send(c->fd, data, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Drops listeners that do not take it. leave() moves the last one into the gap, so go
 * from the end. */
static void
give_all(struct room *room, const void *data, size_t len)
{
	for (size_t i = room->count; i-- > 0;)
		if (!give(room->conns[i], data, len))
			drop(room->conns[i]);
}

static void
hand_on(struct room *room, const uint8_t *text, size_t len)
{
	static uint8_t frame[READ_MAX + 4];
	size_t head = len < 126 ? 2 : 4;

	frame[0] = 0x81;
	frame[1] = (uint8_t)(len < 126 ? len : 126);
	if (len >= 126) {
		frame[2] = (uint8_t)(len >> 8);
		frame[3] = (uint8_t)len;
	}
	memcpy(frame + head, text, len);
	if (!joins) {
		give_all(room, frame, head + len);
		return;
	}
	if (room->len + head + len > room->size) {
		room->size = 2 * (room->len + head + len);
		room->frames = xrealloc(room->frames, room->size);
	}
	memcpy(room->frames + room->len, frame, head + len);
	room->len += head + len;
	if (!room->is_due)
		due[due_count++] = room;
	room->is_due = true;
}

static void
end_turn(void)
{
	for (size_t i = 0; i < due_count; i++) {
		give_all(due[i], due[i]->frames, due[i]->len);
		due[i]->len = 0;
		due[i]->is_due = false;
	}
	due_count = 0;
}

static void
enter(struct conn *c, struct room *room)
{
	if (room->count == room->cap) {
		room->cap = room->cap ? 2 * room->cap : 16;
		room->conns = xrealloc(room->conns, room->cap * sizeof(struct conn *));
	}
	c->room = room;
	c->at = room->count;
	room->conns[room->count++] = c;
}

/* Returns the length of the upgrade's head; 0: incomplete, or not an upgrade. */
static size_t
upgrade(struct conn *c, char *data)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char *ends = strstr(data, "\r\n\r\n"), key[128], answer[256];
	char *header = strcasestr(data, "Sec-WebSocket-Key:");
	unsigned char sum[SHA_DIGEST_LENGTH], accept[32];
	unsigned room;

	if (!ends || !header || sscanf(data, "GET /ws/%u", &room) != 1 ||
	    room >= ROOMS_MAX || sscanf(header + 18, " %60[^ \r]", key) != 1)
		return 0;
	strcat(key, guid);
	SHA1((unsigned char *)key, strlen(key), sum);
	EVP_EncodeBlock(accept, sum, sizeof(sum));
	snprintf(answer, sizeof(answer),
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		 accept);
	give(c, answer, strlen(answer));
	c->is_open = true;
	enter(c, &rooms[room]);
	return (size_t)(ends + 4 - data);
}

/* Handles the whole frames at the beginning, all masked; returns their length. */
static size_t
take_frames(struct conn *c, uint8_t *data, size_t len)
{
	size_t at = 0;

	while (len - at >= 8) {
		uint8_t *f = data + at, *mask, *text;
		size_t head = (f[1] & 0x7f) == 126 ? 8 : 6;
		size_t size = head == 8 ? (size_t)f[2] << 8 | f[3] : f[1] & 0x7f;

		if (len - at < head + size)
			break;
		mask = f + head - 4;
		text = f + head;
		for (size_t i = 0; i < size; i++)
			text[i] ^= mask[i & 3];
		if ((f[0] & 0x0f) == 1 && c->room)
			hand_on(c->room, text, size);
		at += head + size;
	}
	return at;
}

static void
receive(struct conn *c)
{
	static uint8_t data[2 * READ_MAX + 1];
	size_t at = 0, len = c->len;
	ssize_t got;

	memcpy(data, c->rest ? c->rest : data, len);
	got = recv(c->fd, data + len, READ_MAX, 0);
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			end(c);
		return;
	}
	len += (size_t)got;
	data[len] = '\0';
	if (!c->is_open)
		at = upgrade(c, (char *)data);
	if (c->is_open)
		at += take_frames(c, data + at, len - at);
	c->len = len - at;
	c->rest = xrealloc(c->rest, c->len + 1);
	memcpy(c->rest, data + at, c->len);
}

static void
take_in(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct conn *c = xcalloc(1, sizeof(*c));
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
		int on = 1;

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		c->fd = fd;
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	struct epoll_event events[EVENTS], coming = { .events = EPOLLIN };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	if (argc != 3)
		die("usage: bare PORT send|join");
	here.sin_port = htons((uint16_t)atoi(argv[1]));
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	joins = strcmp(argv[2], "join") == 0;
	epoll_fd = epoll_create1(0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&here, sizeof(here)) < 0 ||
	    listen(listener, 4096) < 0)
		die("cannot listen on %s: %s", argv[1], strerror(errno));
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &coming);
	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS, -1);

		for (int i = 0; i < count; i++)
			if (!events[i].data.ptr)
				take_in(listener);
			else
				receive(events[i].data.ptr);
		end_turn();
	}
}
