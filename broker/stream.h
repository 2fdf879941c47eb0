/* stream.h -- what happens in a room as a stream over HTTP: a wire of its own.
 *
 * To everything above it is a connection like any other, for one room, that never says
 * anything: it is asked for, joins, catches up, is told, and ends as a WebSocket does,
 * with the same bounds. Its wire takes the same frames, and writes them in the form that
 * was asked for (format.h).
 *
 * The answer waits for the join: what is wrong until then has its HTTP status, and
 * problem+json. Afterwards an end is an `error` event, and then the end of the stream.
 * The body ends where the connection does, which every proxy and HTTP/1.0 understand.
 * Frames that are no events of the room (presence, typing, calls …) are left out.
 *
 * Owns: the sockets it was given, and what the kernel did not take yet. */
#pragma once

#include "broker/hello.h"

struct broker;
struct streams;

struct streams *streams_new(void);
void streams_free(struct streams *ss); /* NULL is fine */

/* A socket with a good request; it is ours from here on, whatever comes of it. */
void stream_adopt(struct broker *b, int fd, const struct hello *hello);
