/* typists.h -- the people who are typing, each in a room: the records of typing.h, when
 * they are told and when they end.
 *
 * Somebody who types at another broker is a typist here as well, without a connection,
 * as long as that broker says so (typists_hear()); it has checked the permission. If
 * they also say it by a device here, this broker tells of them.
 *
 * Owns:     its typists.
 * Lifetime: with their room. One who types in a room without listeners here, told for
 *           other brokers, keeps the room for as long. */
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

/* A person in a room. The record stays for some seconds after they ended, so that
 * switching on and off does not tell the others more often. */
struct typist {
	struct broker *broker;
	struct live_room *room;
	struct conn *conn; /* that said so last; NULL: it is gone, or elsewhere */
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

/* NULL: that person has no record in the room. */
struct typist *typist_find(const struct live_room *room, const char *user_id);
struct typist *typist_new(struct broker *b, struct live_room *room,
			  const struct uuid *user_id, bool holds_room);
/* May free the room, too. */
void typist_free(struct typist *t);

/* They are typing, for TYPING_LASTS_S from now. */
void typist_go_on(struct typist *t);
/* They stopped. May free the typist, and its room. */
void typist_end(struct typist *t);
/* To the listeners here, and to the other brokers if it was said here. */
void typist_tell(struct typist *t, bool on);
void typist_set_timer(struct typist *t);

/* A line of another broker: "typing <room> <user> <0 or 1>". False: it is a different
 * line. */
bool typists_hear(struct broker *b, const char *text);
