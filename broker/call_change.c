/* call_change.c -- the frame `call`: starting, accepting, declining, cancelling,
 * hanging up, by the statements that REST uses.
 *
 * It uses the database line that may wait, but waits for no lock there: if somebody
 * else is changing the room or the call, the change rests and is retried. A connection
 * has one change in flight; its later frames about calls wait, so that a hang-up does
 * not overtake the accept before it.
 *
 * The answer is the frame `call` with the ref; the others get it without one. If the
 * answer was lost with the database connection, the outcome is unknown: the client is
 * told `unavailable` and may repeat the frame. A change that had been made is then
 * answered as it is, and a call that had been started is found as call_active, with its
 * id: there are never two. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/flood.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/calls_live.h"
#include "shared/die.h"

enum { REST_MS = 20, TRIES_MAX = 150, START_COST = 5 };

/* What a frame asks for. START is not one of REST's actions, which follow in their
 * order. */
enum { START, FIRST_MOVE };
static const char *const action_names[] = { "start",  "accept", "decline",
					    "cancel", "hangup", NULL };

struct call_change {
	struct broker *broker;
	uint64_t conn_id;
	int action;
	enum call_kind kind;
	struct uuid call_id, room_id, user_id, session_id;
	char *ref;
	int tries;
	int64_t again_ms;
	struct link in_resting;
};

static void
change_free(struct call_change *ch)
{
	list_remove(&ch->in_resting);
	free(ch->ref);
	free(ch);
}

/* NULL: it left. */
static struct conn *
conn_of(const struct call_change *ch)
{
	struct conn *c = conns_find(&ch->broker->conns, ch->conn_id);

	return c && conn_is_open(c) ? c : NULL;
}

/* The change is over, whatever its outcome; a held frame may go on. */
static void
end(struct call_change *ch)
{
	struct conn *c = conn_of(ch);

	change_free(ch);
	if (!c)
		return;
	c->is_calling = false;
	conn_release(c);
}

static void
refuse(struct call_change *ch, enum err e, const struct problem *p)
{
	struct conn *c = conn_of(ch);

	if (c)
		conn_error(c, ch->ref, ch->room_id.text[0] ? ch->room_id.text : NULL, e,
			   p);
	end(ch);
}

static void
refuse_for_now(struct call_change *ch)
{
	struct problem p = { .retry_after_s = conn_retry_after_s(ch->broker) };

	refuse(ch, ERR_UNAVAILABLE, &p);
}

/* ---- what came of it ----------------------------------------------------- */

/* Signals now go to this connection. */
static void
bind_device(struct call_change *ch, const struct conn *c)
{
	const struct live_call *call = calls_find(&ch->broker->calls, ch->call_id.text);
	struct call_part *p = call ? live_call_part(call, ch->user_id.text) : NULL;

	if (p && call_part_is_in(p) && call_part_is_device(p, c))
		p->conn_id = c->id;
}

/* Takes over all calls that were touched, and answers with the frame's own. */
static void
take(struct call_change *ch, const struct rows *rows, bool is_good)
{
	struct broker *b = ch->broker;
	struct conn *c = conn_of(ch);
	struct call *told;
	int count;

	calls_tell_read(b->turn, rows, &count, &told);
	for (int i = 0; i < count; i++) {
		bool is_it = is_good && c && strcmp(told[i].id, ch->call_id.text) == 0;

		calls_take_own(b, &told[i], is_it ? c : NULL);
		if (is_it)
			outbox_push(c, call_tell_frame(b->turn, &told[i], ch->ref));
	}
	if (is_good && c)
		bind_device(ch, c);
}

static void
settle(struct call_change *ch, const struct rows *outcome, const struct rows *told)
{
	struct broker *b = ch->broker;
	const struct conn *c = conn_of(ch);
	struct call_outcome done;
	struct problem p = {};
	enum err e;

	calls_outcome_read(outcome, &done);
	e = call_problem(b->turn, &done, c && c->who.room_only.text[0], &p);
	take(ch, told, e == OK);
	if (e == OK)
		end(ch);
	else
		refuse(ch, e, &p);
}

static void
rest(struct call_change *ch)
{
	struct broker *b = ch->broker;

	ch->again_ms = b->clock_ms + REST_MS;
	list_add(&b->calls.resting, &ch->in_resting);
}

static void
on_changed(void *arg, enum err err, const struct rows *rows)
{
	struct call_change *ch = arg;
	bool starts = ch->action == START;

	if (err != OK)
		refuse_for_now(ch);
	else if (!calls_were_busy(
			 &rows[starts ? CALLS_TRY_START_LOCK : CALLS_TRY_MOVE_LOCK]))
		settle(ch,
		       &rows[starts ? CALLS_TRY_START_OUTCOME : CALLS_TRY_MOVE_OUTCOME],
		       &rows[(starts ? CALLS_TRY_START_CALLS : CALLS_TRY_MOVE_CALLS) -
			     1]);
	else if (ch->tries < TRIES_MAX)
		rest(ch);
	else
		refuse_for_now(ch);
}

/* ---- on its way ---------------------------------------------------------- */

static enum err
send_start(struct call_change *ch)
{
	struct broker *b = ch->broker;
	const struct call_draft draft = {
		.id = ch->call_id.text,
		.room_id = ch->room_id.text,
		.user_id = ch->user_id.text,
		.session_id = ch->session_id.text,
		.kind = ch->kind,
		.ring_s = b->config->call_ring_s,
		.most_s = b->config->max_call_s,
		.max_participants = b->config->max_call_participants,
		.is_live = true,
	};
	struct db_call calls[CALLS_TRY_START_CALLS];

	calls_try_start_calls(b->turn, &draft, calls);
	return store_send(b->store, LINE_JOIN, calls, CALLS_TRY_START_CALLS, on_changed,
			  ch);
}

static enum err
send_move(struct call_change *ch)
{
	struct broker *b = ch->broker;
	const struct conn *c = conn_of(ch);
	const struct call_move move = {
		.call_id = ch->call_id.text,
		.user_id = ch->user_id.text,
		.session_id = ch->session_id.text,
		.action = (enum call_action)(ch->action - FIRST_MOVE),
		.max_participants = b->config->max_call_participants,
		.room_id = c->who.room_only.text[0] ? c->who.room_only.text : NULL,
		.is_live = true,
	};
	struct db_call calls[CALLS_TRY_MOVE_CALLS];

	calls_try_move_calls(b->turn, &move, calls);
	return store_send(b->store, LINE_JOIN, calls, CALLS_TRY_MOVE_CALLS, on_changed,
			  ch);
}

/* Changes of connections that have left are dropped. */
static void
send_change(struct call_change *ch)
{
	ch->tries++;
	if (!conn_of(ch))
		change_free(ch);
	else if ((ch->action == START ? send_start(ch) : send_move(ch)) != OK)
		refuse_for_now(ch);
}

void
call_changes_kick(struct broker *b)
{
	struct link *resting = &b->calls.resting;

	for (struct link *first; (first = list_first(resting));) {
		struct call_change *ch = CONTAINER(first, struct call_change, in_resting);

		if (ch->again_ms > b->clock_ms)
			return;
		list_remove(first);
		send_change(ch);
	}
}

int64_t
call_changes_next_ms(const struct broker *b)
{
	struct link *first = list_first(&b->calls.resting);

	return first ? CONTAINER(first, struct call_change, in_resting)->again_ms : -1;
}

void
call_changes_done(struct broker *b)
{
	LIST_EACH(&b->calls.resting, item)
		change_free(CONTAINER(item, struct call_change, in_resting));
}

/* ---- the frame ----------------------------------------------------------- */

struct call_body {
	struct body_head head;
	int action;
	struct uuid room_id, call_id;
	int kind;
};

static const struct body call_body = BODY(
	struct call_body,
	FIELD_ENUM(struct call_body, action, REQUIRED, action_names,
		   .about = "What to do, as with PUT /calls/{id}; start is as POST "
			    "/calls."),
	FIELD_ID(struct call_body, room_id, OPTIONAL, .also = "room,chat_id",
		 .about = "For start: the room; may be left out if the connection has a "
			  "room."),
	FIELD_ENUM(struct call_body, kind, OPTIONAL, call_kind_names,
		   .names_also = "voice=audio", .about = "For start; default: audio."),
	FIELD_ID(struct call_body, call_id, OPTIONAL, .about = "For all other actions."));

/* A field of another action is a mistake, not something to ignore. */
static enum err
check_fields(struct said *s)
{
	const struct call_body *in = s->body;
	const char *extra = NULL;

	if (in->action == START && in->call_id.text[0])
		extra = "call_id";
	else if (in->action != START && in->room_id.text[0])
		extra = "room_id";
	else if (in->action != START && body_given(&call_body, in, kind))
		extra = "kind";
	if (extra)
		problem_field(&s->problem, extra, "unknown",
			      "This action does not take this field.");
	if (in->action != START && !in->call_id.text[0])
		problem_field(&s->problem, "call_id", "required", "call_id is required.");
	return problem_fields_check(&s->problem);
}

static enum err
take_start(struct said *s, struct uuid *out_room)
{
	const struct call_body *in = s->body;
	const struct uuid *room = NULL;

	TRY(said_room(s, &in->room_id, &room));
	*out_room = *room;
	return flood_take_messages(s, START_COST);
}

static enum err
do_call(struct said *s)
{
	const struct call_body *in = s->body;
	struct conn *c = s->conn;
	struct uuid room = {}, id = in->call_id;
	struct call_change *ch;

	TRY(check_fields(s));
	if (said_must_wait_for_call(s))
		return OK;
	if (in->action == START) {
		TRY(take_start(s, &room));
		uuid_random(&id);
	}
	ch = xcalloc(1, sizeof(*ch));
	*ch = (struct call_change){
		.broker = c->broker,
		.conn_id = c->id,
		.action = in->action,
		.kind = (enum call_kind)in->kind,
		.call_id = id,
		.room_id = room,
		.user_id = c->visitor->id,
		.session_id = c->who.session_id,
		.ref = s->ref ? xstrdup(s->ref) : NULL,
	};
	list_init(&ch->in_resting);
	c->is_calling = true;
	send_change(ch);
	return OK;
}

const struct command call_commands[] = {
	{ "call", IN_READY, 1, TOKEN_POST, &call_body, NULL, do_call,
	  .about = "Call everybody in a room, or act on a call. The answer is the call "
		   "after the change; all devices of the people called get it too. As "
		   "over REST, with the same errors: if the room already has a call, "
		   "start fails with `call_active` and names that call in `call_id`, so "
		   "a lost answer never leads to a second call.",
	  .answer = "call" },
	{},
};
