/* wake.h -- tell the broker that a room's log grew.
 *
 * Sent after commit, never inside the writing transaction. One datagram to the
 * broker's Unix socket, "<room id> <seq>"; where there is none, or its queue
 * is full, NOTIFY foyer_wake with the same text on the given connection.
 * Losing or doubling one is harmless: the broker reads the log from where it
 * is, and compares all live rooms every few seconds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct db;
struct wake;

struct wake *wake_open(const char *socket_path); /* "" is fine: only NOTIFY */
void wake_close(struct wake *w);

void wake_room(struct wake *w, struct db *db, struct arena *a, const struct uuid *room_id,
	       int64_t seq);

/* Is a broker listening on the socket now? (GET /status says so.) */
bool wake_is_up(struct wake *w);

/* The broker's end: "<room id> <seq>" read back. ERR_INVALID for anything else. */
enum err wake_parse(const char *text, struct uuid *out_room_id, int64_t *out_seq);
