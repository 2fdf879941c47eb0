/* peers.h -- other brokers on the same database, and what they are told.
 *
 * Each broker has a row in the table brokers, and says every few seconds that it is
 * alive. While there is another one, it is told by NOTIFY of what was committed here, so
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

enum { PEERS_REST_MS = 4, PEERS_WAITING_MAX = 20000 };

struct peers {
	struct uuid id; /* ours in the table brokers, until the process ends */
	int others;	/* as of the last beat */
	struct table by_text;
	struct link waiting;
	bool is_telling, is_beating, has_row;
	int64_t rest_ms; /* nothing is told before */
};

void peers_init(struct peers *p);
void peers_done(struct peers *p);

/* A wake-up in the words of shared/wake.h. */
void peers_tell(struct broker *b, const char *text);
/* "room": its log has come to seq. */
void peers_tell_room(struct broker *b, const char *room_id, int64_t seq);

/* Somebody writes in the room, or stopped. */
void peers_tell_typing(struct broker *b, const char *room_id, const char *user_id,
		       bool on);

/* Tell what waits. At the end of a turn. */
void peers_kick(struct broker *b);
/* When that is to be done though nothing happens; -1: never. */
int64_t peers_next_ms(const struct broker *b);

/* Every BROKERS_BEAT_MS. */
void peers_beat(struct broker *b);
/* We end: nobody need tell us anything. */
void peers_leave(struct broker *b);
