/* access.c -- see access.h.
 *
 * There is no query a request: the set of ended sessions is reread at most every half
 * second, so a sign-out takes effect within that time (session.h). A CGI process answers
 * one request, so it queries its one session. An API token carries no claims and is
 * looked up each time (api_token.h). */
#include "fcgi/access.h"
#include "fcgi/seen.h"
#include "fcgi/verified.h"
#include "shared/api_token.h"
#include "shared/clock.h"
#include "shared/session.h"

enum err
access_ended(struct req *rq)
{
	return problem_fail(&rq->problem, ERR_UNAUTHENTICATED, "session_ended",
			    "The session has ended: sign in again.");
}

static enum err
ask_for_session(struct req *rq)
{
	int64_t seen_at;
	bool lives;

	TRY(session_lives_ask(rq->app->db, rq->arena, rq->session_id, rq->user_id, &lives,
			      &seen_at));
	if (!lives)
		return access_ended(rq);
	seen_learn(rq->user_id, seen_at);
	return OK;
}

static enum err
reread_revoked(struct req *rq)
{
	struct app *app = rq->app;
	int64_t life_ms = app->config.access_token_s * 1000;
	int64_t now = clock_now_ms();
	int64_t age = app->revoked_read_ms ? now - app->revoked_read_ms : life_ms;
	struct db_call call;
	struct rows rows;

	if (app->revoked_read_ms && age < REVOKED_EVERY_MS)
		return OK;
	call = revoked_call(rq->arena, age);
	TRY(db_query(app->db, rq->arena, &call, &rows));
	revoked_take(app->revoked, &rows, now, life_ms);
	app->revoked_read_ms = now;
	return OK;
}

static enum err
check_session(struct req *rq)
{
	if (rq->app->one_request)
		return ask_for_session(rq);
	TRY(reread_revoked(rq));
	return revoked_has(rq->app->revoked, rq->session_id) ? access_ended(rq) : OK;
}

/* Queried each time: an old token does not keep anybody an administrator. */
static enum err
check_operator(struct req *rq)
{
	struct db_call call = session_call(rq->arena, rq->session_id, rq->user_id);
	struct user user;
	struct rows rows;

	TRY(db_query(rq->app->db, rq->arena, &call, &rows));
	if (!session_user_from(&rows, &user))
		return access_ended(rq);
	if (!user.is_admin)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
				    "Only administrators of this installation may do "
				    "this.");
	return OK;
}

static enum err
take_api_token(struct req *rq)
{
	struct api_token *t = ARENA_NEW(rq->arena, struct api_token);
	struct db_call call =
		api_token_call(rq->arena, secret_hash(rq->arena, rq->token));
	struct rows rows;

	TRY(db_query(rq->app->db, rq->arena, &call, &rows));
	TRY(api_token_read(&rows, &rq->problem, t));
	rq->has_user = true;
	rq->api_token = t;
	rq->user_id = t->user_id.text;
	rq->session_id = t->id.text;
	rq->scopes = t->scopes;
	rq->room_only = t->room_id.text[0] ? t->room_id.text : NULL;
	rq->room_only_no = t->room_no;
	return OK;
}

static enum err
check_scopes(struct req *rq, enum who who)
{
	static const unsigned needed[] = {
		[AUTH_ANY] = 0,
		[AUTH_READ] = TOKEN_READ,
		[AUTH_POST] = TOKEN_POST,
		[AUTH_ADMIN] = TOKEN_ADMIN,
	};

	if (who >= AUTH_SESSION)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
				    "API tokens may not do this: sign in.");
	return token_scope_check(rq->scopes, needed[who], &rq->problem);
}

enum err
access_check(struct req *rq, enum who who)
{
	rq->scopes = TOKEN_SCOPES;
	if (who == AUTH_NONE || who == AUTH_OPTIONAL)
		return OK;
	if (!rq->token)
		return ERR_UNAUTHENTICATED;
	if (api_token_is(rq->token)) {
		TRY(take_api_token(rq));
		return check_scopes(rq, who);
	}
	TRY(verified_claims(rq));
	rq->has_user = true;
	rq->user_id = rq->claims.user_id.text;
	rq->session_id = rq->claims.session_id.text;
	TRY(check_session(rq));
	seen_note(rq);
	return who == AUTH_OPERATOR ? check_operator(rq) : OK;
}
