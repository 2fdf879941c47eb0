/* room_members.c -- joining a room, leaving it, and its members. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/page.h"
#include "fcgi/room_answer.h"
#include "fcgi/rooms_store.h"
#include "fcgi/tables.h"

static void
wake_of(struct req *rq, const struct member_outcome *outcome)
{
	if (outcome->result == MEMBER_OK)
		room_wake(rq, rq->arg[0], outcome->seq);
}

/* ---- join, leave --------------------------------------------------------- */

static enum err
join_room(struct req *rq, struct reply *out)
{
	struct member_outcome outcome;
	struct room room;

	TRY(member_join(rq->app->db, rq->arena, rq->arg[0], rq->user_id,
			rq->app->config.max_rooms_per_user, &outcome, &room));
	TRY(member_problem(&outcome, &rq->problem));
	wake_of(rq, &outcome);
	reply_json(rq, out, 200, room_answer(rq, &room));
	return OK;
}

static enum err
leave_room(struct req *rq, struct reply *out)
{
	struct member_outcome outcome;

	TRY(member_leave(rq->app->db, rq->arena, rq->arg[0], rq->user_id, &outcome));
	TRY(member_problem(&outcome, &rq->problem));
	wake_of(rq, &outcome);
	reply_no_content(out);
	return OK;
}

/* ---- GET /rooms/{id}/members --------------------------------------------- */

struct json *
room_answer_member(struct arena *a, const struct member *m)
{
	struct json *o = json_object_in(a);

	json_put(o, "user", json_user(a, &m->user));
	json_put_text(o, "role", member_role_names[m->role]);
	json_put_time(o, "joined_at", m->joined_at);
	json_put_int(o, "read_seq", m->read_seq);
	json_put_int(o, "delivered_seq", m->delivered_seq);
	json_put_time(o, "muted_until", m->muted_until);
	json_put_bool(o, "banned", m->banned);
	if (m->notify)
		json_put_text(o, "notify", m->notify);
	return o;
}

struct members_query {
	struct body_head head;
	int64_t limit;
	struct uuid cursor;
};

static const struct body members_query =
	BODY(struct members_query, PAGE_LIMIT_FIELD(struct members_query),
	     FIELD_ID(struct members_query, cursor, OPTIONAL,
		      .about = "`next` of the previous page."));

static enum err
list_members(struct req *rq, struct reply *out)
{
	const struct members_query *in = rq->query;
	const char *after = *in->cursor.text ? in->cursor.text : NULL;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	struct member *members;
	int count;

	TRY(members_list(rq->app->db, rq->arena, rq->user_id, rq->arg[0], after, limit,
			 &count, &members));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, room_answer_member(rq->arena, &members[i]));
	reply_json_tagged(rq, out,
			  page_json(rq->arena, items,
				    count > limit ? members[limit - 1].user.id : NULL));
	return OK;
}

/* ---- /rooms/{id}/members/{user_id} --------------------------------------- */

/* Without a user in the path (/rooms/{id}/members/me) it is one's own. */
static const char *
whom(const struct req *rq)
{
	return rq->arg[1] ? rq->arg[1] : rq->user_id;
}

static bool
is_self(const struct req *rq)
{
	return strcmp(whom(rq), rq->user_id) == 0;
}

/* A room is as hidden from people who are banned as from strangers, but they are told
 * why. */
static enum err
say_if_banned(struct req *rq)
{
	struct problem *p = &rq->problem;

	TRY(member_is_banned(rq->app->db, rq->arena, rq->user_id, rq->arg[0],
			     &p->is_banned));
	return p->is_banned ? problem_fail(p, ERR_NOT_FOUND, NULL,
					   "You are banned from this room.")
			    : ERR_NOT_FOUND;
}

static enum err
get_member(struct req *rq, struct reply *out)
{
	struct member member;
	const enum err e = member_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0],
				      whom(rq), &member);

	if (e == ERR_NOT_FOUND && is_self(rq))
		return say_if_banned(rq);
	TRY(e);
	reply_json_tagged(rq, out, room_answer_member(rq->arena, &member));
	return OK;
}

static const char *const notify_words[] = { "all", "mentions", "none", NULL };

struct member_body {
	struct body_head head;
	int role;
	int64_t muted_until;
	bool banned;
	int notify;
};

static const struct body member_body =
	BODY(struct member_body,
	     FIELD_ENUM(struct member_body, role, OPTIONAL, member_role_names,
			.about = "By the owner. If the owner gives `owner` away, they "
				 "become an admin."),
	     FIELD_TIME(struct member_body, muted_until, OPTIONAL,
			.about = "null: not muted."),
	     FIELD_BOOL(struct member_body, banned, OPTIONAL),
	     FIELD_ENUM(struct member_body, notify, OPTIONAL, notify_words,
			.about = "Only your own, and the only field of your own that you "
				 "can change; null: all."));

static void
check_update_member(struct req *rq)
{
	const struct member_body *in = rq->body;

	if (!in->head.given && !in->head.cleared && rq->problem.error_count == 0)
		content_note(rq, "role", "required",
			     "One of role, muted_until, banned and notify must be "
			     "given.");
}

/* Nobody may set another's `notify`; a stranger does not even learn of the membership. */
static enum err
set_notify(struct req *rq, struct member *out)
{
	const struct member_body *in = rq->body;

	if (is_self(rq))
		return member_set_notify(rq->app->db, rq->arena, rq->arg[0], rq->user_id,
					 notify_words[in->notify], out);
	TRY(member_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0], whom(rq), out));
	return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
			    "Only they can set their notify.");
}

static enum err
changed_problem(struct req *rq, const struct member_outcome *o)
{
	if (o->result == MEMBER_TOO_MANY)
		return problem_fail(&rq->problem, ERR_CONFLICT, "too_many_rooms",
				    "They are in the maximum number of rooms.");
	return member_problem(o, &rq->problem);
}

static enum err
change_member(struct req *rq, struct member *out)
{
	const struct member_body *in = rq->body;
	const struct body *table = &member_body;
	struct member_change change = {
		.room_id = rq->arg[0],
		.by_id = rq->user_id,
		.user_id = whom(rq),
		.role = body_given(table, in, role) ? member_role_names[in->role] : NULL,
		.given_muted_until = body_given(table, in, muted_until) ||
				     body_cleared(table, in, muted_until),
		.muted_until = in->muted_until,
		.banned = body_given(table, in, banned) ? in->banned : -1,
		.max_rooms = rq->app->config.max_rooms_per_user,
	};
	struct member_outcome outcome;

	TRY(member_update(rq->app->db, rq->arena, &change, &outcome, out));
	TRY(changed_problem(rq, &outcome));
	wake_of(rq, &outcome);
	return OK;
}

/* Null resets it to the default: all. */
static bool
sets_notify(const struct member_body *in)
{
	return body_given(&member_body, in, notify) ||
	       body_cleared(&member_body, in, notify);
}

static bool
is_notify_alone(const struct member_body *in)
{
	uint64_t named = in->head.given | in->head.cleared;

	return sets_notify(in) && (named & (named - 1)) == 0;
}

/* Changes for others and one's own `notify` never go together: each is refused for the
 * other. */
static enum err
update_member(struct req *rq, struct reply *out)
{
	const struct member_body *in = rq->body;
	bool own = sets_notify(in);
	struct member member;

	if (own && (!is_self(rq) || is_notify_alone(in)))
		TRY(set_notify(rq, &member));
	else
		TRY(change_member(rq, &member));
	reply_json(rq, out, 200, room_answer_member(rq->arena, &member));
	return OK;
}

/* Removing oneself means leaving. */
static enum err
remove_member(struct req *rq, struct reply *out)
{
	const struct member_change change = {
		.room_id = rq->arg[0],
		.by_id = rq->user_id,
		.user_id = whom(rq),
		.banned = -1,
		.remove = true,
	};
	struct member_outcome outcome;
	struct member member;

	if (is_self(rq))
		return leave_room(rq, out);
	TRY(member_update(rq->app->db, rq->arena, &change, &outcome, &member));
	TRY(member_problem(&outcome, &rq->problem));
	wake_of(rq, &outcome);
	reply_no_content(out);
	return OK;
}

const struct route room_members_routes[] = {
	{ POST, "/rooms/{id}/join", AUTH_POST, LIMIT_REQUESTS, 1, HANDLER(join_room),
	  .tag = "rooms", .summary = "Join a room by its id", .status = 200,
	  .gives = "Room", FAILS(403, 409) },
	{ POST, "/rooms/{id}/leave", AUTH_POST, LIMIT_REQUESTS, 1, HANDLER(leave_room),
	  .tag = "rooms", .summary = "Leave a room",
	  .about = "If you are the owner, the oldest admin, else the oldest member, "
		   "becomes owner. An empty room is removed. A direct room can be left "
		   "once the other one's account was removed.",
	  .status = 204, FAILS(403) },
	{ DELETE, "/rooms/{id}/leave", AUTH_POST, LIMIT_REQUESTS, 1, ROUTE_ALIAS,
	  HANDLER_AS(leave_room, "leave_room_by_delete"), .tag = "rooms",
	  .summary = "The same as POST", .status = 204, FAILS(403) },
	{ GET, "/rooms/{id}/members", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  .query = &members_query, HANDLER(list_members), .tag = "rooms",
	  .summary = "List the members of a room",
	  .about = "Admins also see people who are banned.", .status = 200,
	  .gives = "MemberPage" },
	{ GET, "/rooms/{id}/members/{user_id}", AUTH_READ, LIMIT_REQUESTS, 1,
	  ROUTE_TAGGED, HANDLER(get_member), .tag = "rooms",
	  .summary = "Get a membership",
	  .about = "Only admins see the membership of somebody who is banned.",
	  .status = 200, .gives = "Member" },
	{ PUT, "/rooms/{id}/members/{user_id}", AUTH_ADMIN, LIMIT_REQUESTS, 1,
	  .body = &member_body, .check = check_update_member, HANDLER(update_member),
	  .tag = "rooms", .summary = "Change somebody's role, mute or ban them",
	  .about = "By admins. Of your own membership you can only change notify. "
		   "Lifting a ban restores the membership, or is 403 cannot_write if "
		   "they do not let you add them; DELETE lifts the ban without that.",
	  .status = 200, .gives = "Member", FAILS(403, 409) },
	{ DELETE, "/rooms/{id}/members/{user_id}", AUTH_ADMIN, LIMIT_REQUESTS, 1,
	  HANDLER(remove_member), .tag = "rooms",
	  .summary = "Remove somebody from a room",
	  .about = "By admins; your own id means leaving. They may join again, even "
		   "if they were banned.",
	  .status = 204, FAILS(403) },
	{ GET, "/rooms/{id}/members/me", AUTH_READ, LIMIT_REQUESTS, 1,
	  ROUTE_TAGGED | ROUTE_ALIAS, HANDLER_AS(get_member, "get_own_membership"),
	  .tag = "rooms", .summary = "Get your own membership",
	  .about = "404 with banned: true if you are banned from the room.",
	  .status = 200, .gives = "Member" },
	{ PUT, "/rooms/{id}/members/me", AUTH_ADMIN, LIMIT_REQUESTS, 1, ROUTE_ALIAS,
	  .body = &member_body, .check = check_update_member,
	  HANDLER_AS(update_member, "update_own_membership"), .tag = "rooms",
	  .summary = "Change your own membership: notify", .status = 200,
	  .gives = "Member", FAILS(403, 409) },
	{ DELETE, "/rooms/{id}/members/me", AUTH_POST, LIMIT_REQUESTS, 1, ROUTE_ALIAS,
	  HANDLER_AS(leave_room, "leave_room_as_member"), .tag = "rooms",
	  .summary = "The same as leaving", .status = 204, FAILS(403) },
	{},
};
