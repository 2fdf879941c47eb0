/* commands.c -- see commands.h. */
#include "broker/commands.h"

#include <string.h>

#include "broker/broker.h"
#include "broker/signal.h"
#include "broker/flood.h"

enum { REF_MAX = 256, EXCESS_MAX = 500 };

/* clang-format off */
const struct command *const command_tables[] = {
	conn_commands,
	listen_commands,
	post_commands,
	edit_commands,
	receipt_commands,
	typing_commands,
	call_commands,
	signal_commands,
	presence_commands,
	NULL,
};
/* clang-format on */

static const struct command *
find(const char *name)
{
	for (const struct command *const *t = command_tables; name && *t; t++)
		for (const struct command *c = *t; c->name; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

/* ---- for handlers -------------------------------------------------------- */

enum err
said_room(struct said *s, const struct uuid *named, const struct uuid **out)
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

bool
said_must_wait(const struct said *s, const struct uuid *room)
{
	const struct listener *l =
		s->conn->asking ? rooms_listener(s->conn, room->text) : NULL;

	if (!(l && l->joining) && !edits_are_busy(s->conn, room))
		return false;
	conn_hold(s->conn, s->frame, s->len);
	return true;
}

bool
said_must_wait_for_call(const struct said *s)
{
	if (!s->conn->is_calling)
		return false;
	conn_hold(s->conn, s->frame, s->len);
	return true;
}

/* ---- walking the tables -------------------------------------------------- */

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

/* Names that the table of fields does not have. */
static const char *
apart(struct arena *a, const struct schema_member *beside)
{
	const char *names = "type,ref";

	for (; beside && beside->name; beside++)
		names = arena_printf(a, "%s,%s", names, beside->name);
	return names;
}

static enum err
run(struct said *s)
{
	struct conn *c = s->conn;
	const struct command *command = find(json_text_of(json_get(s->object, "type")));
	void *body;

	TRY(read_ref(s));
	if (c->state == CONN_STRANGER && (!command || !(command->states & IN_STRANGER)))
		return problem_fail(&s->problem, ERR_UNAUTHENTICATED, NULL,
				    "The first frame must be auth.");
	if (c->state == CONN_READY)
		TRY(flood_take_frame(s, command ? command->cost : 1));
	if (!command) {
		problem_field(&s->problem, "type", "unknown",
			      "There is no frame of this type.");
		return problem_fields_check(&s->problem);
	}
	if (c->state == CONN_READY)
		TRY(conn_check_scope(c, command->scopes, &s->problem));
	body = arena_alloc(s->arena, command->body->size);
	TRY(body_read_json(command->body, s->arena, s->object,
			   apart(s->arena, command->beside), &s->problem, body));
	s->body = body;
	if (c->state == CONN_READY && !command->automatic)
		presence_act(c);
	return command->run(s);
}

/* JSON, but with a text that cannot be stored: the ref is still reported, unless the
 * ref itself is bad. */
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
				 "A frame must be a JSON object.");
	s.object = object;
	if (e != ERR_MALFORMED)
		e = e == OK ? run(&s) : unfit(&s);
	if (e == OK) {
		c->excess -= c->excess > 0;
		return;
	}
	if (e == ERR_MALFORMED || c->state == CONN_STRANGER ||
	    (e == ERR_TOO_MANY && c->excess > EXCESS_MAX))
		conn_refuse(c, s.ref, s.room_id, e, &s.problem);
	else
		conn_error(c, s.ref, s.room_id, e, &s.problem);
}
