/* admin_invites.c -- invitations to register, for sites where registration is by
 * invite. */
#include <string.h>

#include "fcgi/admin_store.h"
#include "fcgi/content.h"
#include "fcgi/cursor.h"
#include "fcgi/letters.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/clock.h"
#include "shared/random.h"
#include "shared/text.h"

enum { CODE_BYTES = 12, USES_MOST = 1000000, CURSOR_MAX = 200 };

static struct json *
invite_json(struct req *rq, const struct admin_invite *i)
{
	struct json *o = json_object_in(rq->arena);
	bool has_url = *rq->app->config.public_url;

	json_put_text(o, "code", i->code);
	if (i->max_uses)
		json_put_int(o, "max_uses", i->max_uses);
	else
		json_put_null(o, "max_uses");
	json_put_int(o, "uses", i->uses);
	json_put_text(o, "created_by", i->created_by);
	json_put_time(o, "created_at", i->created_at);
	json_put_time(o, "expires_at", i->expires_at);
	json_put_text(o, "url", has_url ? letters_link(rq, "register", i->code) : NULL);
	return o;
}

/* ---- POST /admin/invites ------------------------------------------------- */

struct invite_body {
	struct body_head head;
	int64_t max_uses, expires_at;
};

static const struct body invite_body =
	BODY(struct invite_body,
	     FIELD_INT(struct invite_body, max_uses, OPTIONAL, 1, USES_MOST,
		       .about = "How many people may use it; 1 if absent, null for no "
				"limit."),
	     FIELD_TIME(struct invite_body, expires_at, OPTIONAL,
			.about = "Absent or null: it never expires."));

static void
check_invite(struct req *rq)
{
	const struct invite_body *in = rq->body;

	if (body_given(&invite_body, in, expires_at) && in->expires_at <= clock_now_ms())
		content_note(rq, "expires_at", "range", "Must be in the future.");
}

static enum err
make_invite(struct req *rq, struct reply *out)
{
	const struct invite_body *in = rq->body;
	unsigned char bytes[CODE_BYTES];
	struct admin_invite draft = { .created_by = rq->user_id,
				      .max_uses = in->max_uses,
				      .expires_at = in->expires_at },
			    made;

	if (!draft.max_uses && !body_cleared(&invite_body, in, max_uses))
		draft.max_uses = 1;
	random_bytes(bytes, sizeof(bytes));
	draft.code = text_base64url(rq->arena, bytes, sizeof(bytes));
	TRY(admin_invite_make(rq->app->db, rq->arena, &draft, &made));
	reply_created(rq, out, invite_json(rq, &made), "/admin/invites/%s", made.code);
	return OK;
}

/* ---- GET /admin/invites -------------------------------------------------- */

struct list_query {
	struct body_head head;
	int64_t limit;
	const char *cursor;
};

static const struct body list_query =
	BODY(struct list_query, PAGE_LIMIT_FIELD(struct list_query),
	     PAGE_CURSOR_FIELD(struct list_query, CURSOR_MAX));

static void
check_list(struct req *rq)
{
	const struct list_query *in = rq->query;
	struct admin_invite *place = ARENA_NEW(rq->arena, struct admin_invite);

	if (in->cursor && cursor_parse_key(rq->arena, CURSOR_ADMIN_INVITES, in->cursor,
					   &place->created_at, &place->code) != OK)
		page_refuse_cursor(rq);
	rq->checked = in->cursor ? place : NULL;
}

static enum err
list_invites(struct req *rq, struct reply *out)
{
	const struct list_query *in = rq->query;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct admin_invite *invites;
	int count;

	TRY(admin_invites_list(rq->app->db, rq->arena, rq->checked, limit, &count,
			       &invites));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, invite_json(rq, &invites[i]));
	if (count > limit)
		next = cursor_print_id(rq->arena, CURSOR_ADMIN_INVITES,
				       invites[limit - 1].created_at,
				       invites[limit - 1].code);
	reply_json(rq, out, 200, page_json(rq->arena, items, next));
	return OK;
}

/* ---- /admin/invites/{code} ----------------------------------------------- */

static enum err
get_invite(struct req *rq, struct reply *out)
{
	struct admin_invite invite;

	TRY(admin_invite_get(rq->app->db, rq->arena, rq->arg[0], &invite));
	reply_json(rq, out, 200, invite_json(rq, &invite));
	return OK;
}

static enum err
end_invite(struct req *rq, struct reply *out)
{
	TRY(admin_invite_end(rq->app->db, rq->arena, rq->arg[0]));
	reply_no_content(out);
	return OK;
}

const struct route admin_invites_routes[] = {
	{ GET, "/admin/invites", AUTH_OPERATOR, LIMIT_REQUESTS, 1, .query = &list_query,
	  .check = check_list, HANDLER_AS(list_invites, "admin_list_invites"),
	  .tag = "admin",
	  .summary = "List the invitations to register, the latest "
		     "first",
	  .status = 200, .gives = "RegistrationInvitePage" },
	{ POST, "/admin/invites", AUTH_OPERATOR, LIMIT_REQUESTS, 1, .body = &invite_body,
	  .check = check_invite, HANDLER_AS(make_invite, "admin_make_invite"),
	  .tag = "admin", .summary = "Create an invitation to register",
	  .about = "The code is the field `invite` of POST /auth/register, which is "
		   "needed if the setting `registration` is invite.",
	  .status = 201, .gives = "RegistrationInvite" },
	{ GET, "/admin/invites/{code}", AUTH_OPERATOR, LIMIT_REQUESTS, 1,
	  HANDLER_AS(get_invite, "admin_get_invite"), .tag = "admin",
	  .summary = "Get an invitation to register", .status = 200,
	  .gives = "RegistrationInvite" },
	{ DELETE, "/admin/invites/{code}", AUTH_OPERATOR, LIMIT_REQUESTS, 1,
	  HANDLER_AS(end_invite, "admin_end_invite"), .tag = "admin",
	  .summary = "Revoke an invitation to register", .status = 204 },
	{},
};
