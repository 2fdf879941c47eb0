/* wakes_socket.h -- how the broker hears that a REST program of this host wrote.
 *
 * The REST programs of this host send a datagram to our Unix socket; from elsewhere, or
 * when its queue is full, a NOTIFY comes through the database (store.c). Either may be
 * lost, duplicated or late: wakes.h. No other broker hears what comes by the socket, so
 * it is passed on (peers.h).
 *
 * Owns: the socket and its name in the file system. */
#pragma once

#include "shared/err.h"

struct broker;
struct wakes_socket;

/* path "": there is no socket. */
enum err wakes_socket_open(struct broker *b, const char *path, struct wakes_socket **out);
void wakes_socket_close(struct wakes_socket *ws); /* NULL is fine */
