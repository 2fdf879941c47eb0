/* commands.c -- see commands.h. */
#include "broker/commands.h"

#include <inttypes.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/join.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/body.h"
#include "shared/compose.h"
#include "shared/limits.h"

/* A frame on its way through the table. */
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

struct command {
	const char *name;
	unsigned states; /* 1 << CONN_... */
	int cost;	 /* of the limit of requests; 0: has a limit of its own */
	unsigned scopes; /* what an API token must have */
	const struct body *body;
	const char *ignore; /* fields that the handler reads itself */
	enum err (*run)(struct said *s);
};

enum { REF_MAX = 256, EXCESS_MAX = 500 };

/* The room that the frame is about: named, or the connection's own. */
static enum err
room_of(struct said *s, const struct uuid *named, const struct uuid **out)
{
	const struct uuid *room = named->text[0] ? named : &s->conn->default_room;

	if (!room->text[0]) {
		problem_field(&s->problem, "room_id", "required", "room_id is required.");
		return problem_fields_check(&s->problem);
	}
	s->room_id = room->text;
	*out = room;
	return conn_check_room(s->conn, room);
}

/* A join to this room is under way: what comes after it waits for it. */
static bool
must_wait(const struct said *s, const struct uuid *room)
{
	const struct listener *l;

	if (s->conn->asking == 0)
		return false;
	l = rooms_listener(s->conn, room->text);
	if (!l || !l->joining)
		return false;
	conn_hold(s->conn, s->frame, s->len);
	return true;
}

static enum err
take(struct said *s, const struct limit *limit, int64_t cost)
{
	struct broker *b = s->conn->broker;
	struct limit_state state =
		limits_take(b->limits, limit, s->conn->visitor->id.text, cost, b->now_ms);

	if (state.allowed) {
		s->conn->excess -= s->conn->excess > 0;
		return OK;
	}
	s->conn->excess++;
	return problem_retry(&s->problem, ERR_TOO_MANY, NULL, NULL,
			     (int)((state.retry_after_ms + 999) / 1000));
}

/* ---- auth ---------------------------------------------------------------- */

struct auth_body {
	struct body_head head;
	const char *token;
};

static const struct body auth_body =
	BODY(struct auth_body, FIELD_TEXT(struct auth_body, token, REQUIRED, 1, 8192,
					  .also = "access_token"));

static enum err
do_auth(struct said *s)
{
	const struct auth_body *in = s->body;

	auth_begin(s->conn, in->token, s->ref);
	return OK;
}

/* ---- join, leave --------------------------------------------------------- */

struct join_body {
	struct body_head head;
	struct uuid room_id;
	const char *epoch;
};

#define FIELD_ROOM(T) FIELD_ID(T, room_id, OPTIONAL, .also = "room,chat_id")

static const struct body join_body =
	BODY(struct join_body, FIELD_ROOM(struct join_body),
	     FIELD_TEXT(struct join_body, epoch, OPTIONAL, 1, 64));

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

	TRY(room_of(s, &in->room_id, &room));
	TRY(place_of(s, in->epoch, &place));
	if (must_wait(s, room))
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

	TRY(room_of(s, &in->room_id, &room));
	if (must_wait(s, room))
		return OK;
	l = rooms_listener(s->conn, room->text);
	if (l)
		rooms_leave(&s->conn->broker->rooms, l);
	o = frame_object(s->arena, "left", s->ref);
	json_put_text(o, "room_id", room->text);
	outbox_push(s->conn, frame_json(s->arena, o));
	return OK;
}

/* ---- message ------------------------------------------------------------- */

static enum err
do_message(struct said *s)
{
	struct broker *b = s->conn->broker;
	const struct limit limit = { .name = "messages",
				     .burst = b->config->messages_burst,
				     .per = b->config->messages_per_second,
				     .window_ms = 1000 };
	const struct message_body *in = s->body;
	const struct uuid *room = NULL;
	struct draft draft;

	TRY(room_of(s, &in->room_id, &room));
	TRY(compose(s->arena, in, store_instance(b->store)->id_key, &s->problem, &draft));
	if (must_wait(s, room))
		return OK;
	TRY(take(s, &limit, 1));
	draft.room_id = room->text;
	draft.sender_id = s->conn->visitor->id.text;
	draft.room_only = s->conn->who.room_only.text[0] != '\0';
	if (writer_post(s->conn, &draft, s->ref) == OK)
		return OK;
	return problem_retry(&s->problem, ERR_UNAVAILABLE, NULL,
			     "Too much waits to be stored; try again.", 2);
}

/* ---- ping ---------------------------------------------------------------- */

struct empty_body {
	struct body_head head;
};

static const struct body empty_body = { sizeof(struct empty_body),
					(const struct field[]){ {} } };

static enum err
do_ping(struct said *s)
{
	outbox_push(s->conn,
		    frame_json(s->arena, frame_object(s->arena, "pong", s->ref)));
	return OK;
}

/* ---- the table ----------------------------------------------------------- */

enum { STRANGER = 1 << CONN_STRANGER, READY = 1 << CONN_READY };

static const struct command commands[] = {
	/* name       states            cost  scopes  body          ignore   handler */
	{ "auth", STRANGER | READY, 5, 0, &auth_body, NULL, do_auth },
	{ "join", READY, 1, TOKEN_READ, &join_body, "after", do_join },
	{ "leave", READY, 1, 0, &room_body, NULL, do_leave },
	{ "message", READY, 0, TOKEN_POST, &message_frame_body, NULL, do_message },
	{ "ping", READY, 1, 0, &empty_body, NULL, do_ping },
};

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (name && strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Joining all of one's rooms at once is no flood. */
static enum err
take_cost(struct said *s, const struct command *command)
{
	const struct config *config = s->conn->broker->config;
	const struct limit limit = {
		.name = "frames",
		.burst = config->requests_burst + 2 * config->max_rooms_per_connection,
		.per = config->requests_per_second,
		.window_ms = 1000,
	};

	if (s->conn->state != CONN_READY || (command && command->cost == 0))
		return OK;
	return take(s, &limit, command ? command->cost : 1);
}

static enum err
read_ref(struct said *s)
{
	struct json *ref = json_get(s->object, "ref");

	if (!ref || json_kind_of(ref) == JSON_NULL)
		return OK;
	if (json_kind_of(ref) != JSON_TEXT || strlen(json_text_of(ref)) > REF_MAX) {
		problem_field(&s->problem, "ref", "type",
			      "ref is a text of at most 256 bytes.");
		return problem_fields_check(&s->problem);
	}
	s->ref = json_text_of(ref);
	return OK;
}

static enum err
run(struct said *s)
{
	struct conn *c = s->conn;
	const struct command *command = find(json_text_of(json_get(s->object, "type")));
	const char *ignore;
	void *body;

	TRY(read_ref(s));
	if (c->state == CONN_STRANGER && (!command || !(command->states & STRANGER)))
		return problem_fail(&s->problem, ERR_UNAUTHENTICATED, NULL,
				    "The first frame is auth.");
	TRY(take_cost(s, command));
	if (!command) {
		problem_field(&s->problem, "type", "unknown",
			      "There is no frame of this type.");
		return problem_fields_check(&s->problem);
	}
	if (c->state == CONN_READY)
		TRY(conn_check_scope(c, command->scopes, &s->problem));
	ignore = arena_printf(s->arena, "type,ref%s%s", command->ignore ? "," : "",
			      command->ignore ? command->ignore : "");
	body = arena_alloc(s->arena, command->body->size);
	TRY(body_read_json(command->body, s->arena, s->object, ignore, &s->problem,
			   body));
	s->body = body;
	return command->run(s);
}

/* JSON, but with a text that cannot be stored: whose frame it is can be told, unless it
 * is the ref itself that is broken. */
static enum err
unfit(struct said *s)
{
	struct problem ignored = s->problem;

	for (size_t i = 0; i < s->problem.error_count; i++)
		if (strcmp(s->problem.errors[i].field, "ref") == 0)
			return ERR_INVALID;
	if (read_ref(s) != OK)
		s->problem = ignored;
	return ERR_INVALID;
}

void
commands_run(struct conn *c, const char *frame, size_t len)
{
	struct broker *b = c->broker;
	struct said s = { .conn = c, .arena = b->turn, .frame = frame, .len = len };
	struct json *object = NULL;
	enum err e = json_parse(b->turn, frame, len, (int)b->config->max_json_depth,
				&s.problem, &object);

	if (e != ERR_MALFORMED && json_kind_of(object) != JSON_OBJECT)
		e = problem_fail(&s.problem, ERR_MALFORMED, NULL,
				 "A frame is a JSON object.");
	s.object = object;
	if (e != ERR_MALFORMED)
		e = e == OK ? run(&s) : unfit(&s);
	if (e == OK)
		return;
	if (e == ERR_MALFORMED || c->state == CONN_STRANGER ||
	    (e == ERR_TOO_MANY && c->excess > EXCESS_MAX))
		conn_refuse(c, s.ref, s.room_id, e, &s.problem);
	else
		conn_error(c, s.ref, s.room_id, e, &s.problem);
}
