/* bus.h -- how the broker hears that somebody else wrote.
 *
 * The REST programs of this host send a datagram to our Unix socket; from elsewhere,
 * or when its queue is full, a NOTIFY comes over the database (store.c). Either may be
 * lost, doubled, late: wakes.h. What comes by the socket no other broker hears, so it is
 * passed on (peers.h).
 *
 * Owns: the socket and its name in the file system. */
#pragma once

#include "shared/err.h"

struct broker;
struct bus;

/* path "": there is no socket. */
enum err bus_open(struct broker *b, const char *path, struct bus **out);
void bus_close(struct bus *bus); /* NULL is fine */
