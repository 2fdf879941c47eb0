/* commands_listen.c -- frames that begin and end listening to a room: join, leave. */
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "shared/api_token.h"

struct join_body {
	struct body_head head;
	struct uuid room_id;
	const char *epoch;
};

static const struct body join_body =
	BODY(struct join_body, FIELD_ROOM(struct join_body),
	     FIELD_TEXT(struct join_body, epoch, OPTIONAL, 1, 64,
			.about = "the epoch of `after`"));

/* A number, or "<epoch>.<seq>". */
static enum err
place_of(struct said *s, const char *epoch, struct place *out)
{
	struct json *after = json_get(s->object, "after");
	enum err e = ERR_INVALID;

	*out = (struct place){};
	switch (json_kind_of(after)) {
	case JSON_NULL:
		return OK;
	case JSON_INT:
		if (json_int_of(after) < 0)
			break;
		*out = (struct place){ .given = true, .after = json_int_of(after) };
		e = OK;
		break;
	case JSON_TEXT:
		e = place_read(s->arena, json_text_of(after), out);
		break;
	default:
		break;
	}
	if (e != OK) {
		problem_field(&s->problem, "after", "type",
			      "after is a seq or \"<epoch>.<seq>\".");
		return problem_fields_check(&s->problem);
	}
	if (epoch)
		out->epoch = epoch;
	return OK;
}

static enum err
do_join(struct said *s)
{
	const struct join_body *in = s->body;
	const struct uuid *room = NULL;
	struct place place;

	TRY(said_room(s, &in->room_id, &room));
	TRY(place_of(s, in->epoch, &place));
	if (said_must_wait(s, room))
		return OK;
	if (!rooms_listener(s->conn, room->text) &&
	    s->conn->listener_count >= s->conn->broker->config->max_rooms_per_connection)
		return problem_fail(&s->problem, ERR_TOO_MANY, NULL,
				    "This connection listens to too many rooms.");
	join_begin(s->conn, room, &place, s->ref);
	return OK;
}

struct room_body {
	struct body_head head;
	struct uuid room_id;
};

static const struct body room_body = BODY(struct room_body, FIELD_ROOM(struct room_body));

static enum err
do_leave(struct said *s)
{
	const struct room_body *in = s->body;
	const struct uuid *room = NULL;
	struct listener *l;
	struct json *o;

	TRY(said_room(s, &in->room_id, &room));
	if (said_must_wait(s, room))
		return OK;
	l = rooms_listener(s->conn, room->text);
	if (l)
		rooms_leave(&s->conn->broker->rooms, l);
	o = frame_object(s->arena, "left", s->ref);
	json_put_text(o, "room_id", room->text);
	outbox_push(s->conn, frame_json(s->arena, o));
	return OK;
}

const struct command listen_commands[] = {
	{ "join", IN_READY, 1, TOKEN_READ, &join_body,
	  MEMBERS(M("after", PLACE, NULLABLE, SOMETIMES,
		    .about = "the last seq that the client has, in this epoch: later "
			     "events are sent; left out: only new events")),
	  do_join, .automatic = true,
	  .about = "Listen to a room. A person who is not a member becomes one, if the "
		   "room can be joined by its id. Sent again with `after`, the events "
		   "after that are sent again.",
	  .answer = "joined" },
	{ "leave", IN_READY, 1, 0, &room_body, NULL, do_leave, .automatic = true,
	  .about = "Stop listening. The membership stays.", .answer = "left" },
	{},
};
