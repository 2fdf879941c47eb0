/* sessions.c -- refreshing, ending and validating a sign-in. */
#include <string.h>

#include "fcgi/access.h"
#include "fcgi/accounts_store.h"
#include "fcgi/pair.h"
#include "fcgi/tables.h"
#include "shared/api_token.h"
#include "shared/clock.h"
#include "shared/session.h"

/* ---- POST /auth/refresh -------------------------------------------------- */

struct refresh_body {
	struct body_head head;
	const char *refresh_token;
};

static const struct body refresh_body =
	BODY(struct refresh_body, FIELD_TEXT(struct refresh_body, refresh_token, REQUIRED,
					     1, 4096, .also = "token"));

static enum err
refuse_refresh(struct req *rq, const char *hash)
{
	enum refusal why;

	TRY(session_refuse(rq->app->db, rq->arena, hash, &why));
	if (why == REFRESH_REUSED)
		return problem_fail(
			&rq->problem, ERR_UNAUTHENTICATED, "refresh_reused",
			"This refresh token was used before. Somebody else may "
			"have it, so the session has ended: sign in again.");
	if (why == REFRESH_EXPIRED)
		return problem_fail(&rq->problem, ERR_UNAUTHENTICATED, "token_expired",
				    "The refresh token has expired: sign in again.");
	return problem_fail(&rq->problem, ERR_UNAUTHENTICATED, "token_invalid",
			    "There is no such refresh token: sign in again.");
}

static enum err
refresh(struct req *rq, struct reply *out)
{
	const struct refresh_body *in = rq->body;
	const struct config *c = &rq->app->config;
	const char *shown = secret_hash(rq->arena, in->refresh_token);
	struct fresh fresh = pair_fresh(rq->arena);
	struct refreshed refreshed;
	enum err err =
		session_refresh(rq->app->db, rq->arena, shown, fresh.hash,
				c->refresh_token_s, c->refresh_grace_s, &refreshed);

	if (err == ERR_NOT_FOUND)
		return refuse_refresh(rq, shown);
	TRY(err);
	return pair_reply(rq, out, 200, &refreshed.user, refreshed.session_id, &fresh,
			  refreshed.refresh_expires_in_s);
}

/* ---- POST /auth/logout --------------------------------------------------- */

struct logout_body {
	struct body_head head;
	const char *refresh_token;
};

static const struct body logout_body =
	BODY(struct logout_body, FIELD_TEXT(struct logout_body, refresh_token, OPTIONAL,
					    1, 4096, .also = "token"));

/* Signing out twice is fine: a session that has ended is no error. */
static enum err
logout(struct req *rq, struct reply *out)
{
	const struct logout_body *in = rq->body;
	struct app *app = rq->app;
	struct claims claims;

	reply_no_content(out);
	if (in->refresh_token)
		return session_end_by_refresh(app->db, rq->arena,
					      secret_hash(rq->arena, in->refresh_token));
	if (!rq->token)
		return ERR_UNAUTHENTICATED;
	if (api_token_is(rq->token))
		return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
				    "API tokens may not do this: sign in.");
	TRY(token_verify(app->keys, rq->arena, app->config.issuer, rq->token,
			 clock_now_ms() / 1000, &rq->problem, &claims));
	return session_end(app->db, rq->arena, claims.session_id.text,
			   claims.user_id.text);
}

/* ---- GET /auth/validate -------------------------------------------------- */

/* A login does not change while its owner can sign in, so each is looked up once a
 * process: this is the one route that other services call for each of their own
 * requests. */
enum { LOGIN_CACHE_SIZE = 512, LOGIN_BYTES_MAX = 32 * 4 };

static struct {
	struct uuid id;
	char login[LOGIN_BYTES_MAX + 1];
} login_cache[LOGIN_CACHE_SIZE];

static size_t
cache_place(const char *user_id)
{
	size_t hash = 0;

	for (const char *p = user_id; *p; p++)
		hash = hash * 31 + (unsigned char)*p;
	return hash % LOGIN_CACHE_SIZE;
}

static enum err
login_of_caller(struct req *rq, const char **out)
{
	size_t at = cache_place(rq->user_id);
	struct db_call call;
	struct rows rows;
	struct user user;

	if (strcmp(login_cache[at].id.text, rq->user_id) == 0) {
		*out = login_cache[at].login;
		return OK;
	}
	call = session_call(rq->arena, rq->session_id, rq->user_id);
	TRY(db_query(rq->app->db, rq->arena, &call, &rows));
	if (!session_user_from(&rows, &user))
		return access_ended(rq);
	login_cache[at].id = rq->claims.user_id;
	strncpy(login_cache[at].login, user.login, LOGIN_BYTES_MAX);
	*out = user.login;
	return OK;
}

static enum err
validate(struct req *rq, struct reply *out)
{
	struct json *o = json_object_in(rq->arena);
	const struct api_token *t = rq->api_token;
	const char *login = t ? t->login : NULL;

	if (!t)
		TRY(login_of_caller(rq, &login));
	json_put_bool(o, "valid", true);
	json_put_text(o, "user_id", rq->user_id);
	json_put_text(o, "login", login);
	json_put_text(o, "session_id", rq->session_id);
	json_put(o, "scopes", token_scopes_json(rq->arena, rq->scopes));
	json_put_text(o, "room_id", rq->room_only);
	json_put_time(o, "expires_at",
		      t ? t->expires_at : rq->claims.expires_at_s * 1000);
	reply_json(rq, out, 200, o);
	return OK;
}

const struct route sessions_routes[] = {
	{ POST, "/auth/refresh", AUTH_NONE, LIMIT_REQUESTS, 1, .body = &refresh_body,
	  HANDLER(refresh), .tag = "accounts",
	  .summary = "Exchange a refresh token for new tokens",
	  .about = "The former refresh token still works until the new one is used, "
		   "for at most 60 seconds. Using it after that ends the session.",
	  .status = 200, .gives = "Pair", FAILS(401) },
	{ POST, "/auth/logout", AUTH_OPTIONAL, LIMIT_REQUESTS, 1, .body = &logout_body,
	  HANDLER(logout), .tag = "accounts", .summary = "Sign out",
	  .about = "With the access token or the refresh token.", .status = 204,
	  FAILS(401, 403) },
	{ GET, "/auth/validate", AUTH_ANY, LIMIT_REQUESTS, 1, ROUTE_BOUND,
	  HANDLER(validate), .tag = "accounts",
	  .summary = "Check an access token or an API token",
	  .about = "For an API token, session_id is the token's id.", .status = 200,
	  .gives = "Validation" },
	{},
};
