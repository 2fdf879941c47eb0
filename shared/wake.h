/* wake.h -- tells the broker what was done here.
 *
 * Sent after commit, never inside the writing transaction. It is one datagram to the
 * broker's Unix socket, with a word for its kind and what it is about. If there is no
 * socket, or its queue is full, the same text goes out by NOTIFY foyer_wake on the given
 * connection. A lost or doubled wake-up is harmless: it only says where to look, and each
 * kind's comment says what makes up for a lost one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"
#include "shared/uuid.h"

struct db;
struct wake;

enum wake_kind {
	/* "room <id> <seq>": the log has reached this seq. The broker reads on from where
	 * it is, and compares all live rooms every few seconds. */
	WAKE_ROOM,
	/* "read <room> <user>": this person's marks in the room have moved. The broker
	 * tells the others. A lost one is made up for by the next, and by the status of
	 * messages, which REST returns. */
	WAKE_READ,
	/* "call <id> <version>": somebody changed this call. The broker reads it, and
	 * compares all open calls every second. */
	WAKE_CALL,
	/* "person <id>": their profile, settings or status changed. The broker reads them
	 * again. A lost one is made up for by the next change, and by the person's next
	 * connection; REST is right meanwhile. */
	WAKE_PERSON,
	/* "pair <id> <id>": the relation between the two changed: a contact, a block. The
	 * broker reads both again, and tells each about the other. A lost one is made up
	 * for in the same way. */
	WAKE_PAIR,
};

struct wake_up {
	enum wake_kind kind;
	struct uuid id;	     /* the room; WAKE_CALL: the call; the person */
	int64_t seq;	     /* WAKE_ROOM; WAKE_CALL: its version */
	struct uuid user_id; /* WAKE_READ; WAKE_PAIR: the other person */
};

struct wake *wake_open(const char *socket_path); /* "" is fine: only NOTIFY */
void wake_close(struct wake *w);

void wake_room(struct wake *w, struct db *db, struct arena *a, const struct uuid *room_id,
	       int64_t seq);

void wake_read(struct wake *w, struct db *db, struct arena *a, const struct uuid *room_id,
	       const struct uuid *user_id);
void wake_call(struct wake *w, struct db *db, struct arena *a, const char *call_id,
	       int64_t version);
void wake_person(struct wake *w, struct db *db, struct arena *a, const char *user_id);
void wake_pair(struct wake *w, struct db *db, struct arena *a, const char *user_id,
	       const char *other_id);

/* Is a broker listening on the socket now? (For GET /status.) */
bool wake_is_up(struct wake *w);

/* The broker's end. ERR_INVALID if text is not a wake-up. */
enum err wake_parse(const char *text, struct wake_up *out);
