/* invites.c -- secrets with which their holders can join a room. */
#include <string.h>

#include "fcgi/cursor.h"
#include "fcgi/invites_store.h"
#include "fcgi/page.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"
#include "shared/clock.h"
#include "shared/random.h"
#include "shared/text.h"

enum { CODE_BYTES = 16, USES_MOST = 1000000 };

static struct json *
invite_json(struct req *rq, const struct invite *i)
{
	const struct config *c = &rq->app->config;
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "code", i->code);
	if (i->max_uses)
		json_put_int(o, "max_uses", i->max_uses);
	else
		json_put_null(o, "max_uses");
	json_put_int(o, "uses", i->uses);
	json_put_time(o, "created_at", i->created_at);
	json_put_text(o, "created_by", i->created_by);
	json_put_time(o, "expires_at", i->expires_at);
	json_put_text(o, "url",
		      arena_printf(rq->arena, "%s/#join=%s",
				   *c->public_url ? c->public_url : c->prefix, i->code));
	return o;
}

static enum err
invite_problem(struct req *rq, enum invite_result result)
{
	switch (result) {
	case INVITE_OK:
		return OK;
	case INVITE_FORBIDDEN:
		return ERR_FORBIDDEN;
	case INVITE_TOO_MANY:
		return problem_fail(&rq->problem, ERR_CONFLICT, "too_many_invites",
				    "The room has the maximum number of invites; "
				    "revoke one first.");
	default:
		return ERR_NOT_FOUND;
	}
}

/* ---- GET /rooms/{id}/invites --------------------------------------------- */

static void
check_list(struct req *rq)
{
	const struct page_query *in = rq->query;
	struct invite *after = ARENA_NEW(rq->arena, struct invite);

	if (in->cursor && cursor_parse_key(rq->arena, CURSOR_INVITES, in->cursor,
					   &after->created_at, &after->code) != OK)
		page_refuse_cursor(rq);
	rq->checked = after;
}

static enum err
list_invites(struct req *rq, struct reply *out)
{
	const struct page_query *in = rq->query;
	struct json *items = json_array_in(rq->arena);
	int64_t limit = page_limit(rq, in->limit);
	const char *next = NULL;
	enum invite_result result;
	struct invite *list;
	int count;

	TRY(invites_list(rq->app->db, rq->arena, rq->arg[0], rq->user_id, rq->checked,
			 limit, &result, &count, &list));
	TRY(invite_problem(rq, result));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, invite_json(rq, &list[i]));
	if (count > limit)
		next = cursor_print_id(rq->arena, CURSOR_INVITES,
				       list[limit - 1].created_at, list[limit - 1].code);
	reply_json(rq, out, 200, page_json(rq->arena, items, next));
	return OK;
}

/* ---- POST /rooms/{id}/invites, GET, DELETE one of them ------------------- */

struct invite_body {
	struct body_head head;
	int64_t max_uses, expires_at;
};

static const struct body invite_body =
	BODY(struct invite_body,
	     FIELD_INT(struct invite_body, max_uses, OPTIONAL, 1, USES_MOST,
		       .about = "How many people may use it. Default: no limit."),
	     FIELD_TIME(struct invite_body, expires_at, OPTIONAL,
			.about = "Default: it never expires."));

static void
check_make(struct req *rq)
{
	const struct invite_body *in = rq->body;

	if (body_given(&invite_body, in, expires_at) && in->expires_at <= clock_now_ms())
		problem_field(&rq->problem, "expires_at", "too_small",
			      "Must be in the future.");
}

static enum err
make_invite(struct req *rq, struct reply *out)
{
	const struct invite_body *in = rq->body;
	unsigned char secret[CODE_BYTES];
	struct invite invite,
		draft = { .max_uses = in->max_uses, .expires_at = in->expires_at };
	enum invite_result result;

	random_bytes(secret, sizeof(secret));
	draft.code = text_base64url(rq->arena, secret, sizeof(secret));
	TRY(invite_insert(rq->app->db, rq->arena, rq->arg[0], rq->user_id, &draft,
			  &result, &invite));
	TRY(invite_problem(rq, result));
	reply_created(rq, out, invite_json(rq, &invite), "/rooms/%s/invites/%s",
		      rq->arg[0], invite.code);
	return OK;
}

static enum err
get_invite(struct req *rq, struct reply *out)
{
	enum invite_result result;
	struct invite invite;

	TRY(invite_get(rq->app->db, rq->arena, rq->arg[0], rq->user_id, rq->arg[1],
		       &result, &invite));
	TRY(invite_problem(rq, result));
	reply_json(rq, out, 200, invite_json(rq, &invite));
	return OK;
}

static enum err
revoke_invite(struct req *rq, struct reply *out)
{
	enum invite_result result;

	TRY(invite_delete(rq->app->db, rq->arena, rq->arg[0], rq->user_id, rq->arg[1],
			  &result));
	TRY(invite_problem(rq, result));
	reply_no_content(out);
	return OK;
}

/* ---- /invites/{code} ----------------------------------------------------- */

static enum err
look_at_invite(struct req *rq, struct reply *out)
{
	struct invite_preview seen;
	struct json *o;

	TRY(invite_look(rq->app->db, rq->arena, rq->arg[0], rq->user_id, &seen));
	if (seen.is_banned)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
				    "You are banned from this room.");
	o = json_room_preview(rq->arena, &seen.room);
	json_put_bool(o, "is_member", seen.is_member);
	json_put_time(o, "expires_at", seen.expires_at);
	reply_json(rq, out, 200, o);
	return OK;
}

static enum err
join_by_invite(struct req *rq, struct reply *out)
{
	struct member_outcome outcome;
	struct room room;

	TRY(member_join_invited(rq->app->db, rq->arena, rq->arg[0], rq->user_id,
				rq->app->config.max_rooms_per_user, &outcome, &room));
	TRY(member_problem(&outcome, &rq->problem));
	if (outcome.result == MEMBER_OK)
		room_wake(rq, room.id, outcome.seq);
	reply_json(rq, out, 200, room_answer(rq, &room));
	return OK;
}

const struct route invites_routes[] = {
	{ GET, "/rooms/{id}/invites", AUTH_ADMIN, LIMIT_REQUESTS, 1, .query = &page_query,
	  .check = check_list, HANDLER(list_invites), .tag = "rooms",
	  .summary = "List the invites of a room",
	  .about = "For admins, newest first. A used-up invite is shown for a day.",
	  .status = 200, .gives = "InvitePage", FAILS(403) },
	{ POST, "/rooms/{id}/invites", AUTH_ADMIN, LIMIT_REQUESTS, 2,
	  .body = &invite_body, .check = check_make, HANDLER(make_invite), .tag = "rooms",
	  .summary = "Create an invite",
	  .about = "By admins. Anybody who has the code can join the room. A room has "
		   "at most 100 valid invites. The invites of a member who is removed "
		   "or banned are deleted. `url` opens the web client at #join=<code>, "
		   "where people can also sign in or register first.",
	  .status = 201, .gives = "Invite", FAILS(403, 409) },
	{ GET, "/rooms/{id}/invites/{code}", AUTH_ADMIN, LIMIT_REQUESTS, 1,
	  HANDLER(get_invite), .tag = "rooms", .summary = "Get an invite of a room",
	  .about = "For admins, as in the list.", .status = 200, .gives = "Invite",
	  FAILS(403) },
	{ DELETE, "/rooms/{id}/invites/{code}", AUTH_ADMIN, LIMIT_REQUESTS, 1,
	  HANDLER(revoke_invite), .tag = "rooms", .summary = "Revoke an invite",
	  .status = 204, FAILS(403) },
	{ GET, "/invites/{code}", AUTH_READ, LIMIT_REQUESTS, 2, HANDLER(look_at_invite),
	  .tag = "rooms", .summary = "Get the room of an invite",
	  .about = "404 if the code is unknown, used up, expired or revoked.",
	  .status = 200, .gives = "InvitePreview", FAILS(403, 404) },
	{ POST, "/invites/{code}", AUTH_POST, LIMIT_REQUESTS, 2, HANDLER(join_by_invite),
	  .tag = "rooms", .summary = "Join a room by an invite",
	  .about = "If you are a member already, no use is counted.", .status = 200,
	  .gives = "Room", FAILS(403, 404, 409) },
	{},
};
