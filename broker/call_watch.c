/* call_watch.c -- calls.h, as time passes: changes by others, calls that are due, and
 * who is still there.
 *
 * Every second all versions are compared with ours, so a lost wake-up costs a second.
 * Twice a second calls are checked: not answered in time, somebody banned or signed out
 * or gone for good. Each time that is CALLS_CHECKED_MAX calls, the ones that have
 * waited longest: with more than twice as many it takes longer than a second. Anybody
 * about to change a call settles it first, whatever happens here. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/store.h"
#include "shared/calls_live.h"
#include "shared/die.h"

enum { UNREAD_MAX = 100 * 1000, LOOK_EVERY_TICKS = 2, SEEN_PARTS = 4 };

static void
unsteady(struct calls *cs)
{
	cs->steady_s = -1;
}

/* ---- reading what is new ------------------------------------------------- */

struct reading {
	struct broker *broker;
	int count;
	struct uuid ids[];
};

void
calls_hear(struct broker *b, const char *call_id, int64_t version)
{
	struct call_ids *unread = &b->calls.unread;
	const struct live_call *c = calls_find(&b->calls, call_id);

	if ((c && c->version >= version) || unread->count == UNREAD_MAX)
		return;
	if (unread->count == unread->cap) {
		unread->cap = unread->cap ? 2 * unread->cap : 16;
		unread->items = xrealloc(unread->items,
					 (size_t)unread->cap * sizeof(*unread->items));
	}
	unread->items[unread->count] = (struct uuid){};
	strncpy(unread->items[unread->count++].text, call_id, UUID_TEXT_SIZE - 1);
}

static void
take_all(struct broker *b, const struct rows *rows,
	 void (*take)(struct broker *b, const struct call *call, const struct conn *but))
{
	struct call *told;
	int count;

	calls_tell_read(b->turn, rows, &count, &told);
	for (int i = 0; i < count; i++)
		take(b, &told[i], NULL);
}

static bool
has_row(const struct rows *rows, const char *id)
{
	for (int i = 0; i < rows->count; i++)
		if (strcmp(rows_text(rows, i, 0), id) == 0)
			return true;
	return false;
}

static void
on_read(void *arg, enum err err, const struct rows *rows)
{
	struct reading *r = arg;
	struct broker *b = r->broker;
	struct calls *cs = &b->calls;

	cs->is_reading = false;
	if (err == OK) {
		take_all(b, rows, calls_take);
		for (int i = 0; i < r->count; i++) {
			struct live_call *c = calls_find(cs, r->ids[i].text);

			if (c && !has_row(rows, r->ids[i].text))
				calls_take_removal(b, c);
		}
		if (cs->looked_ms && cs->unread.count == 0)
			cs->is_loaded = true;
	}
	free(r);
}

static const char *
ids_of(struct arena *a, const struct uuid *ids, int count)
{
	const char **texts = ARENA_ARRAY(a, const char *, (size_t)count);

	for (int i = 0; i < count; i++)
		texts[i] = ids[i].text;
	return db_array(a, texts, count);
}

/* Calls that cannot be read now are found by the next look. */
void
calls_kick(struct broker *b)
{
	struct calls *cs = &b->calls;
	struct call_ids *unread = &cs->unread;
	int count = unread->count < CALLS_READ_MAX ? unread->count : CALLS_READ_MAX;
	struct reading *r;
	struct db_call call;

	if (cs->is_reading || count == 0)
		return;
	r = xcalloc(1, sizeof(*r) + (size_t)count * sizeof(*r->ids));
	r->broker = b;
	r->count = count;
	unread->count -= count;
	memcpy(r->ids, unread->items + unread->count, (size_t)count * sizeof(*r->ids));
	call = calls_tell_call(b->turn, ids_of(b->turn, r->ids, count));
	if (store_send(b->store, LINE_READ, &call, 1, on_read, r) == OK)
		cs->is_reading = true;
	else
		free(r);
}

/* ---- comparing with the database ----------------------------------------- */

struct looking {
	struct broker *broker;
	int64_t number, asked_ms;
};

/* A call that was open and is not among the rows has ended, or is gone. */
static void
hear_the_missing(struct broker *b, int64_t number)
{
	LIST_EACH(&b->calls.open, item) {
		const struct live_call *c = CONTAINER(item, struct live_call, in_list);

		if (c->looked < number)
			calls_hear(b, c->id.text, INT64_MAX);
	}
}

/* Somebody who was out of the room when the call ended, and is back before membership.c
 * has looked, hears neither of that nor of the end: read the call again for a while. */
static void
hear_who_returns(struct broker *b)
{
	LIST_EACH(&b->calls.over, item) {
		const struct live_call *c = CONTAINER(item, struct live_call, in_list);

		if (c->over_s + CALLS_RETURN_S < broker_clock_s(b))
			continue;
		for (int i = 0; i < c->part_count; i++)
			if (!c->parts[i].is_member) {
				calls_hear(b, c->id.text, INT64_MAX);
				break;
			}
	}
}

static void
take_look(struct broker *b, const struct rows *rows, int64_t number)
{
	for (int i = 0; i < rows->count; i++) {
		const char *id = rows_text(rows, i, CALLS_LOOK_ID);
		struct live_call *c = calls_find(&b->calls, id);

		if (c)
			c->looked = number;
		calls_hear(b, id, rows_int(rows, i, CALLS_LOOK_VERSION));
	}
	hear_the_missing(b, number);
}

static void
on_look(void *arg, enum err err, const struct rows *rows)
{
	struct looking *l = arg;
	struct broker *b = l->broker;
	struct calls *cs = &b->calls;

	cs->is_looking = false;
	if (err == OK) {
		take_look(b, rows, l->number);
		cs->looked_ms = l->asked_ms;
		if (cs->unread.count == 0 && !cs->is_reading)
			cs->is_loaded = true;
		if (cs->steady_s < 0)
			cs->steady_s = broker_clock_s(b);
	} else {
		unsteady(cs);
	}
	free(l);
}

static void
look(struct broker *b)
{
	struct calls *cs = &b->calls;
	int64_t age_ms = cs->looked_ms ? b->clock_ms - cs->looked_ms : 0;
	struct db_call call = calls_look_call(b->turn, age_ms);
	struct looking *l;

	if (cs->is_looking)
		return;
	l = xcalloc(1, sizeof(*l));
	*l = (struct looking){ b, ++cs->looks, b->clock_ms };
	if (store_send(b->store, LINE_READ, &call, 1, on_look, l) == OK) {
		cs->is_looking = true;
	} else {
		unsteady(cs);
		free(l);
	}
}

/* ---- what is due --------------------------------------------------------- */

static void
on_checked(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;

	b->calls.is_checking = false;
	if (err == OK)
		take_all(b, &rows[CALLS_CHECK_CALLS - 1], calls_take_own);
	else
		unsteady(&b->calls);
}

/* The calls that have waited longest; they go to the end of the list. */
static int
take_turns(struct calls *cs, const char *out[CALLS_CHECKED_MAX])
{
	struct link *items[CALLS_CHECKED_MAX];
	int count = 0;

	LIST_EACH(&cs->open, item) {
		if (count == CALLS_CHECKED_MAX)
			break;
		items[count] = item;
		out[count++] = CONTAINER(item, struct live_call, in_list)->id.text;
	}
	for (int i = 0; i < count; i++)
		list_add(&cs->open, items[i]);
	return count;
}

static void
check(struct broker *b)
{
	struct calls *cs = &b->calls;
	int64_t grace_s = b->config->call_grace_s;
	bool is_steady = cs->steady_s >= 0 && broker_clock_s(b) - cs->steady_s >= grace_s;
	const char *ids[CALLS_CHECKED_MAX];
	struct db_call calls[CALLS_CHECK_CALLS];
	int count;

	if (cs->is_checking)
		return;
	count = take_turns(cs, ids);
	if (count == 0)
		return;
	calls_check_calls(b->turn, db_array(b->turn, ids, count), is_steady ? grace_s : 0,
			  calls);
	if (store_send(b->store, LINE_JOIN, calls, CALLS_CHECK_CALLS, on_checked, b) ==
	    OK)
		cs->is_checking = true;
	else
		unsteady(cs);
}

/* ---- who is there -------------------------------------------------------- */

/* Devices to be noted as seen. */
struct seen {
	const char **calls, **users, **sessions;
	int count, cap;
};

static const char **
grown(struct arena *a, const char **from, int count, int cap)
{
	const char **to = ARENA_ARRAY(a, const char *, (size_t)cap);

	if (count > 0)
		memcpy(to, from, (size_t)count * sizeof(*to));
	return to;
}

static void
add_seen(struct arena *a, struct seen *s, const struct call_part *p)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 32;
		s->calls = grown(a, s->calls, s->count, s->cap);
		s->users = grown(a, s->users, s->count, s->cap);
		s->sessions = grown(a, s->sessions, s->count, s->cap);
	}
	s->calls[s->count] = p->call->id.text;
	s->users[s->count] = p->user_id.text;
	s->sessions[s->count++] = p->session_id.text;
}

/* From time to time while it is connected, and once more when it is gone. */
static bool
is_to_be_noted(const struct broker *b, struct call_part *p)
{
	int64_t every_s = b->config->call_grace_s / SEEN_PARTS, now_s = broker_clock_s(b);
	bool is_here = call_part_is_here(b, p);
	bool is_due = is_here != p->was_here ||
		      (is_here && now_s - p->seen_s >= (every_s > 0 ? every_s : 1));

	p->was_here = is_here;
	if (is_due)
		p->seen_s = now_s;
	return is_due;
}

static void
on_seen(void *arg, enum err err, const struct rows *rows)
{
	(void)rows;
	if (err != OK)
		unsteady(arg);
}

/* On the line of check(), and before it: if this broker stood still for longer than the
 * grace period, the devices that are connected to it have not been seen for as long. */
static void
note_seen(struct broker *b)
{
	struct arena *a = b->turn;
	struct seen s = {};
	struct db_call call;

	LIST_EACH(&b->calls.open, item) {
		struct live_call *c = CONTAINER(item, struct live_call, in_list);

		for (int i = 0; i < c->part_count; i++)
			if (call_part_is_in(&c->parts[i]) &&
			    is_to_be_noted(b, &c->parts[i]))
				add_seen(a, &s, &c->parts[i]);
	}
	if (s.count == 0)
		return;
	call = calls_seen_call(a, db_array(a, s.calls, s.count),
			       db_array(a, s.users, s.count),
			       db_array(a, s.sessions, s.count));
	if (store_send(b->store, LINE_JOIN, &call, 1, on_seen, &b->calls) != OK)
		unsteady(&b->calls);
}

void
calls_tick(struct broker *b)
{
	signals_tick(b);
	if (b->calls.ticks++ % LOOK_EVERY_TICKS == 0) {
		look(b);
		hear_who_returns(b);
		calls_forget_old(b);
	}
	note_seen(b);
	check(b);
}
