#include "fcgi/limit.h"
#include "shared/clock.h"

/* The limit of a class under these settings. */
static struct limit
limit_of(const struct config *config, enum limit_class class)
{
	if (class == LIMIT_MESSAGES)
		return (struct limit){
			.name = "messages",
			.burst = config->messages_burst,
			.per = config->messages_per_second,
			.window_ms = 1000,
		};
	return (struct limit){
		.name = "requests",
		.burst = config->requests_burst,
		.per = config->requests_per_second,
		.window_ms = 1000,
	};
}

static int64_t
seconds(int64_t ms)
{
	return (ms + 999) / 1000;
}

/* A burst that refills steadily is reported as a quota of the burst in the time that
 * refills it. */
static struct limit_report
report_of(const struct limit *limit, const struct limit_state *state)
{
	return (struct limit_report){
		.name = limit->name,
		.quota = limit->burst,
		.window_s = seconds(limit->burst * limit->window_ms / limit->per),
		.remaining = state->remaining,
		.reset_s = seconds(state->reset_ms),
	};
}

enum err
limit_request(struct req *rq, enum limit_class class, int64_t cost,
	      struct limit_report *out)
{
	struct limit limit = limit_of(&rq->app->config, class);
	const char *who = rq->user_id ? rq->user_id : rq->address_counted;
	struct limit_state state;

	if (class == LIMIT_NONE)
		return OK;
	state = limits_take(rq->app->limits, &limit, who, cost, clock_now_ms());
	*out = report_of(&limit, &state);
	if (state.allowed)
		return OK;
	return problem_retry(&rq->problem, ERR_TOO_MANY, NULL, NULL,
			     (int)seconds(state.retry_after_ms));
}

enum err
limit_take(struct req *rq, const struct limit *limit, const char *who, const char *detail)
{
	struct limit_state state =
		limits_take(rq->app->limits, limit, who, 1, clock_now_ms());

	if (state.allowed)
		return OK;
	return problem_retry(&rq->problem, ERR_TOO_MANY, NULL, detail,
			     (int)seconds(state.retry_after_ms));
}
