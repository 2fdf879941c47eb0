/* flood.h -- how much a person, and an address, may send us.
 *
 * Counted in shared/limits.h: over all of a person's connections, and together with
 * what the other processes of this host see of them. Many people may share an address,
 * so an address may send `address_people` times as much as a person.
 *
 * A client that goes on after being refused is disconnected: conn.excess. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/err.h"

struct broker;
struct said;

/* A client connects. False: too often; it may come again after so many seconds, which
 * differ for each client. */
bool flood_may_connect(struct broker *b, const char *address, int *out_retry_after_s);

/* A frame came: count its bytes, and this cost against the limit of frames (0:
 * none). */
enum err flood_take_frame(struct said *s, int64_t cost);
/* Count messages and other changes in rooms, as worth this many messages. */
enum err flood_take_messages(struct said *s, int64_t cost);
enum err flood_take_signal(struct said *s);
