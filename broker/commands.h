/* commands.h -- the frames that clients may send: their tables, and the code that walks
 * them.
 *
 * To add a frame: a row in the table of the file that it belongs to, a body, a handler;
 * add a new table to the list in commands.c. The row routes, and checks state, cost,
 * scope and fields; the handler acts. An error in one frame never closes the
 * connection, but a frame that is not a JSON object does: nothing after it can be
 * trusted.
 *
 * Lifetime: everything a handler is given lasts for this turn. Code that waits for the
 * database keeps ids. */
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
	const char *room_id; /* the room that an error names; NULL: none */
	const char *frame;   /* as received, in case it has to wait */
	size_t len;
	const void *body;
	struct problem problem;
};

enum { IN_STRANGER = 1 << CONN_STRANGER, IN_READY = 1 << CONN_READY };

struct command {
	const char *name; /* NULL ends a table */
	unsigned states;  /* IN_... */
	int cost;	  /* against the request limit; 0: has its own limit */
	unsigned scopes;  /* scopes that an API token needs */
	const struct body *body;
	/* fields that the handler itself reads from s->object; NULL: none */
	const struct schema_member *beside;
	/* On an error the client is sent the text in s->problem. */
	enum err (*run)(struct said *s);

	bool automatic; /* sent by a program, no sign of a person: presence.h */

	/* text for the reference */
	const char *about;
	const char *answer; /* the frame of frame_rows.h that answers it; NULL: none */
};

extern const struct command conn_commands[], listen_commands[], post_commands[],
	typing_commands[], edit_commands[], receipt_commands[], call_commands[],
	presence_commands[];
/* All tables; ends with NULL. */
extern const struct command *const command_tables[];

/* Handle a whole text frame. */
void commands_run(struct conn *c, const char *frame, size_t len);

/* ---- for handlers -------------------------------------------------------- */

/* The body member room_id; may be left out if the connection has a room. */
#define FIELD_ROOM(T)                                          \
	FIELD_ID(T, room_id, OPTIONAL, .also = "room,chat_id", \
		 .about = "the room; may be left out if the connection has one")

/* The room of the frame: the one named, or the connection's own. */
enum err said_room(struct said *s, const struct uuid *named, const struct uuid **out);
/* True: a join to this room or an edit in it is under way; the frame is held until that
 * is done. */
bool said_must_wait(const struct said *s, const struct uuid *room);
/* True: this connection is changing a call; the frame is held until that is done. */
bool said_must_wait_for_call(const struct said *s);
