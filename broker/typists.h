/* typists.h -- those who write just now, each in a room: the records of typing.h, what
 * of them is told, and when that ends.
 *
 * Whoever writes at another broker is a typist here as well, without a connection, as
 * long as that broker says so (typists_hear()); it has asked whether they may. Who has a
 * device here that says so itself is this broker's to tell of.
 *
 * Owns:     its typists.
 * Lifetime: with their room. One who writes in a room that nobody listens to here, told
 *           for the sake of other brokers, keeps the room for as long. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/wheel.h"
#include "shared/uuid.h"

struct broker;
struct conn;
struct live_room;

enum verdict { UNKNOWN, MAY, MAY_NOT };

/* Somebody in a room. It stays some seconds after they ended, so that nobody is told
 * more often by turns of on and off. */
struct typist {
	struct broker *broker;
	struct live_room *room;
	struct conn *conn; /* which said so last; NULL: it is gone, or elsewhere */
	struct link in_room, in_conn, in_asking;
	struct wheel_timer timer;
	struct uuid user_id;
	char *ref; /* while UNKNOWN */
	enum verdict verdict;
	bool is_elsewhere; /* another broker says it */
	bool holds_room;
	bool is_on;	 /* says the client */
	bool told;	 /* so were the others */
	int64_t told_ms; /* when they last were */
	int64_t until_s; /* unless it is said again */
};

struct typist *typist_find(const struct live_room *room, const char *user_id); /* or NULL
										*/
struct typist *typist_new(struct broker *b, struct live_room *room,
			  const struct uuid *user_id, bool holds_room);
/* May be the end of the room, too. */
void typist_free(struct typist *t);

/* It is so from now on, for TYPING_LASTS_S. */
void typist_go_on(struct typist *t);
/* No more. It may be gone after this, and its room. */
void typist_end(struct typist *t);
/* To whoever listens here, and to the other brokers if it is said here. */
void typist_tell(struct typist *t, bool on);
void typist_set_timer(struct typist *t);

/* A line of another broker's: "typing <room> <user> <0 or 1>". False: it is none. */
bool typists_hear(struct broker *b, const char *text);
