/* ws.h -- WebSocket: the door to libwebsockets.
 *
 * Translates the library's callbacks into conn_on_*() and back; no decision is taken
 * here. The library is given sockets whose handshake was read and judged before
 * (door.c), and sends what is finished frames already.
 *
 * Owns: the library's context, and with it the sockets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "broker/hello.h"
#include "shared/err.h"

struct broker;
struct ws;

/* The limit of open files must not change any more. */
enum err ws_open(struct broker *b, struct ws **out);
void ws_close(struct ws *ws); /* NULL is fine */

/* A socket with a good handshake; rest is what came after it. From here on the library
 * has the socket, whatever comes of it. */
void ws_adopt(struct ws *ws, int fd, const struct hello *hello, const char *rest,
	      size_t rest_len);

/* The library reads 2 KiB of a socket each time that it is told of it: read the rest of
 * what those have to say who have more, in turn and up to a limit. */
void ws_read_on(struct ws *ws);
/* What is read from here on belongs to the next turn. */
void ws_turn_ends(struct ws *ws);
/* Once a second: on a loop that is not its own the library's clock stands still
 * without this. */
void ws_tick(struct ws *ws);
