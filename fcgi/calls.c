/* calls.c -- calling, answering, and the log of calls.
 *
 * Sound and video go between the participants themselves. This file decides who may call,
 * records who did, and names the servers through which they find each other. For the
 * transitions see shared/calls.h. */
#include <string.h>

#include "fcgi/calls_store.h"
#include "fcgi/cursor.h"
#include "fcgi/ice.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/clock.h"
#include "shared/token.h"
#include "shared/wake.h"

/* The room that a token is bound to. */
static const char *
room_only(const struct req *rq)
{
	return rq->room_only ? db_int(rq->arena, rq->room_only_no) : NULL;
}

/* The broker notices by itself what settling has changed. */
static void
tell_broker(struct req *rq, const struct call *call)
{
	wake_call(rq->app->wake, rq->app->db, rq->arena, call->id, call->version);
}

/* ---- POST /calls --------------------------------------------------------- */

struct start_body {
	struct body_head head;
	struct uuid room_id;
	int kind;
};

static const struct body start_body = BODY(
	struct start_body,
	FIELD_ID(struct start_body, room_id, REQUIRED, .also = "room,chat_id"),
	FIELD_ENUM(struct start_body, kind, OPTIONAL, call_kind_names, .also = "type",
		   .names_also = "voice=audio", .about = "Default: audio."));

static enum err
start_call(struct req *rq, struct reply *out)
{
	const struct start_body *in = rq->body;
	const struct config *c = &rq->app->config;
	struct uuid id;
	struct call_draft draft = {
		.id = id.text,
		.room_id = in->room_id.text,
		.user_id = rq->user_id,
		.session_id = rq->session_id,
		.kind = (enum call_kind)in->kind,
		.ring_s = c->call_ring_s,
		.most_s = c->max_call_s,
		.max_participants = c->max_call_participants,
		.fingerprint = fingerprint(&rq->raw, 1),
	};
	struct call_outcome outcome;
	struct call call;

	TRY(request_key(rq, &draft.key));
	uuid_random(&id);
	TRY(call_start(rq->app->db, rq->arena, &draft, &outcome, &call));
	TRY(call_problem(rq->arena, &outcome, rq->room_only, &rq->problem));
	if (outcome.result == CALL_OK)
		tell_broker(rq, &call);
	reply_created(rq, out, json_call(rq->arena, &call), "/calls/%s", call.id);
	return OK;
}

/* ---- GET /calls ---------------------------------------------------------- */

struct list_query {
	struct body_head head;
	struct uuid room_id;
	const char *cursor;
	int64_t limit;
};

static const struct body list_query = BODY(
	struct list_query,
	FIELD_ID(struct list_query, room_id, OPTIONAL, .also = "room,chat_id",
		 .about = "All calls of this room, not only yours."),
	PAGE_LIMIT_FIELD(struct list_query), PAGE_CURSOR_FIELD(struct list_query, 128));

static void
check_list(struct req *rq)
{
	const struct list_query *in = rq->query;
	struct call_place *before = ARENA_NEW(rq->arena, struct call_place);
	struct uuid *id = ARENA_NEW(rq->arena, struct uuid);

	before->id = id->text;
	if (in->cursor && cursor_parse_id(rq->arena, CURSOR_CALLS, in->cursor,
					  &before->started_at, id) != OK)
		page_refuse_cursor(rq);
	rq->checked = in->cursor ? before : NULL;
}

static enum err
list_calls(struct req *rq, struct reply *out)
{
	const struct list_query *in = rq->query;
	const char *room_id = *in->room_id.text ? in->room_id.text : NULL;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct call_list list;

	TRY(calls_list(rq->app->db, rq->arena, rq->user_id, room_id, rq->checked, limit,
		       &list));
	for (int i = 0; i < list.count && i < limit; i++)
		json_push(items, json_call(rq->arena, &list.items[i]));
	if (list.count > limit)
		next = cursor_print_id(rq->arena, CURSOR_CALLS,
				       list.items[limit - 1].started_at,
				       list.items[limit - 1].id);
	reply_json_tagged(rq, out, page_json(rq->arena, items, next));
	return OK;
}

/* ---- GET, PUT /calls/{id} ------------------------------------------------ */

static enum err
get_call(struct req *rq, struct reply *out)
{
	struct call call;

	TRY(call_get(rq->app->db, rq->arena, rq->arg[0], rq->user_id, room_only(rq),
		     &call));
	reply_json_tagged(rq, out, json_call(rq->arena, &call));
	return OK;
}

struct move_body {
	struct body_head head;
	int action;
};

static const struct body move_body =
	BODY(struct move_body,
	     FIELD_ENUM(struct move_body, action, REQUIRED, call_action_names,
			.also = "state,status",
			.names_also = "active=accept,declined=decline,"
				      "cancelled=cancel,ended=hangup",
			.about = "The action, or the state to which it leads."));

static enum err
move_call(struct req *rq, struct reply *out)
{
	const struct move_body *in = rq->body;
	const struct call_move move = {
		.call_id = rq->arg[0],
		.user_id = rq->user_id,
		.session_id = rq->session_id,
		.action = (enum call_action)in->action,
		.max_participants = rq->app->config.max_call_participants,
		.room_no = room_only(rq),
	};
	struct call_outcome outcome;
	struct call call;

	TRY(call_move(rq->app->db, rq->arena, &move, &outcome, &call));
	TRY(call_problem(rq->arena, &outcome, rq->room_only, &rq->problem));
	if (outcome.result == CALL_OK)
		tell_broker(rq, &call);
	reply_json(rq, out, 200, json_call(rq->arena, &call));
	return OK;
}

/* ---- GET /calls/ice ------------------------------------------------------ */

struct ice_query {
	struct body_head head;
	struct uuid call_id;
};

static const struct body ice_query =
	BODY(struct ice_query, FIELD_ID(struct ice_query, call_id, REQUIRED));

/* Also for somebody who has not accepted yet: finding a connection takes time. */
static enum err
check_takes_part(struct req *rq, const struct call *call)
{
	const struct call_participant *me = call_part_of(call, rq->user_id);
	struct call_outcome refused = { .result = me ? CALL_STATE : CALL_FORBIDDEN,
					.state = call->state,
					.part = me ? me->state : NULL };

	if (me && call_is_open(call) &&
	    (strcmp(me->state, "joined") == 0 || strcmp(me->state, "ringing") == 0))
		return OK;
	return call_problem(rq->arena, &refused, rq->room_only, &rq->problem);
}

static enum err
get_ice(struct req *rq, struct reply *out)
{
	const struct ice_query *in = rq->query;
	struct call call;

	TRY(call_get(rq->app->db, rq->arena, in->call_id.text, rq->user_id, room_only(rq),
		     &call));
	TRY(check_takes_part(rq, &call));
	reply_json(rq, out, 200,
		   ice_answer(rq->arena, &rq->app->config, rq->user_id,
			      clock_now_ms() / 1000));
	return OK;
}

const struct route calls_routes[] = {
	{ GET, "/calls", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED, .query = &list_query,
	  .check = check_list, HANDLER(list_calls), .tag = "calls",
	  .summary = "List your calls, or those of a room",
	  .about = "The latest first: the calls that you began or were called to, or "
		   "with room_id all calls of that room.",
	  .status = 200, .gives = "CallPage", FAILS(404) },
	{ POST, "/calls", AUTH_POST, LIMIT_MESSAGES, 5, ROUTE_KEYED, .body = &start_body,
	  HANDLER(start_call), .tag = "calls", .summary = "Call everybody in a room",
	  .about = "You are in the call at once. The others ring for call_ring_s "
		   "seconds (see /status), except those who do not accept messages "
		   "from you and those who are muted. Somebody in another call is "
		   "`busy` and does not ring; if nobody rings, the call is `missed` at "
		   "once. 403: you are muted; cannot_write: nobody there accepts calls "
		   "from you. 409 call_active: the room already has a call, call_id, "
		   "which you can join with `accept`. 409 busy: you are in another "
		   "call, call_id (not shown to a token for one room). 409 call_full: "
		   "more people than max_call_participants.",
	  .status = 201, .gives = "Call", FAILS(403, 404, 409) },
	{ GET, "/calls/ice", AUTH_POST, LIMIT_REQUESTS, 1, ROUTE_BOUND,
	  .query = &ice_query, HANDLER(get_ice), .tag = "calls",
	  .summary = "Get the STUN and TURN servers for a call",
	  .about = "For people who are ringing or in the call, while it is open; "
		   "otherwise 403 or 409. The credentials are valid for ten minutes; "
		   "then ask again.",
	  .status = 200, .gives = "Ice", FAILS(403, 404, 409) },
	{ GET, "/calls/{id}", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED | ROUTE_BOUND,
	  HANDLER(get_call), .tag = "calls", .summary = "Get a call",
	  .about = "For the people who were called, and the members of the room.",
	  .status = 200, .gives = "Call", FAILS(404) },
	{ PUT, "/calls/{id}", AUTH_POST, LIMIT_REQUESTS, 1, ROUTE_BOUND,
	  .body = &move_body, HANDLER(move_call), .tag = "calls",
	  .summary = "Accept, decline, cancel or hang up",
	  .about = "accept: while it rings or, in a room of more than two, while it is "
		   "open; if several devices of a person accept, the first wins. "
		   "decline: while it rings for you. cancel: by the caller, while it "
		   "rings. hangup: while it is active and you are in it; with fewer "
		   "than two people in it, the call ends. Any other change is 409 with "
		   "the state in `detail`; repeating an action from the same device is "
		   "no error. 409 busy: you are in another call, call_id.",
	  .status = 200, .gives = "Call", FAILS(403, 404, 409) },
	{},
};
