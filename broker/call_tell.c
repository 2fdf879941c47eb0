/* call_tell.c -- calls.h: who is told of a call, and by which connections. */
#include <string.h>

#include "broker/broker.h"
#include "broker/calls.h"
#include "shared/api_token.h"

struct bytes
call_tell_frame(struct arena *a, const struct call *call, const char *ref)
{
	struct json *o = frame_object(a, "call", ref);

	json_put(o, "call", json_call(a, call));
	json_put_text(o, "action", call->action);
	json_put_text(o, "by", call->by);
	return frame_json(a, o);
}

bool
call_part_is_device(const struct call_part *p, const struct conn *c)
{
	return p->session_id.text[0] && !c->is_stream &&
	       strcmp(p->session_id.text, c->who.session_id.text) == 0;
}

bool
call_part_is_here(const struct broker *b, const struct call_part *p)
{
	const struct visitor *v = people_find(&b->people, p->user_id.text);

	if (v)
		LIST_EACH(&v->conns, item)
			if (call_part_is_device(p,
						CONTAINER(item, struct conn, in_visitor)))
				return true;
	return false;
}

static void
tell_one(struct conn *c, const struct call_part *p, struct bytes frame)
{
	if (c->is_stream || conn_check_room(c, &p->call->room_id) != OK)
		return;
	if (c->who.scopes & TOKEN_READ || call_part_is_device(p, c))
		outbox_push(c, frame);
}

static void
tell_part(struct broker *b, const struct call_part *p, struct bytes frame,
	  const struct conn *but)
{
	const struct visitor *v = people_find(&b->people, p->user_id.text);

	if (!v)
		return;
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);

		if (c != but)
			tell_one(c, p, frame);
	}
}

void
call_tell(struct broker *b, const struct live_call *c, const struct conn *but)
{
	struct call v = live_call_view(b->turn, c);
	struct bytes frame = call_tell_frame(b->turn, &v, NULL);

	for (int i = 0; i < c->part_count; i++)
		if (c->parts[i].is_member)
			tell_part(b, &c->parts[i], frame, but);
}

/* A person who had a part until now, and is put out of the room, is told so. */
static bool
is_put_out(const struct call_part *before, const struct call_participant *p)
{
	return before && !p->is_member && before->is_member &&
	       (call_part_is_in(before) || call_part_is_ringing(before));
}

void
call_tell_put_out(struct broker *b, const struct live_call *before,
		  const struct call *now)
{
	struct bytes frame = {};

	for (int i = 0; i < now->participant_count; i++) {
		const struct call_part *part =
			live_call_part(before, now->participants[i].user_id);

		if (!is_put_out(part, &now->participants[i]))
			continue;
		if (frame.len == 0)
			frame = call_tell_frame(b->turn, now, NULL);
		tell_part(b, part, frame, NULL);
	}
}

void
call_tell_returned(struct broker *b, struct live_call *c, const struct call *now)
{
	struct bytes frame = {};

	for (int i = 0; i < now->participant_count; i++) {
		struct call_part *part = live_call_part(c, now->participants[i].user_id);

		if (!part || part->is_member || !now->participants[i].is_member)
			continue;
		part->is_member = true;
		if (frame.len == 0)
			frame = call_tell_frame(b->turn, now, NULL);
		tell_part(b, part, frame, NULL);
	}
}

void
call_tell_greet(struct conn *c)
{
	struct broker *b = c->broker;
	struct table_node *n = table_find(&b->calls.callers, c->visitor->id.text);

	if (!n)
		return;
	LIST_EACH(&CONTAINER(n, struct caller, node)->parts, item) {
		struct call_part *p = CONTAINER(item, struct call_part, in_caller);
		struct call v;

		if (!p->is_member || !(call_part_is_in(p) || call_part_is_ringing(p)))
			continue;
		v = live_call_view(b->turn, p->call);
		tell_one(c, p, call_tell_frame(b->turn, &v, NULL));
	}
}
