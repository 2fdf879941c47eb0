/* auth.c -- see auth.h. */
#include "broker/auth.h"

#include <stdlib.h>
#include <string.h>

#include "broker/audience_store.h"
#include "broker/broker.h"
#include "broker/join.h"
#include "broker/people_store.h"
#include "broker/ready.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/session.h"
#include "shared/ticket.h"
#include "shared/token.h"

struct question;
typedef void accept_fn(struct conn *c, const struct question *q, const struct rows *rows);

/* A query in flight. The connection may be gone when the answer comes. */
struct question {
	struct broker *broker;
	uint64_t conn_id;
	struct credentials who;
	char *ref;
	accept_fn *accept;
	bool asks_rooms; /* answers 1 and 2: their rooms, and their blocks */
};

static enum err
check_token(struct broker *b, const char *token, struct problem *p,
	    struct credentials *out)
{
	struct claims claims;

	TRY(token_verify(b->keys, b->turn, b->config->issuer, token, b->now_ms / 1000, p,
			 &claims));
	if (revoked_has(b->revoked, claims.session_id.text))
		return problem_fail(p, ERR_UNAUTHENTICATED, "session_ended",
				    "This session has ended.");
	*out = (struct credentials){
		.user_id = claims.user_id,
		.session_id = claims.session_id,
		.expires_at_ms = claims.expires_at_s * 1000,
		.scopes = TOKEN_SCOPES,
	};
	return OK;
}

/* ---- the question and its answer ----------------------------------------- */

/* The connection becomes this person's, unless they have too many already. */
static bool
enter(struct conn *c, const struct user *user)
{
	struct broker *b = c->broker;
	const struct visitor *v = people_find(&b->people, user->id);
	struct problem p = { .detail = "You have too many connections." };

	if (v && v->conn_count >= b->config->max_connections_per_user) {
		b->metrics.limited_user++;
		conn_refuse(c, NULL, NULL, ERR_TOO_MANY, &p);
		return false;
	}
	people_enter(&b->people, c, user);
	conn_move(c, CONN_READY);
	return true;
}

static bool
are_rooms_known(const struct conn *c)
{
	const struct visitor *v = people_find(&c->broker->people, c->who.user_id.text);

	return v && v->seats.are_known;
}

static void
take_rooms(struct conn *c, const struct rows *rows, const struct rows *blocked)
{
	struct visitor *v = c->visitor;

	for (int i = 0; i < rows->count; i++) {
		const struct crowd_facts room = audience_room_from(rows, i);

		audience_add(&c->broker->audience, v, &room);
	}
	visitor_set_blocked(v, rows_text(blocked, 0, 0));
	v->seats.are_known = true;
}

/* This device would miss what their other devices were told since the query; or the
 * device that knew their rooms has gone. */
static bool
must_ask_again(const struct conn *c, const struct question *q)
{
	return c->is_outdated || (!q->asks_rooms && !are_rooms_known(c));
}

static void ask_again(struct conn *c, const struct question *q);

static void
accept_session(struct conn *c, const struct question *q, const struct rows *rows)
{
	struct problem p = { .code = "session_ended",
			     .detail = "This session has ended." };
	bool is_new = c->state != CONN_READY;
	struct user user;

	if (!session_user_from(&rows[0], &user)) {
		conn_refuse(c, q->ref, NULL, ERR_UNAUTHENTICATED, &p);
		return;
	}
	if (is_new && must_ask_again(c, q)) {
		ask_again(c, q);
		return;
	}
	if (is_new && !enter(c, &user))
		return;
	if (is_new && !c->visitor->seats.are_known)
		take_rooms(c, &rows[1], &rows[2]);
	c->who = q->who;
	if (is_new)
		presence_enter(c, &user);
	c->renewing = false;
	conn_start_clock(c);
	ready_send(c, &user, &rows[q->asks_rooms ? 3 : 1], q->ref);
	if (is_new)
		call_tell_greet(c);
	if (is_new && c->default_room.text[0])
		join_default(c);
	conn_release(c);
}

static void
wait_in_front(struct conn *c)
{
	conn_move(c, CONN_WAITING);
	list_add_first(&c->broker->conns.states[CONN_WAITING], &c->in_state);
}

/* The line went down, or the answer is too old: the connection waits again, in front.
 * Nobody knows whether a ticket was spent; asking again tells. */
static void
ask_again(struct conn *c, const struct question *q)
{
	struct problem p = { .retry_after_s = 2 };

	if (c->state == CONN_READY) {
		c->renewing = false;
		conn_error(c, q->ref, NULL, ERR_UNAVAILABLE, &p);
		return;
	}
	wait_in_front(c);
}

static void
question_free(struct question *q)
{
	free(q->ref);
	free(q);
}

static void
on_answer(void *arg, enum err err, const struct rows *rows)
{
	struct question *q = arg;
	struct conn *c = conns_find(&q->broker->conns, q->conn_id);
	struct problem p = {};

	q->broker->auth.asked--;
	if (!c || !conn_is_open(c))
		;
	else if (err == OK)
		q->accept(c, q, rows);
	else if (err == ERR_UNAVAILABLE)
		ask_again(c, q);
	else
		conn_refuse(c, q->ref, NULL, err, &p);
	question_free(q);
}

static enum err
send_question(struct conn *c, const struct credentials *who, const char *ref,
	      const struct db_call *calls, int count, accept_fn *accept)
{
	struct broker *b = c->broker;
	struct question *q = xcalloc(1, sizeof(*q));
	enum err e;

	*q = (struct question){
		.broker = b, .conn_id = c->id, .who = *who, .accept = accept
	};
	q->ref = ref ? xstrdup(ref) : NULL;
	q->asks_rooms = count > 2;
	e = store_send(b->store, LINE_OPEN, calls, count, on_answer, q);
	if (e == OK)
		b->auth.asked++;
	else
		question_free(q);
	return e;
}

static enum err
ask(struct conn *c, const struct credentials *who, const char *ref)
{
	struct arena *a = c->broker->turn;
	/* the one room of a bound token may be anywhere among them */
	int64_t most = who->room_only.text[0] ? c->broker->config->max_rooms_per_user
					      : READY_ROOMS_MAX;
	struct db_call calls[4];
	int count = 0;

	calls[count++] = session_call(a, who->session_id.text, who->user_id.text);
	if (c->state != CONN_READY && !are_rooms_known(c)) {
		/* before the rooms of `ready`: a change between the two is told later,
		 * again */
		calls[count++] = audience_rooms_call(a, who->user_id.text);
		calls[count++] = people_blocked_call(a, who->user_id.text);
	}
	calls[count++] = roomlog_recent_call(a, who->user_id.text, most);
	c->is_outdated = false;
	return send_question(c, who, ref, calls, count, accept_session);
}

/* ---- tickets ------------------------------------------------------------- */

/* It is valid: the connection waits, in front, like one that came with a token. */
static void
accept_ticket(struct conn *c, const struct question *q, const struct rows *rows)
{
	struct broker *b = c->broker;
	struct problem p = { .detail = "The ticket was already used, or has expired." };
	struct ticket ticket;

	free(c->ticket);
	c->ticket = NULL;
	(void)q;
	if (!ticket_from(&rows[0], &ticket)) {
		conn_refuse(c, NULL, NULL, ERR_UNAUTHENTICATED, &p);
		return;
	}
	c->who = (struct credentials){
		.user_id = ticket.user_id,
		.session_id = ticket.session_id,
		.expires_at_ms = b->now_ms + ticket.left_ms,
		.scopes = ticket.scopes,
		.room_only = ticket.room_id,
		.is_script = ticket.is_api_token,
	};
	wait_in_front(c);
}

/* ---- API tokens ---------------------------------------------------------- */

static void
accept_api_token(struct conn *c, const struct question *q, const struct rows *rows)
{
	struct broker *b = c->broker;
	struct problem p = {};
	struct api_token t;
	enum err e = api_token_read(&rows[0], &p, &t);

	(void)q;
	free(c->ticket);
	c->ticket = NULL;
	if (e != OK) {
		conn_refuse(c, c->auth_ref, NULL, e, &p);
		return;
	}
	c->who = (struct credentials){
		.user_id = t.user_id,
		.session_id = t.id,
		.expires_at_ms = b->now_ms + t.left_ms,
		.scopes = t.scopes,
		.room_only = t.room_id,
		.is_script = true,
	};
	wait_in_front(c);
}

static enum err
ask_whoever(struct conn *c)
{
	struct db_call call;

	if (!c->ticket)
		return ask(c, &c->who, c->auth_ref);
	call = c->is_api_token ? api_token_call(c->broker->turn, c->ticket)
			       : ticket_spend_call(c->broker->turn, c->ticket);
	return send_question(c, &c->who, NULL, &call, 1,
			     c->is_api_token ? accept_api_token : accept_ticket);
}

void
auth_kick(struct broker *b)
{
	struct link *waiting = &b->conns.states[CONN_WAITING], *first;

	while (b->auth.asked < AUTH_ASKED_MAX && (first = list_first(waiting)) &&
	       store_is_up(b->store, LINE_OPEN)) {
		struct conn *c = CONTAINER(first, struct conn, in_state);

		if (ask_whoever(c) != OK)
			return;
		conn_move(c, CONN_CHECKING);
	}
}

/* ---- tokens that come ---------------------------------------------------- */

static void
renew(struct conn *c, const struct credentials *who, const char *ref)
{
	struct problem p = {};

	if (strcmp(who->user_id.text, c->visitor->id.text) != 0) {
		p.detail = "This token belongs to another person.";
		conn_error(c, ref, NULL, ERR_FORBIDDEN, &p);
		return;
	}
	if (c->renewing || ask(c, who, ref) != OK) {
		p.retry_after_s = 2;
		conn_error(c, ref, NULL, ERR_UNAVAILABLE, &p);
		return;
	}
	c->renewing = true;
}

static void
wait_for_turn(struct conn *c)
{
	conn_move(c, CONN_WAITING);
	c->deadline_s = broker_clock_s(c->broker) + CONN_OPENING_S;
	conn_set_timer(c);
}

/* It cannot be renewed: the connection lasts as long as the token. */
static void
begin_api_token(struct conn *c, const char *token, const char *ref)
{
	struct problem p = { .detail = "An API token cannot renew a connection; open a "
				       "new one with it." };

	if (c->state == CONN_READY) {
		conn_error(c, ref, NULL, ERR_FORBIDDEN, &p);
		return;
	}
	c->ticket = xstrdup(secret_hash(c->broker->turn, token));
	c->is_api_token = true;
	c->auth_ref = ref ? xstrdup(ref) : NULL;
	wait_for_turn(c);
}

void
auth_begin(struct conn *c, const char *token, const char *ref)
{
	struct broker *b = c->broker;
	struct credentials who;
	struct problem p = {};
	enum err e;

	if (api_token_is(token)) {
		begin_api_token(c, token, ref);
		return;
	}
	e = check_token(b, token, &p, &who);
	if (e != OK && c->state == CONN_READY) {
		conn_error(c, ref, NULL, e, &p);
	} else if (e != OK) {
		conn_refuse(c, ref, NULL, e, &p);
	} else if (c->state == CONN_READY) {
		renew(c, &who, ref);
	} else {
		c->who = who;
		c->auth_ref = ref ? xstrdup(ref) : NULL;
		wait_for_turn(c);
	}
}

void
auth_begin_ticket(struct conn *c, const char *ticket)
{
	c->ticket = xstrdup(secret_hash(c->broker->turn, ticket));
	wait_for_turn(c);
}

static void
close_ended(struct broker *b, enum conn_state state)
{
	struct problem p = { .code = "session_ended",
			     .detail = "This session has ended." };

	LIST_EACH(&b->conns.states[state], item) {
		struct conn *c = CONTAINER(item, struct conn, in_state);

		if (revoked_has(b->revoked, c->who.session_id.text))
			conn_refuse(c, NULL, NULL, ERR_UNAUTHENTICATED, &p);
	}
}

void
auth_revoked(struct broker *b)
{
	close_ended(b, CONN_WAITING);
	close_ended(b, CONN_CHECKING);
	close_ended(b, CONN_READY);
}
