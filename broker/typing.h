/* typing.h -- who is writing just now, for those who listen to the room.
 *
 * `typing` is told to the listeners of a room but for the writer's own devices and those
 * with whom there is a block. It is one frame for all of them, and need not last: who
 * lags behind does not hear it. Nothing of it is stored. Other brokers are told whenever
 * those who listen here are (typists.h); they tell theirs, and end it after the same time
 * if they hear no more of it.
 *
 * A client may repeat `on` as often as its limit allows; the others hear it at most
 * every TYPING_EVERY_MS. It ends with `off`, with a message, when the connection that
 * said it leaves the room or goes, when something is done to the membership, or
 * TYPING_LASTS_S after the last `on`; then `on: false` is told, if `on` was. Whoever may
 * not write there is refused as a message would be. Whether they may is asked once a
 * time of writing.
 *
 * Bounds: TYPISTS_MAX people a room, TYPING_ROOMS_MAX rooms a connection; beyond, and in
 * rooms with more than TYPING_LISTENERS_MAX listeners, nothing is told.
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
	struct link to_ask; /* typists of whom it is not known whether they may */
	bool is_asking;
};

void typing_init(struct typing *t, int64_t now_s);
/* Ask about those who began. At the end of a turn. */
void typing_kick(struct broker *b);
/* Once a second. */
void typing_tick(struct broker *b);

/* What ends it. */
void typing_conn_gone(struct conn *c);
void typing_listener_gone(struct listener *l);
void typing_room_gone(struct live_room *room);
void typing_hear(struct live_room *room, const struct event *e);
