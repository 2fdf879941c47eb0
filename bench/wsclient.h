/* wsclient.h -- a WebSocket client for load programs: raw sockets, no library, a few
 * dozen bytes for an idle connection.
 *
 * Owns: the socket, and the rest of an incomplete frame. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_state { WS_NONE, WS_CONNECTING, WS_UPGRADING, WS_OPEN };

struct ws {
	int fd;
	enum ws_state state;
	uint32_t len, cap; /* of rest */
	char *rest;
};

struct ws_events {
	/* The upgrade succeeded. */
	void (*on_open)(void *who);
	/* A text or binary frame; text[len] may be overwritten. */
	void (*on_text)(void *who, char *text, size_t len);
	/* The connection has ended: the status of a refused upgrade or a close code, 0 if
	 * there was neither, and when to retry (-1: not told). The socket is closed. */
	void (*on_end)(void *who, int code, double retry_after_s);
};

/* from: an address of this machine; a port of it is taken, so that there can be more
 * connections to one peer than there are ports. False: no socket. */
bool ws_connect(struct ws *w, const struct sockaddr_in *to, in_addr_t from, int epoll,
		void *who);
/* The socket is ready. request: the head to send once it is connected. */
void ws_step(struct ws *w, int epoll, unsigned events, const char *request, void *who,
	     const struct ws_events *on);
/* False: the socket takes no more, and the connection is useless from then on. */
bool ws_send(struct ws *w, const char *text, size_t len);
bool ws_send_binary(struct ws *w, const char *data, size_t len);
void ws_close(struct ws *w);
