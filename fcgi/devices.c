/* devices.c -- one's sign-ins, and ending them remotely; tickets. */
#include <string.h>

#include "fcgi/access.h"
#include "fcgi/accounts.h"
#include "fcgi/cursor.h"
#include "fcgi/devices_store.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/ticket.h"

static struct json *
device_json(const struct req *rq, const struct device *d)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "id", d->id);
	json_put_time(o, "created_at", d->created_at);
	json_put_time(o, "last_used_at", d->last_used_at);
	json_put_text(o, "address", d->address);
	json_put_text(o, "user_agent", d->user_agent);
	json_put_bool(o, "current", strcmp(d->id, rq->session_id) == 0);
	return o;
}

/* ---- GET /auth/sessions -------------------------------------------------- */

static void
check_list(struct req *rq)
{
	page_check_place(rq, CURSOR_SESSIONS);
}

static enum err
list_sessions(struct req *rq, struct reply *out)
{
	const struct page_query *in = rq->query;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct device *devices;
	int count;

	TRY(devices_list(rq->app->db, rq->arena, rq->user_id, rq->checked, limit, &count,
			 &devices));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, device_json(rq, &devices[i]));
	if (count > limit)
		next = cursor_print_id(rq->arena, CURSOR_SESSIONS,
				       devices[limit - 1].created_at,
				       devices[limit - 1].id);
	reply_json(rq, out, 200, page_json(rq->arena, items, next));
	return OK;
}

/* ---- GET, DELETE /auth/sessions/{id} ------------------------------------- */

static enum err
get_session(struct req *rq, struct reply *out)
{
	struct device device;

	TRY(device_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &device));
	reply_json(rq, out, 200, device_json(rq, &device));
	return OK;
}

static enum err
end_session(struct req *rq, struct reply *out)
{
	TRY(device_end(rq->app->db, rq->arena, rq->user_id, rq->arg[0]));
	reply_no_content(out);
	return OK;
}

/* ---- DELETE /auth/sessions ----------------------------------------------- */

static enum err
end_other_sessions(struct req *rq, struct reply *out)
{
	TRY(devices_end_others(rq->app->db, rq->arena, rq->user_id, rq->session_id));
	reply_no_content(out);
	return OK;
}

/* ---- POST /auth/ticket --------------------------------------------------- */

static enum err
create_ticket(struct req *rq, struct reply *out)
{
	const char *secret = secret_new(rq->arena);
	struct db_call call = ticket_issue_call(rq->arena, secret_hash(rq->arena, secret),
						rq->session_id, rq->user_id);
	struct json *o = json_object_in(rq->arena);
	struct rows rows;

	TRY(db_query(rq->app->db, rq->arena, &call, &rows));
	if (rows.count == 0)
		return access_ended(rq);
	json_put_text(o, "ticket", secret);
	json_put_int(o, "expires_in", TICKET_S);
	reply_json(rq, out, 201, o);
	return OK;
}

enum err
devices_sweep_run(struct app *app, struct arena *a, bool *out_more)
{
	return devices_sweep(app->db, a, app->config.access_token_s, out_more);
}

const struct route devices_routes[] = {
	{ GET, "/auth/sessions", AUTH_SESSION, LIMIT_REQUESTS, 1, .query = &page_query,
	  .check = check_list, HANDLER(list_sessions), .tag = "accounts",
	  .summary = "List your sign-ins", .status = 200, .gives = "SessionPage" },
	{ DELETE, "/auth/sessions", AUTH_SESSION, LIMIT_REQUESTS, 1,
	  HANDLER(end_other_sessions), .tag = "accounts",
	  .summary = "Sign out all other devices",
	  .about = "This device stays signed in. The others' tokens stop working and "
		   "their connections close within a second.",
	  .status = 204 },
	{ GET, "/auth/sessions/{id}", AUTH_SESSION, LIMIT_REQUESTS, 1,
	  HANDLER(get_session), .tag = "accounts", .summary = "Get one of your sign-ins",
	  .status = 200, .gives = "Session", FAILS(404) },
	{ DELETE, "/auth/sessions/{id}", AUTH_SESSION, LIMIT_REQUESTS, 1,
	  HANDLER(end_session), .tag = "accounts", .summary = "Sign out another device",
	  .about = "Its tokens stop working and its connections close within a second.",
	  .status = 204, FAILS(404) },
	{ POST, "/auth/ticket", AUTH_ANY, LIMIT_REQUESTS, 1, ROUTE_BOUND | ROUTE_NOWHERE,
	  HANDLER(create_ticket), .tag = "accounts",
	  .summary = "Create a ticket, a secret for a URL",
	  .about = "Works once, within 30 seconds, as `?ticket=` of a live "
		   "connection, which lasts as long as the session. A ticket made "
		   "with an API token has the token's scopes, room and expiry.",
	  .status = 201, .gives = "Ticket" },
	{},
};
