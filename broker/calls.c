/* calls.c -- see calls.h: the calls; call_tell.c tells people of them. */
#include "broker/calls.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "shared/die.h"

void
calls_init(struct calls *cs)
{
	*cs = (struct calls){ .steady_s = -1 };
	table_init(&cs->by_id);
	table_init(&cs->callers);
	list_init(&cs->open);
	list_init(&cs->over);
	list_init(&cs->resting);
}

/* ---- people -------------------------------------------------------------- */

static struct caller *
caller_of(struct calls *cs, const char *user_id)
{
	struct table_node *n = table_find(&cs->callers, user_id);
	struct caller *p;

	if (n)
		return CONTAINER(n, struct caller, node);
	p = xcalloc(1, sizeof(*p));
	list_init(&p->parts);
	strncpy(p->id.text, user_id, sizeof(p->id.text) - 1);
	table_add(&cs->callers, &p->node, p->id.text);
	return p;
}

static void
leave_caller(struct calls *cs, struct call_part *part)
{
	struct caller *p = part->caller;

	list_remove(&part->in_caller);
	if (!p || !list_is_empty(&p->parts))
		return;
	table_remove(&cs->callers, &p->node);
	free(p);
}

/* ---- calls --------------------------------------------------------------- */

struct live_call *
calls_find(const struct calls *cs, const char *call_id)
{
	struct table_node *n = table_find(&cs->by_id, call_id);

	return n ? CONTAINER(n, struct live_call, node) : NULL;
}

struct call_part *
live_call_part(const struct live_call *c, const char *user_id)
{
	for (int i = 0; i < c->part_count; i++)
		if (strcmp(c->parts[i].user_id.text, user_id) == 0)
			return &c->parts[i];
	return NULL;
}

bool
live_call_is_open(const struct live_call *c)
{
	return c->ended_at == 0;
}

bool
call_part_is_in(const struct call_part *p)
{
	return strcmp(p->state, "joined") == 0;
}

bool
call_part_is_ringing(const struct call_part *p)
{
	return strcmp(p->state, "ringing") == 0;
}

/* The table's own string, which is static; "" if it is in none. */
static const char *
word_of(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return *words;
	return "";
}

static void
set_uuid(struct uuid *to, const char *text)
{
	struct uuid id = {};

	if (text)
		strncpy(id.text, text, sizeof(id.text) - 1);
	*to = id; /* text may point into *to */
}

static void
drop_parts(struct calls *cs, struct live_call *c)
{
	for (int i = 0; i < c->part_count; i++)
		leave_caller(cs, &c->parts[i]);
	free(c->parts);
	c->parts = NULL;
	c->part_count = 0;
}

static void
forget(struct calls *cs, struct live_call *c)
{
	drop_parts(cs, c);
	list_remove(&c->in_list);
	table_remove(&cs->by_id, &c->node);
	free(c);
}

static struct live_call *
call_new(struct calls *cs, const char *id)
{
	struct live_call *c = xcalloc(1, sizeof(*c));

	list_init(&c->in_list);
	set_uuid(&c->id, id);
	table_add(&cs->by_id, &c->node, c->id.text);
	return c;
}

void
calls_forget_all(struct calls *cs)
{
	LIST_EACH(&cs->open, item)
		forget(cs, CONTAINER(item, struct live_call, in_list));
	LIST_EACH(&cs->over, item)
		forget(cs, CONTAINER(item, struct live_call, in_list));
	cs->unread.count = 0;
	cs->is_loaded = false;
	cs->looked_ms = 0;
	cs->steady_s = -1;
}

void
calls_done(struct calls *cs)
{
	calls_forget_all(cs);
	free(cs->unread.items);
	table_done(&cs->by_id);
	table_done(&cs->callers);
}

/* ---- taking over what was read ------------------------------------------- */

/* What we know of this device is kept, as long as it is the same. */
static void
keep_device(struct call_part *part, const struct call_part *before)
{
	if (!before || strcmp(before->session_id.text, part->session_id.text) != 0)
		return;
	part->conn_id = before->conn_id;
	part->was_here = before->was_here;
	part->seen_s = before->seen_s;
}

static void
set_part(struct calls *cs, struct live_call *c, struct call_part *part,
	 const struct call_participant *p)
{
	*part = (struct call_part){
		.call = c,
		.state = word_of(call_part_names, p->state),
		.is_member = p->is_member,
		.joined_at = p->joined_at,
		.left_at = p->left_at,
	};
	list_init(&part->in_caller);
	set_uuid(&part->user_id, p->user_id);
	set_uuid(&part->session_id, p->session_id);
	keep_device(part, live_call_part(c, p->user_id));
	if (!live_call_is_open(c))
		return;
	part->caller = caller_of(cs, p->user_id);
	list_add(&part->caller->parts, &part->in_caller);
}

static void
set_parts(struct calls *cs, struct live_call *c, const struct call *from)
{
	int count = from->participant_count;
	struct call_part *parts = xcalloc((size_t)count + 1, sizeof(*parts));

	for (int i = 0; i < count; i++)
		set_part(cs, c, &parts[i], &from->participants[i]);
	drop_parts(cs, c);
	c->parts = parts;
	c->part_count = count;
}

static void
set_call(struct broker *b, struct live_call *c, const struct call *from)
{
	struct calls *cs = &b->calls;

	set_uuid(&c->room_id, from->room_id);
	set_uuid(&c->initiator_id, from->initiator_id);
	set_uuid(&c->by, from->by);
	c->version = from->version;
	c->kind = word_of(call_kind_names, from->kind);
	c->state = word_of(call_state_names, from->state);
	c->action = word_of(call_happening_names, from->action);
	c->started_at = from->started_at;
	c->answered_at = from->answered_at;
	c->ended_at = from->ended_at;
	c->looked = cs->looks;
	set_parts(cs, c, from);
	c->over_s = broker_clock_s(b);
	list_add(live_call_is_open(c) ? &cs->open : &cs->over, &c->in_list);
}

struct call
live_call_view(struct arena *a, const struct live_call *c)
{
	struct call v = {
		.id = c->id.text,
		.room_id = c->room_id.text,
		.kind = c->kind,
		.state = c->state,
		.initiator_id = c->initiator_id.text,
		.started_at = c->started_at,
		.answered_at = c->answered_at,
		.ended_at = c->ended_at,
		.version = c->version,
		.action = c->action,
		.by = c->by.text[0] ? c->by.text : NULL,
		.participant_count = c->part_count,
		.participants =
			ARENA_ARRAY(a, struct call_participant, (size_t)c->part_count),
	};

	for (int i = 0; i < c->part_count; i++)
		v.participants[i] = (struct call_participant){
			.user_id = c->parts[i].user_id.text,
			.state = c->parts[i].state,
			.joined_at = c->parts[i].joined_at,
			.left_at = c->parts[i].left_at,
		};
	return v;
}

/* ---- what is new ---------------------------------------------------------- */

void
calls_take(struct broker *b, const struct call *call, const struct conn *but)
{
	struct calls *cs = &b->calls;
	struct live_call *c = calls_find(cs, call->id);
	/* at start, calls that are over already are no news */
	bool is_news = c || cs->is_loaded || call_is_open(call);

	if (c && c->version >= call->version) {
		if (c->version == call->version)
			call_tell_returned(b, c, call);
		return;
	}
	if (c)
		call_tell_put_out(b, c, call);
	else
		c = call_new(cs, call->id);
	set_call(b, c, call);
	if (is_news)
		call_tell(b, c, but);
}

void
calls_take_own(struct broker *b, const struct call *call, const struct conn *but)
{
	const struct live_call *c = calls_find(&b->calls, call->id);

	if (!c || c->version < call->version)
		peers_tell(b, arena_printf(b->turn, "call %s %lld", call->id,
					   (long long)call->version));
	calls_take(b, call, but);
}

void
calls_take_removal(struct broker *b, struct live_call *c)
{
	struct call v = live_call_view(b->turn, c);

	if (!live_call_is_open(c))
		return;
	v.version++;
	v.state = v.answered_at ? "ended" : "cancelled";
	v.ended_at = b->now_ms;
	v.action = "ended";
	v.by = NULL;
	for (int i = 0; i < v.participant_count; i++) {
		struct call_participant *p = &v.participants[i];

		p->is_member = c->parts[i].is_member;
		if (call_part_is_in(&c->parts[i])) {
			p->state = "left";
			p->left_at = b->now_ms;
		} else if (call_part_is_ringing(&c->parts[i])) {
			p->state = "missed";
		}
	}
	calls_take(b, &v, NULL);
}

void
calls_forget_old(struct broker *b)
{
	LIST_EACH(&b->calls.over, item) {
		struct live_call *c = CONTAINER(item, struct live_call, in_list);

		if (c->over_s + CALLS_KEPT_S > broker_clock_s(b))
			return;
		forget(&b->calls, c);
	}
}
