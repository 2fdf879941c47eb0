/* room_add.c -- adding others to a room. */
#include "fcgi/content.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/room_answer.h"
#include "fcgi/rooms_store.h"
#include "fcgi/tables.h"

enum { MEMBERS_AT_ONCE = 100 };

static const char *const roles[] = { "member", "admin", NULL };

struct add_body {
	struct body_head head;
	struct uuid user_id;
	const char *login;
	struct id_list member_ids;
	int role;
};

static const struct body add_body =
	BODY(struct add_body, FIELD_ID(struct add_body, user_id, OPTIONAL),
	     FIELD_TEXT(struct add_body, login, OPTIONAL, 1, 64, .also = "username",
			.about = "Instead of user_id."),
	     FIELD_IDS(struct add_body, member_ids, OPTIONAL, 1, MEMBERS_AT_ONCE,
		       .also = "user_ids,participants",
		       .about = "Several people; either all of them are added or none."),
	     FIELD_ENUM(struct add_body, role, OPTIONAL, roles,
			.about = "Default: member. Only the owner may give admin."));

/* Which of the three fields names them. */
static const char *
field_of(const struct add_body *in)
{
	return *in->user_id.text ? "user_id" : in->login ? "login" : "member_ids";
}

static void
check_add(struct req *rq)
{
	const struct add_body *in = rq->body;
	int ways = !!*in->user_id.text + !!in->login + (in->member_ids.count > 0);

	if (ways > 1)
		problem_field(&rq->problem, field_of(in), "duplicate",
			      "Only one of user_id, login and member_ids may be given.");
	else if (ways == 0 && rq->problem.error_count == 0)
		content_note(rq, "user_id", "required",
			     "One of user_id, login and member_ids must be given.");
}

/* The person to whom the outcome refers, as the client named them. */
static const char *
refused_name(struct req *rq, const struct member_outcome *o)
{
	const char *field = field_of(rq->body);
	const struct add_body *in = rq->body;

	if (in->member_ids.count == 0)
		return field;
	return arena_printf(rq->arena, "%s[%d]", field, o->refused - 1);
}

static enum err
add_problem(struct req *rq, const struct member_outcome *o)
{
	struct problem *p = &rq->problem;

	switch (o->result) {
	case MEMBER_NO_USER:
		problem_field(p, refused_name(rq, o), "not_found",
			      "There is no such person.");
		return ERR_INVALID;
	case MEMBER_IS_BANNED:
		return problem_fail(p, ERR_FORBIDDEN, "banned",
				    arena_printf(rq->arena,
						 "%s is banned from this room; lift "
						 "the ban first.",
						 refused_name(rq, o)));
	case MEMBER_TOO_MANY:
		return problem_fail(p, ERR_CONFLICT, "too_many_rooms",
				    arena_printf(rq->arena,

						 "%s is in the maximum number of rooms.",
						 refused_name(rq, o)));
	default:
		return member_problem(o, p);
	}
}

static struct member_add
asked_of(struct req *rq)
{
	const struct add_body *in = rq->body;
	size_t count = in->login ? 0 : *in->user_id.text ? 1 : in->member_ids.count;
	const char **ids = ARENA_ARRAY(rq->arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		ids[i] = *in->user_id.text ? in->user_id.text
					   : in->member_ids.items[i].text;
	return (struct member_add){
		.room_id = rq->arg[0],
		.by_id = rq->user_id,
		.user_ids = ids,
		.user_count = (int)count,
		.login_key = in->login ? names_login_key(rq->arena, in->login) : NULL,
		.role = roles[in->role],
		.max_rooms = rq->app->config.max_rooms_per_user,
	};
}

/* For one person: the membership. For a list: a page of memberships. */
static struct json *
added_json(struct req *rq, const struct member members[], int count)
{
	const struct add_body *in = rq->body;
	struct json *items;

	if (in->member_ids.count == 0)
		return room_answer_member(rq->arena, &members[0]);
	items = json_array_in(rq->arena);
	for (int i = 0; i < count; i++)
		json_push(items, room_answer_member(rq->arena, &members[i]));
	return page_json(rq->arena, items, NULL);
}

static enum err
add_members(struct req *rq, struct reply *out)
{
	const struct add_body *in = rq->body;
	struct member_add asked = asked_of(rq);
	struct member_outcome outcome;
	struct member *members;
	struct json *body;
	int count;

	TRY(member_add(rq->app->db, rq->arena, &asked, &outcome, &count, &members));
	TRY(add_problem(rq, &outcome));
	body = added_json(rq, members, count);
	if (outcome.result == MEMBER_UNCHANGED) {
		reply_json(rq, out, 200, body);
		return OK;
	}
	room_wake(rq, rq->arg[0], outcome.seq);
	if (in->member_ids.count > 0)
		reply_created(rq, out, body, "/rooms/%s/members", rq->arg[0]);
	else
		reply_created(rq, out, body, "/rooms/%s/members/%s", rq->arg[0],
			      members[0].user.id);
	return OK;
}

const struct route room_add_routes[] = {
	{ POST, "/rooms/{id}/members", AUTH_ADMIN, LIMIT_REQUESTS, 2, .body = &add_body,
	  .check = check_add, HANDLER(add_members), .tag = "rooms",
	  .summary = "Add somebody to a room",
	  .about = "By admins. For somebody who is a member already, nothing changes: "
		   "200. With member_ids the answer is a page of memberships.",
	  .status = 201, .gives = "AddedMember", FAILS(200, 403, 409) },
	{},
};
