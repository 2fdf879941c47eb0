/* ws.h -- WebSocket: the door to libwebsockets.
 *
 * Translates the library's callbacks into conn_on_*() and back; takes no decisions. The
 * library is given sockets whose handshake was read and checked before (acceptor.c), and
 * is given finished frames to send.
 *
 * Owns: the library's context, and with it the sockets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "broker/hello.h"
#include "shared/err.h"

struct broker;
struct ws;

/* The limit on open files must not change after this. */
enum err ws_open(struct broker *b, struct ws **out);
void ws_close(struct ws *ws); /* NULL is fine */

/* A socket with a valid handshake; rest: the bytes after it. From here on the library
 * owns the socket, even if this fails. */
void ws_adopt(struct ws *ws, int fd, const struct hello *hello, const char *rest,
	      size_t rest_len);

/* The library reads 2 KiB of a socket each time that it is told of it: read on from
 * sockets that have more, in turn and up to a limit. */
void ws_read_on(struct ws *ws);
/* Sockets read from here on belong to the next turn. */
void ws_turn_ends(struct ws *ws);
/* Once a second: on a foreign loop the library's clock stands still without this. */
void ws_tick(struct ws *ws);
