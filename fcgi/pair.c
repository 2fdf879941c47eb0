#include "fcgi/pair.h"
#include "shared/clock.h"
#include "shared/token.h"

struct fresh
pair_fresh(struct arena *a)
{
	const char *secret = secret_new(a);

	return (struct fresh){ secret, secret_hash(a, secret) };
}

struct session_draft
pair_session(struct req *rq, const struct fresh *fresh)
{
	const struct config *c = &rq->app->config;
	struct uuid id;

	uuid_random(&id);
	return (struct session_draft){
		.id = arena_strdup(rq->arena, id.text),
		.refresh_hash = fresh->hash,
		.refresh_s = c->refresh_token_s,
		.session_s = c->session_s,
		.address = rq->address,
		.address_counted = rq->address_counted,
		.user_agent = request_user_agent(rq),
	};
}

static enum err
sign(struct req *rq, const char *user_id, const char *session_id, const char **out)
{
	int64_t now_s = clock_now_ms() / 1000;
	struct claims claims = {
		.issued_at_s = now_s,
		.expires_at_s = now_s + rq->app->config.access_token_s,
	};

	TRY(uuid_parse(user_id, &claims.user_id));
	TRY(uuid_parse(session_id, &claims.session_id));
	return token_sign(rq->app->keys, rq->arena, rq->app->config.issuer, &claims, out);
}

enum err
pair_reply(struct req *rq, struct reply *out, int status, const struct user *user,
	   const char *session_id, const struct fresh *fresh,
	   int64_t refresh_expires_in_s)
{
	struct json *pair = json_object_in(rq->arena);
	const char *access;

	TRY(sign(rq, user->id, session_id, &access));
	json_put(pair, "user", json_me(rq->arena, user));
	json_put_text(pair, "access_token", access);
	json_put_text(pair, "token_type", "Bearer");
	json_put_int(pair, "expires_in", rq->app->config.access_token_s);
	json_put_text(pair, "refresh_token", fresh->secret);
	json_put_int(pair, "refresh_expires_in", refresh_expires_in_s);
	reply_json(rq, out, status, pair);
	return OK;
}
