/* api_tokens.c -- creating, listing and revoking API tokens. */
#include <string.h>

#include "fcgi/access.h"
#include "fcgi/api_tokens_store.h"
#include "fcgi/cursor.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/api_token.h"
#include "shared/clock.h"
#include "shared/model.h"

static struct json *
token_json(const struct req *rq, const struct token_row *t)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "id", t->id);
	json_put_text(o, "name", t->name);
	json_put(o, "scopes", token_scopes_json(rq->arena, t->scopes));
	json_put_text(o, "room_id", t->room_id);
	json_put_time(o, "created_at", t->created_at);
	json_put_time(o, "last_used_at", t->last_used_at);
	json_put_time(o, "expires_at", t->expires_at);
	return o;
}

/* ---- POST /auth/tokens --------------------------------------------------- */

struct token_body {
	struct body_head head;
	const char *name;
	struct body_texts scopes;
	struct uuid room_id;
	int64_t expires_at;
};

static const struct body token_body = BODY(
	struct token_body,
	FIELD_NAME(struct token_body, name, REQUIRED, 1, 100,
		   .about = "What it is for. Only its owner sees it."),
	FIELD_TEXTS(struct token_body, scopes, REQUIRED, 1, TOKEN_SCOPE_COUNT,
		    .about = "read, post, admin. No scope includes another: with post "
			     "alone a token cannot read."),
	FIELD_ID(struct token_body, room_id, OPTIONAL, .also = "room,chat_id",
		 .about = "Valid in this room only, of which you must be a member."),
	FIELD_TIME(struct token_body, expires_at, OPTIONAL,
		   .about = "When it expires; null: it is valid until revoked."));

static void
check_token(struct req *rq)
{
	const struct token_body *in = rq->body;
	struct problem *p = &rq->problem;
	unsigned seen = 0;

	for (size_t i = 0; i < in->scopes.count; i++) {
		int at = name_index(token_scope_names, in->scopes.items[i]);

		if (at < 0)
			problem_field(p, "scopes", "unknown",
				      "Must be read, post or admin.");
		else if (seen >> at & 1)
			problem_field(p, "scopes", "duplicate",
				      "Must be given only once.");
		else
			seen |= 1u << at;
	}
	if (body_given(&token_body, in, expires_at) && in->expires_at <= clock_now_ms())
		problem_field(p, "expires_at", "past", "Must be in the future.");
}

static enum err
refuse(struct req *rq, enum token_result why)
{
	if (why == TOKEN_NO_SESSION)
		return access_ended(rq);
	if (why == TOKEN_NO_ROOM)
		return ERR_NOT_FOUND;
	return problem_fail(&rq->problem, ERR_CONFLICT, NULL,
			    "You have the maximum number of API tokens; revoke one "
			    "first.");
}

static enum err
create_token(struct req *rq, struct reply *out)
{
	const struct token_body *in = rq->body;
	const char *secret = api_token_new(rq->arena);
	const struct token_draft draft = {
		.user_id = rq->user_id,
		.session_id = rq->session_id,
		.name = in->name,
		.hash = secret_hash(rq->arena, secret),
		.scopes = db_array(rq->arena, in->scopes.items, (int)in->scopes.count),
		.room_id = in->room_id.text[0] ? in->room_id.text : NULL,
		.expires_at = in->expires_at,
		.most = rq->app->config.max_api_tokens_per_user,
	};
	enum token_result result;
	struct token_row row;
	struct json *o;

	TRY(token_insert(rq->app->db, rq->arena, &draft, &result, &row));
	if (result != TOKEN_MADE)
		return refuse(rq, result);
	o = token_json(rq, &row);
	json_put_text(o, "secret", secret);
	reply_created(rq, out, o, "/auth/tokens/%s", row.id);
	return OK;
}

/* ---- GET /auth/tokens ---------------------------------------------------- */

static void
check_list(struct req *rq)
{
	page_check_place(rq, CURSOR_TOKENS);
}

static enum err
list_tokens(struct req *rq, struct reply *out)
{
	const struct page_query *in = rq->query;
	const struct page_place *after = rq->checked;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct token_row *rows;
	int count;

	TRY(tokens_list(rq->app->db, rq->arena, rq->user_id, after->time, after->id.text,
			limit, &count, &rows));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, token_json(rq, &rows[i]));
	if (count > limit)
		next = cursor_print_id(rq->arena, CURSOR_TOKENS,
				       rows[limit - 1].created_at, rows[limit - 1].id);
	reply_json(rq, out, 200, page_json(rq->arena, items, next));
	return OK;
}

/* ---- GET, DELETE /auth/tokens/{id} --------------------------------------- */

static enum err
get_token(struct req *rq, struct reply *out)
{
	struct token_row row;

	TRY(token_get(rq->app->db, rq->arena, rq->user_id, rq->arg[0], &row));
	reply_json(rq, out, 200, token_json(rq, &row));
	return OK;
}

static enum err
revoke_token(struct req *rq, struct reply *out)
{
	TRY(token_delete(rq->app->db, rq->arena, rq->user_id, rq->arg[0]));
	reply_no_content(out);
	return OK;
}

const struct route api_tokens_routes[] = {
	{ POST, "/auth/tokens", AUTH_SESSION, LIMIT_REQUESTS, 5, .body = &token_body,
	  .check = check_token, HANDLER(create_token), .tag = "accounts",
	  .summary = "Create an API token for a script",
	  .about = "The secret is shown only now. It is used like an access token, "
		   "except in a URL as `?token=`. A token for one room gets 404 for "
		   "any other room, and is refused for everything that concerns no "
		   "room.",
	  .status = 201, .gives = "CreatedApiToken", FAILS(404, 409) },
	{ GET, "/auth/tokens", AUTH_SESSION, LIMIT_REQUESTS, 1, .query = &page_query,
	  .check = check_list, HANDLER(list_tokens), .tag = "accounts",
	  .summary = "List your API tokens", .status = 200, .gives = "ApiTokenPage" },
	{ GET, "/auth/tokens/{id}", AUTH_SESSION, LIMIT_REQUESTS, 1, HANDLER(get_token),
	  .tag = "accounts", .summary = "Get one of your API tokens", .status = 200,
	  .gives = "ApiToken", FAILS(404) },
	{ DELETE, "/auth/tokens/{id}", AUTH_SESSION, LIMIT_REQUESTS, 1,
	  HANDLER(revoke_token), .tag = "accounts", .summary = "Revoke an API token",
	  .about = "It stops working at once; live connections that use it close "
		   "within a second.",
	  .status = 204, FAILS(404) },
	{},
};
