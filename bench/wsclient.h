/* wsclient.h -- a WebSocket client for load programs: raw sockets, no library, a few
 * dozen bytes a connection while it is idle.
 *
 * Owns: the socket, and the rest of a frame that has not come whole. */
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
	/* Upgraded. */
	void (*on_open)(void *who);
	/* A text or binary frame; text[len] may be overwritten. */
	void (*on_text)(void *who, char *text, size_t len);
	/* No more: the status of a refused upgrade or a close code, 0 when there was
	 * neither, and when to come back (-1 not told). The socket is closed. */
	void (*on_end)(void *who, int code, double retry_after_s);
};

/* from: an address of this machine (a port of it is taken), so that one peer can have
 * more connections than there are ports. False: there is no socket to be had. */
bool ws_connect(struct ws *w, const struct sockaddr_in *to, in_addr_t from, int epoll,
		void *who);
/* The socket is ready. request: the head to send once it is connected. */
void ws_step(struct ws *w, int epoll, unsigned events, const char *request, void *who,
	     const struct ws_events *on);
/* False: it takes no more; the connection is of no use then. */
bool ws_send(struct ws *w, const char *text, size_t len);
bool ws_send_binary(struct ws *w, const char *data, size_t len);
void ws_close(struct ws *w);
