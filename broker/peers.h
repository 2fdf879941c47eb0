/* peers.h -- other brokers on the same database, and what they are told.
 *
 * Each broker has a row in the table brokers, and says every few seconds that it is
 * alive. While there is another one, it is told (bus.h) of what was committed here, so
 * that its listeners hear at once; and so are the wake-ups that the programs of this host
 * sent to our socket, which nobody else hears. A single broker sends none.
 *
 * Told together, once a turn at most and PEERS_REST_MS apart: of each room the highest
 * seq, of each who writes there whether they do. Never inside a transaction that writes.
 * What is lost is made up for as any lost wake-up is (shared/wake.h).
 *
 * Owns: what is still to be told. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/table.h"
#include "shared/uuid.h"

struct broker;

enum { PEERS_REST_MS = 4, PEERS_LATER_MS = 100, PEERS_WAITING_MAX = 20000 };

struct peers {
	struct uuid id; /* ours in the table brokers, until the process ends */
	int others;	/* as of the last beat */
	int deaf;	/* those of them that do not hear Redis (bus.h) */
	struct table by_text;
	struct link waiting;
	struct link later; /* rooms of which the others should have heard already */
	bool is_beating, beats_again, has_row;
	bool hears, hears_said; /* bus_hears(): in the beat under way, in the last one */
	int64_t rest_ms, later_ms; /* nothing is told before */
};

void peers_init(struct peers *p);
void peers_done(struct peers *p);

/* A wake-up in the words of shared/wake.h. */
void peers_tell(struct broker *b, const char *text);
/* "room": its log has come to seq. */
void peers_tell_room(struct broker *b, const char *room_id, int64_t seq);

/* The same where brokers with listeners were told more: for those that have members of
 * it, and in case it was lost. */
void peers_tell_room_later(struct broker *b, const char *room_id, int64_t seq);
/* Somebody writes in the room, or stopped. */
void peers_tell_typing(struct broker *b, const struct uuid *room_id,
		       const struct uuid *user_id, bool on);

/* Tell what waits. At the end of a turn. */
void peers_kick(struct broker *b);
/* When that is to be done though nothing happens; -1: never. */
int64_t peers_next_ms(const struct broker *b);

/* Every BROKERS_BEAT_MS, and when there is something new to say or to see. */
void peers_beat(struct broker *b);
/* A line of another broker's, "broker": it has come, or hears by another way now. False:
 * it is none. */
bool peers_hear(struct broker *b, const char *text);
/* We end: nobody need tell us anything. */
void peers_leave(struct broker *b);
