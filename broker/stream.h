/* stream.h -- the events of a room as a stream over HTTP: a wire of its own.
 *
 * To everything above it is a connection like any other, to one room, that never sends
 * anything: it authenticates, joins, catches up, gets events and ends as a WebSocket
 * does, with the same bounds. Its wire takes the same frames, and writes them in the
 * requested form (format.h).
 *
 * The answer waits for the join: an error before that has its HTTP status, and
 * problem+json. Later the stream ends with an `error` event. The body ends with the
 * connection, which every proxy and HTTP/1.0 understand. Frames that are not events of
 * the room (presence, typing, calls …) are left out.
 *
 * Owns: the sockets it was given, and data that the kernel did not take yet. */
#pragma once

#include "broker/hello.h"

struct broker;
struct streams;

struct streams *streams_new(void);
void streams_free(struct streams *ss); /* NULL is fine */

/* A socket with a valid request; it is ours from here on, even if this fails. */
void stream_adopt(struct broker *b, int fd, const struct hello *hello);
