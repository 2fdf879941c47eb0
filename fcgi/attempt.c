/* attempt.c -- see attempt.h. */
#include "fcgi/attempt.h"
#include "fcgi/names.h"
#include "shared/clock.h"
#include "shared/limits.h"

enum { HOUR_MS = 3600000, ACCOUNT_WINDOW_MS = 15 * 60000 };

/* A sign-in is counted before it is tried, and given back if the password is right, so
 * that simultaneous attempts cannot all slip in. */
struct attempt {
	struct limit account, address;
	const char *account_key, *address_key;
	bool account_taken, address_taken;
	int64_t retry_after_ms; /* 0: within the limits */
};

static void
take_attempt(struct req *rq, const char *account, struct attempt *out)
{
	const struct config *c = &rq->app->config;
	int64_t now = clock_now_ms(), per_account = c->signin_failures_per_account,
		per_address = c->signin_failures_per_address;
	struct limit_state on_account, on_address;

	*out = (struct attempt){
		.account = { "signin-account", per_account, per_account,
			     ACCOUNT_WINDOW_MS },
		.address = { "signin-address", per_address, per_address, HOUR_MS },
		.account_key =
			arena_printf(rq->arena, "%s@%s", account, rq->address_counted),
		.address_key = rq->address_counted,
	};
	on_account =
		limits_take(rq->app->limits, &out->account, out->account_key, 1, now);
	on_address =
		limits_take(rq->app->limits, &out->address, out->address_key, 1, now);
	out->account_taken = on_account.allowed;
	out->address_taken = on_address.allowed;
	out->retry_after_ms = on_account.retry_after_ms > on_address.retry_after_ms
				      ? on_account.retry_after_ms
				      : on_address.retry_after_ms;
}

static void
give_back(struct req *rq, const struct attempt *t)
{
	int64_t now = clock_now_ms();

	if (t->account_taken)
		limits_give(rq->app->limits, &t->account, t->account_key, 1, now);
	if (t->address_taken)
		limits_give(rq->app->limits, &t->address, t->address_key, 1, now);
}

static enum err
too_many_attempts(struct req *rq, const struct attempt *t)
{
	return problem_retry(&rq->problem, ERR_TOO_MANY, NULL,
			     "Too many failed sign-ins; try again later.",
			     (int)((t->retry_after_ms + 999) / 1000));
}

enum err
attempt_wrong(struct req *rq)
{
	return problem_fail(&rq->problem, ERR_UNAUTHENTICATED, "invalid_credentials",
			    "The login or the password is wrong.");
}

/* Past the limits, only attempts from a known address are still tried, and only a right
 * password gets another answer than 429. */
enum err
attempt_password(struct req *rq, const struct account *account, const char *name,
		 const char *given, struct password_check *out)
{
	const char *password = names_password(rq->arena, given);
	struct attempt attempt;
	enum err err;

	take_attempt(rq, account->user.id ? account->user.id : name, &attempt);
	if (attempt.retry_after_ms > 0 && !account->address_is_known) {
		give_back(rq, &attempt);
		return too_many_attempts(rq, &attempt);
	}
	err = password_verify(&rq->app->config, rq->arena, password,
			      account->password_hash, &rq->problem, out);
	if (err != OK || out->right)
		give_back(rq, &attempt);
	TRY(err);
	if (out->right)
		return OK;
	return attempt.retry_after_ms > 0 ? too_many_attempts(rq, &attempt)
					  : attempt_wrong(rq);
}
