/* conn.c -- see conn.h. Coming, going, and what is due when. */
#include "broker/conn.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/wire.h"
#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/random.h"

static uint32_t
random_below(uint32_t n)
{
	uint32_t value;

	random_bytes(&value, sizeof(value));
	return value % n;
}

/* ---- states -------------------------------------------------------------- */

void
conn_move(struct conn *c, enum conn_state to)
{
	struct conns *cs = &c->broker->conns;

	if (!list_is_empty(&c->in_state))
		cs->counts[c->state]--;
	c->state = to;
	cs->counts[to]++;
	list_add(&cs->states[to], &c->in_state);
}

bool
conn_is_open(const struct conn *c)
{
	return c->state <= CONN_READY;
}

/* Releases everything that the connection holds. */
static void
let_go(struct conn *c)
{
	struct broker *b = c->broker;

	b->metrics.ended[END_GONE] += !c->has_ended;
	c->has_ended = true;
	typing_conn_gone(c);
	rooms_leave_all(&b->rooms, c);
	outbox_drop(c);
	list_remove(&c->in_dirty);
	if (c->visitor && c->visitor->conn_count == 1)
		audience_forget(&b->audience, c->visitor);
	presence_leave(c);
	people_leave(&b->people, c);
	address_leave(&b->people, c);
	free(c->partial);
	free(c->held);
	free(c->auth_ref);
	free(c->ticket);
	c->partial = c->held = c->auth_ref = c->ticket = NULL;
	c->partial_len = c->partial_cap = c->held_len = 0;
}

/* ---- coming -------------------------------------------------------------- */

static struct conn *
conn_alloc(struct broker *b, const struct wire_ops *ops, void *wire)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	c->broker = b;
	c->ops = ops;
	c->wire = wire;
	c->heard_s = broker_clock_s(b);
	list_init(&c->in_state);
	list_init(&c->in_dirty);
	list_init(&c->in_visitor);
	list_init(&c->listeners);
	list_init(&c->typing);
	outbox_init(&c->out);
	wheel_timer_init(&c->timer);
	conns_add(&b->conns, c);
	conn_move(c, CONN_STRANGER);
	c->deadline_s = broker_clock_s(b) + b->config->auth_timeout_s;
	conn_set_timer(c);
	return c;
}

/* The room that a connection is for, and the last seq that its client has. */
static enum err
set_default_room(struct conn *c, const struct hello *hello, struct problem *p)
{
	const struct place *at = &hello->place;

	if (hello->kind == HELLO_SOCKET)
		return OK;
	if (!hello->room || uuid_parse(hello->room, &c->default_room) != OK)
		return ERR_NOT_FOUND;
	if (hello->place_is_bad) {
		problem_field(p, "after", "type", "after is <seq> or <epoch>.<seq>.");
		return problem_fields_check(p);
	}
	c->default_after = at->given ? at->after : -1;
	if (at->epoch && strlen(at->epoch) < sizeof(c->default_epoch))
		strcpy(c->default_epoch, at->epoch);
	else if (at->epoch) /* none of ours is that long */
		c->default_after = INT64_MAX;
	return OK;
}

enum err
conn_check_scope(const struct conn *c, unsigned needed, struct problem *p)
{
	return token_scope_check(c->who.scopes, needed, p);
}

enum err
conn_check_room(const struct conn *c, const struct uuid *room_id)
{
	const char *only = c->who.room_only.text;

	return !only[0] || strcmp(only, room_id->text) == 0 ? OK : ERR_NOT_FOUND;
}

struct conn *
conn_new(struct broker *b, const struct wire_ops *ops, void *wire,
	 const struct hello *hello)
{
	struct conn *c = conn_alloc(b, ops, wire);
	struct problem p = {};
	enum err e;

	c->is_stream = hello->kind == HELLO_EVENTS;
	b->metrics.opened++;
	if (b->draining) {
		conn_close_retry(c);
		return c;
	}
	if (!address_enter(&b->people, c, hello->address,
			   b->config->max_connections_per_address)) {
		b->metrics.limited_address++;
		p.detail = "There are too many connections from this address.";
		conn_refuse(c, NULL, NULL, ERR_TOO_MANY, &p);
		return c;
	}
	e = set_default_room(c, hello, &p);
	if (e != OK)
		conn_refuse(c, NULL, NULL, e, &p);
	else if (hello->token && hello->token_in_url && api_token_is(hello->token))
		conn_refuse(c, NULL, NULL, ERR_UNAUTHENTICATED,
			    &(struct problem){ .detail = "API tokens are not accepted in "
							 "a URL; use a ticket." });
	else if (hello->token)
		auth_begin(c, hello->token, NULL);
	else if (hello->ticket)
		auth_begin_ticket(c, hello->ticket);
	else if (c->is_stream) /* a stream sends no frames */
		conn_refuse(c, NULL, NULL, ERR_UNAUTHENTICATED, &p);
	return c;
}

/* ---- going --------------------------------------------------------------- */

void
conn_error(struct conn *c, const char *ref, const char *room_id, enum err e,
	   const struct problem *p)
{
	if (conn_is_open(c))
		outbox_push(c, frame_error(c->broker->turn, ref, room_id, e, p));
}

void
conn_close(struct conn *c, enum close_code code, const char *reason)
{
	struct broker *b = c->broker;
	struct bytes frame = frame_close(b->turn, code, reason);

	if (c->out.kept == 0)
		outbox_flush(c);
	if (!conn_is_open(c))
		return;
	log_event(LOG_INFO, "conn.close",
		  LOG_S("user_id", c->visitor ? c->visitor->id.text : NULL),
		  LOG_I("code", code), LOG_S("reason", reason));
	conn_move(c, CONN_CLOSING);
	metrics_closed(&b->metrics, code);
	c->has_ended = true;
	let_go(c);
	c->deadline_s = broker_clock_s(b) +
			(code == CLOSE_TOO_SLOW ? CONN_SLOW_S : CONN_LINGER_S);
	conn_set_timer(c);
	if (c->ops->send(c->wire, frame.data, frame.len) == WIRE_BROKEN)
		conn_move(c, CONN_DYING);
	else
		c->ops->tell(c->wire, WIRE_FLOW); /* to receive its close frame */
}

void
conn_refuse(struct conn *c, const char *ref, const char *room_id, enum err e,
	    const struct problem *p)
{
	if (c->ops->refuse)
		c->ops->refuse(c->wire, e, p);
	conn_error(c, ref, room_id, e, p);
	conn_close(c, close_code_of(e), p->code ? p->code : err_code(e));
}

/* The more connections there are, the longer it takes to let them all in again. */
static uint32_t
retry_spread_s(const struct broker *b)
{
	return (uint32_t)admission_spread_s(b, b->conns.count);
}

int
conn_retry_after_s(const struct broker *b)
{
	return 1 + (int)random_below(retry_spread_s(b));
}

void
conn_close_retry(struct conn *c)
{
	uint32_t ms = 500 + random_below(retry_spread_s(c->broker) * 1000);

	conn_close(c, CLOSE_GOING_AWAY,
		   arena_printf(c->broker->turn, "retry_after=%u.%03u", ms / 1000,
				ms % 1000));
}

void
conn_on_goodbye(struct conn *c)
{
	if (!conn_is_open(c))
		return;
	conn_move(c, CONN_CLOSING);
	let_go(c);
	c->deadline_s = broker_clock_s(c->broker) + CONN_LINGER_S;
	conn_set_timer(c);
}

void
conn_on_hangup(struct conn *c)
{
	if (c->state < CONN_DYING)
		conn_move(c, CONN_DYING);
}

void
conn_on_gone(struct conn *c)
{
	let_go(c);
	wheel_cancel(&c->timer);
	c->wire = NULL;
	conn_move(c, CONN_GONE);
}

void
conn_on_writable(struct conn *c)
{
	c->out.kept = 0;
	if (!conn_is_open(c))
		return;
	resume_unpark(c);
	outbox_wake(c);
}

void
conn_on_pong(struct conn *c)
{
	c->heard_s = broker_clock_s(c->broker);
}

/* ---- what is due when ---------------------------------------------------- */

/* On the loop's clock, which does not jump: the first second in which the token is no
 * longer valid. */
static int64_t
token_end_s(const struct conn *c)
{
	const struct broker *b = c->broker;

	return (b->clock_ms + c->who.expires_at_ms - b->now_ms + 999) / 1000;
}

void
conn_set_timer(struct conn *c)
{
	int64_t at = c->deadline_s, token_s;

	if (c->state == CONN_READY) {
		token_s = c->told_expiring ? token_end_s(c) : c->expiring_s;
		at = c->ping_s < token_s ? c->ping_s : token_s;
	}
	wheel_set(&c->broker->conns.wheel, &c->timer, at);
}

void
conn_start_clock(struct conn *c)
{
	struct broker *b = c->broker;
	int64_t now_s = broker_clock_s(b), left_s = token_end_s(c) - now_s;

	c->told_expiring = false;
	/* a token of seconds must not be warned about at once */
	c->expiring_s = token_end_s(c) -
			(left_s / 2 < CONN_EXPIRING_S ? left_s / 2 : CONN_EXPIRING_S);
	if (c->ping_s == 0)
		c->ping_s =
			now_s + 1 + random_below((uint32_t)b->config->ping_interval_s);
	conn_set_timer(c);
}

static void
tell_expiring(struct conn *c)
{
	struct broker *b = c->broker;
	struct json *o = frame_object(b->turn, "token_expiring", NULL);

	json_put_int(o, "expires_in", (c->who.expires_at_ms - b->now_ms) / 1000);
	outbox_push_later(c, frame_json(b->turn, o));
	c->told_expiring = true;
}

/* A client that has been silent for two pings is gone. */
static void
ping(struct conn *c)
{
	int64_t now_s = broker_clock_s(c->broker),
		every = c->broker->config->ping_interval_s;

	if (now_s - c->heard_s > 2 * every + 1) {
		conn_move(c, CONN_DYING);
		return;
	}
	outbox_push_later(c, frame_ping());
	c->ping_s = now_s + every;
}

static void
ready_is_due(struct conn *c, int64_t now_s)
{
	if (now_s >= token_end_s(c)) {
		struct problem p = { .code = "token_expired" };

		conn_refuse(c, NULL, NULL, ERR_UNAUTHENTICATED, &p);
		return;
	}
	if (!c->told_expiring && now_s >= c->expiring_s)
		tell_expiring(c);
	if (now_s >= c->ping_s)
		ping(c);
}

static void
is_due(struct wheel_timer *t, void *arg)
{
	struct broker *b = arg;
	struct conn *c = CONTAINER(t, struct conn, timer);
	int64_t now_s = broker_clock_s(b);
	struct problem p = {};

	if (c->state == CONN_READY) {
		ready_is_due(c, now_s);
	} else if (now_s >= c->deadline_s && c->state == CONN_STRANGER) {
		p.detail = "No token arrived in time.";
		conn_refuse(c, NULL, NULL, ERR_UNAUTHENTICATED, &p);
	} else if (now_s >= c->deadline_s && c->state == CONN_CLOSING) {
		conn_move(c, CONN_DYING);
	} else if (now_s >= c->deadline_s) {
		p.retry_after_s = conn_retry_after_s(b);
		conn_refuse(c, NULL, NULL, ERR_UNAVAILABLE, &p);
	}
	if (c->state < CONN_DYING)
		conn_set_timer(c);
}

void
conns_tick(struct broker *b)
{
	wheel_advance(&b->conns.wheel, broker_clock_s(b), is_due, b);
}
