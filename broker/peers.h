/* peers.h -- other brokers on the same database, and what they are told.
 *
 * Each broker has a row in the table brokers, and refreshes it every few seconds to
 * show that it is alive. While there is another one, it is told (bus.h) what was
 * committed here, so that its listeners hear at once. It also gets the wake-ups that
 * the programs of this host sent to our socket, since no other broker hears them. A
 * single broker sends none.
 *
 * They are sent together, at most once a turn and PEERS_REST_MS apart: the highest seq
 * of each room, and for each person who writes there whether they still do. Never
 * inside a transaction that writes. A lost one is made up for as any lost wake-up is
 * (shared/wake.h).
 *
 * Owns: the lines still to be sent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"
#include "shared/uuid.h"

struct broker;

enum { PEERS_REST_MS = 4, PEERS_LATER_MS = 100, PEERS_WAITING_MAX = 20000 };

struct peers {
	struct uuid id; /* our row in the table brokers, until the process ends */
	int others;	/* as of the last beat */
	int deaf;	/* those of them that do not hear Redis (bus.h) */
	struct table by_text;
	struct link waiting;
	struct link later; /* rooms that the others should have heard of already */
	bool is_beating, beats_again, has_row;
	bool hears, hears_said; /* bus_hears(): in the beat in flight, in the last one */
	int64_t rest_ms, later_ms; /* no lines are sent before */
};

void peers_init(struct peers *p);
void peers_done(struct peers *p);

/* A wake-up in the words of shared/wake.h. */
void peers_tell(struct broker *b, const char *text);
/* "room": its log has reached seq. */
void peers_tell_room(struct broker *b, const char *room_id, int64_t seq);

/* The same, after brokers with listeners were sent the message whole: for brokers that
 * have only members of the room, and in case it was lost. */
void peers_tell_room_later(struct broker *b, const char *room_id, int64_t seq);
/* Somebody is typing in the room, or stopped. */
void peers_tell_typing(struct broker *b, const struct uuid *room_id,
		       const struct uuid *user_id, bool on);

/* Send the waiting lines. At the end of a turn. */
void peers_kick(struct broker *b);
/* When to call it even if nothing happens; -1: never. */
int64_t peers_next_ms(const struct broker *b);

/* Every BROKERS_BEAT_MS, and when there is something new to say or to see. */
void peers_beat(struct broker *b);
/* A line of another broker, "broker": it has started, or hears by another way now.
 * False: it is a different line. */
bool peers_hear(struct broker *b, const char *text);
/* We end: the others need tell us nothing. */
void peers_leave(struct broker *b);
