/* typing.h -- who is typing, for the listeners of the room.
 *
 * `typing` goes to the listeners of a room except the writer's own devices and people
 * with whom there is a block. It is one ephemeral frame for all of them: a client that
 * lags does not get it. Nothing of it is stored. Other brokers are told whenever the
 * listeners here are (typists.h); they tell theirs, and end it after the same time if
 * they hear no more of it.
 *
 * A client may repeat `on` as often as its limit allows; the others hear it at most
 * every TYPING_EVERY_MS. It ends with `off`, with a message, when the connection that
 * said it leaves the room or goes, when the membership changes, or TYPING_LASTS_S after
 * the last `on`; then `on: false` is told, if `on` was. A person who may not write
 * there is refused as for a message. The permission is queried once per spell of
 * typing.
 *
 * Bounds: TYPISTS_MAX people a room, TYPING_ROOMS_MAX rooms a connection; beyond, and
 * in rooms with more than TYPING_LISTENERS_MAX listeners, nothing is told.
 *
 * The typists are in typists.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/wheel.h"

struct broker;
struct conn;
struct event;
struct listener;
struct live_room;

enum {
	TYPING_EVERY_MS = 3000,
	TYPING_LASTS_S = 8,
	TYPISTS_MAX = 16,
	TYPING_ROOMS_MAX = 8,
	TYPING_LISTENERS_MAX = 1000,
};

struct typing {
	struct wheel wheel;
	struct link to_ask; /* typists whose permission is not known yet */
	bool is_asking;
};

void typing_init(struct typing *t, int64_t now_s);
/* Query for those who began. At the end of a turn. */
void typing_kick(struct broker *b);
/* Once a second. */
void typing_tick(struct broker *b);

/* Events that end it. */
void typing_conn_gone(struct conn *c);
void typing_listener_gone(struct listener *l);
void typing_room_gone(struct live_room *room);
void typing_hear(struct live_room *room, const struct event *e);
