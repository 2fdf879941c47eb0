/* signal.c -- see signal.h. */
#include "broker/signal.h"

#include <string.h>

#include "broker/broker.h"
#include "broker/flood.h"
#include "broker/signal_peers.h"
#include "shared/api_token.h"

enum { RETRY_S = 1, BACKLOG_PARTS = 2 };

struct signal_body {
	struct body_head head;
	struct uuid call_id, to;
};

static const struct body signal_body =
	BODY(struct signal_body, FIELD_ID(struct signal_body, call_id, REQUIRED),
	     FIELD_ID(struct signal_body, to, REQUIRED, .also = "user_id",
		      .about = "The person in the call who is to get it."));

static enum err
conflict(struct said *s, const char *detail)
{
	return problem_fail(&s->problem, ERR_CONFLICT, NULL, detail);
}

/* The sender's part in the call; checks that this is its device. */
static enum err
find_sender(struct said *s, const struct live_call **out_call, struct call_part **out)
{
	const struct signal_body *in = s->body;
	struct conn *c = s->conn;
	const struct live_call *call = calls_find(&c->broker->calls, in->call_id.text);
	struct call_part *me;

	if (!call || conn_check_room(c, &call->room_id) != OK)
		return ERR_NOT_FOUND;
	me = live_call_part(call, c->visitor->id.text);
	if (!me || !me->is_member)
		return ERR_NOT_FOUND;
	s->room_id = call->room_id.text;
	if (!call_part_is_in(me))
		return conflict(s, "You are not in this call.");
	if (!call_part_is_device(me, c))
		return conflict(s, "You are in this call with another device.");
	*out_call = call;
	*out = me;
	return OK;
}

static enum err
find_receiver(struct said *s, const struct live_call *call, const struct call_part *me,
	      struct call_part **out)
{
	const struct signal_body *in = s->body;
	struct call_part *other = live_call_part(call, in->to.text);

	if (!other)
		return ERR_NOT_FOUND;
	if (other == me)
		return conflict(s, "You cannot signal yourself.");
	if (!call_part_is_in(other))
		return conflict(s, "This person is not in the call.");
	*out = other;
	return OK;
}

static enum err
read_data(struct said *s, const char **out, size_t *out_len)
{
	int64_t max = s->conn->broker->config->max_signal_bytes;
	struct json *data = json_get(s->object, "data");

	if (json_kind_of(data) == JSON_NULL) {
		problem_field(&s->problem, "data", "required", "data is required.");
		return problem_fields_check(&s->problem);
	}
	*out = json_print(s->arena, data, out_len);
	if ((int64_t)*out_len <= max)
		return OK;
	return problem_fail(
		&s->problem, ERR_TOO_LARGE, NULL,
		arena_printf(s->arena, "data has at most %lld bytes.", (long long)max));
}

/* Half of the outbox is left for everything else. */
static bool
is_behind(const struct conn *c, size_t more)
{
	const struct outbox *o = &c->out;

	return (int64_t)(o->kept + o->end - o->begin + more) >
	       c->broker->config->max_outbox_bytes / BACKLOG_PARTS;
}

struct handing {
	struct bytes frame;
	int reached, behind;
};

static void
hand_to(struct conn *c, struct handing *h)
{
	if (is_behind(c, h->frame.len)) {
		h->behind++;
		return;
	}
	outbox_push(c, h->frame);
	h->reached++;
}

static void
hand_to_device(struct broker *b, const struct call_part *to, struct handing *h)
{
	const struct visitor *v = people_find(&b->people, to->user_id.text);
	struct conn *last = to->conn_id ? conns_find(&b->conns, to->conn_id) : NULL;

	if (last && last->state == CONN_READY && call_part_is_device(to, last)) {
		hand_to(last, h);
		return;
	}
	if (v)
		LIST_EACH(&v->conns, item) {
			struct conn *c = CONTAINER(item, struct conn, in_visitor);

			if (call_part_is_device(to, c))
				hand_to(c, h);
		}
}

enum signal_end
signal_hand_over(struct broker *b, const struct call_part *from,
		 const struct call_part *to, const char *data)
{
	struct json *o = frame_object(b->turn, "signal", NULL);
	struct handing h = {};

	json_put_text(o, "call_id", from->call->id.text);
	json_put_text(o, "from", from->user_id.text);
	json_put_raw(o, "data", data);
	h.frame = frame_json(b->turn, o);
	hand_to_device(b, to, &h);
	if (h.reached > 0)
		return SIGNAL_REACHED;
	return h.behind > 0 ? SIGNAL_BEHIND : SIGNAL_NOWHERE;
}

static enum err
do_signal(struct said *s)
{
	struct broker *b = s->conn->broker;
	const struct live_call *call = NULL;
	struct call_part *me = NULL, *to = NULL;
	const char *data = NULL;
	size_t len = 0;
	enum signal_end end;

	if (said_must_wait_for_call(s))
		return OK;
	TRY(flood_take_signal(s));
	TRY(read_data(s, &data, &len));
	TRY(find_sender(s, &call, &me));
	TRY(find_receiver(s, call, me, &to));
	me->conn_id = s->conn->id;
	end = signal_hand_over(b, me, to, data);
	if (end == SIGNAL_REACHED)
		return OK;
	if (end == SIGNAL_NOWHERE && !signal_has_peers(b))
		return conflict(s, SIGNAL_NOT_HERE);
	if (end == SIGNAL_NOWHERE && signal_tell_peers(s, me, to, data, len))
		return OK;
	return problem_retry(&s->problem, ERR_UNAVAILABLE, NULL,
			     "Their device is not reading fast enough; try again.",
			     RETRY_S);
}

const struct command signal_commands[] = {
	{ "signal", IN_READY, 0, TOKEN_POST, &signal_body,
	  MEMBERS(M("data", VALUE,
		    .about = "such as a session description or a candidate; at most "
			     "max_signal_bytes")),
	  do_signal, .automatic = true,
	  .about = "Send connection data to another participant of the call. It is "
		   "relayed unchanged to the device by which they are in the call, and "
		   "stored nowhere. Both must have joined. The only answer is an "
		   "`error`: `not_found` if the sender knows no such call or person, "
		   "`conflict` if one of the two is not in the call or not connected at "
		   "the moment." },
	{},
};
