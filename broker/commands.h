/* commands.h -- what a client may say: the tables of frames, and how they are walked.
 *
 * To add a frame: a row in the table of the file whose subject it is, a body, a handler;
 * a new table goes into the list in commands.c. The row routes, checks state, cost,
 * scope and fields; a handler acts. An error in one frame never closes the connection,
 * but a frame that is no JSON object does: what follows it cannot be trusted.
 *
 * Lifetime: all that a handler is given is of this turn. What waits for the database
 * keeps ids. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/conn.h"
#include "shared/body.h"
#include "shared/problem.h"
#include "shared/schema.h"
#include "shared/uuid.h"

/* A frame on its way through the tables. */
struct said {
	struct conn *conn;
	struct arena *arena;
	const struct json *object;
	const char *ref;     /* NULL: none */
	const char *room_id; /* what an error is about; NULL: no room */
	const char *frame;   /* as it came, should it have to wait */
	size_t len;
	const void *body;
	struct problem problem;
};

enum { IN_STRANGER = 1 << CONN_STRANGER, IN_READY = 1 << CONN_READY };

struct command {
	const char *name; /* NULL ends a table */
	unsigned states;  /* IN_... */
	int cost;	  /* of the limit of requests; 0: has a limit of its own */
	unsigned scopes;  /* what an API token must have */
	const struct body *body;
	/* fields that the handler reads itself from s->object; NULL: none */
	const struct schema_member *beside;
	/* An err is told to the client, with the words in s->problem. */
	enum err (*run)(struct said *s);

	bool automatic; /* says nothing of whether somebody is there: presence.h */

	/* words for the reference */
	const char *about;
	const char *answer; /* the frame of frame_rows.h that answers it; NULL: none */
};

extern const struct command conn_commands[], listen_commands[], post_commands[],
	typing_commands[], edit_commands[], receipt_commands[], call_commands[],
	presence_commands[];
/* All of them; ends with NULL. */
extern const struct command *const command_tables[];

/* A whole text frame, as it came. */
void commands_run(struct conn *c, const char *frame, size_t len);

/* ---- for handlers -------------------------------------------------------- */

/* The member room_id of a body; not needed where the connection has a room. */
#define FIELD_ROOM(T)                                                                \
	FIELD_ID(T, room_id, OPTIONAL, .also = "room,chat_id",                       \
		 .about = "the room; that of the connection, if it has one, may be " \
			  "left out")

/* The room that the frame is about: named, or the connection's own. */
enum err said_room(struct said *s, const struct uuid *named, const struct uuid **out);
/* True: a join to this room, or an edit there, is under way, and the frame was put aside
 * until then. */
bool said_must_wait(const struct said *s, const struct uuid *room);
/* True: a call is being changed by this connection, and the frame was put aside until
 * that is done. */
bool said_must_wait_for_call(const struct said *s);
