/* flood.c -- see flood.h. */
#include "broker/flood.h"

#include "broker/broker.h"
#include "broker/commands.h"
#include "shared/limits.h"

enum { UNIT_BYTES = 1024 }; /* the unit in which bytes are counted, rounded up */

bool
flood_may_connect(struct broker *b, const char *address, int *out_retry_after_s)
{
	const struct limit limit = { .name = "handshakes",
				     .burst = config_handshakes_burst(b->config),
				     .per = config_handshakes_per_second(b->config),
				     .window_ms = 1000 };
	struct limit_state state = limits_take(b->limits, &limit, address, 1, b->now_ms);

	if (state.allowed)
		return true;
	b->metrics.limited_handshakes++;
	*out_retry_after_s = (int)(state.retry_after_ms / 1000) + conn_retry_after_s(b);
	return false;
}

static enum err
take(struct said *s, const struct limit *limit, const char *who, int64_t cost,
     int64_t *counter)
{
	struct broker *b = s->conn->broker;
	struct limit_state state = limits_take(b->limits, limit, who, cost, b->now_ms);

	if (state.allowed)
		return OK;
	++*counter;
	s->conn->excess += 1 + (int)(s->len / UNIT_BYTES);
	return problem_retry(&s->problem, ERR_TOO_MANY, NULL, NULL,
			     (int)((state.retry_after_ms + 999) / 1000));
}

static int64_t
units(int64_t bytes)
{
	return (bytes + UNIT_BYTES - 1) / UNIT_BYTES;
}

/* The burst allows for joining all of one's rooms at once. */
enum err
flood_take_frame(struct said *s, int64_t cost)
{
	struct conn *c = s->conn;
	struct metrics *m = &c->broker->metrics;
	const struct config *config = c->broker->config;
	const struct limit bytes = { .name = "bytes",
				     .burst = units(config_received_bytes_burst(config)),
				     .per = units(
					     config_received_bytes_per_second(config)),
				     .window_ms = 1000 };
	struct limit frames = {
		.name = "frames",
		.burst = config->requests_burst + 2 * config->max_rooms_per_connection,
		.per = config->requests_per_second,
		.window_ms = 1000,
	};
	const char *who = c->visitor->id.text;

	TRY(take(s, &bytes, who, units((int64_t)s->len), &m->limited_bytes));
	if (cost > 0)
		TRY(take(s, &frames, who, cost, &m->limited_frames));
	frames.burst *= config->address_people;
	frames.per *= config->address_people;
	return take(s, &frames, c->address->text, cost > 0 ? cost : 1,
		    &m->limited_address_frames);
}

enum err
flood_take_messages(struct said *s, int64_t cost)
{
	struct conn *c = s->conn;
	const struct config *config = c->broker->config;
	const struct limit limit = { .name = "messages",
				     .burst = config->messages_burst,
				     .per = config->messages_per_second,
				     .window_ms = 1000 };

	return take(s, &limit, c->visitor->id.text, cost,
		    &c->broker->metrics.limited_messages);
}

enum err
flood_take_signal(struct said *s)
{
	struct conn *c = s->conn;
	const struct config *config = c->broker->config;
	const struct limit limit = { .name = "signals",
				     .burst = config->signals_burst,
				     .per = config->signals_per_second,
				     .window_ms = 1000 };

	return take(s, &limit, c->visitor->id.text, 1,
		    &c->broker->metrics.limited_signals);
}
