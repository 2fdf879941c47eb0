/* presence.c -- see presence.h: who is here. */
#include "broker/presence.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "shared/die.h"
#include "shared/session.h"

void
presence_init(struct presence *p, int64_t now_s)
{
	*p = (struct presence){};
	table_init(&p->people);
	wheel_init(&p->wheel, now_s);
	list_init(&p->fresh);
	list_init(&p->due);
	list_init(&p->asked);
}

static struct stay_rules
rules_of(const struct broker *b)
{
	return (struct stay_rules){ b->config->presence_grace_s,
				    b->config->away_after_s };
}

/* ---- attendees ----------------------------------------------------------- */

struct attendee *
presence_find(const struct broker *b, const char *user_id)
{
	struct table_node *n = table_find(&b->presence.people, user_id);

	return n ? CONTAINER(n, struct attendee, node) : NULL;
}

static struct attendee *
find_or_make(struct broker *b, const char *user_id)
{
	struct attendee *a = presence_find(b, user_id);

	if (a)
		return a;
	a = xcalloc(1, sizeof(*a));
	strncpy(a->id.text, user_id, UUID_TEXT_SIZE - 1);
	wheel_timer_init(&a->timer);
	list_init(&a->in_queue);
	table_add(&b->presence.people, &a->node, a->id.text);
	return a;
}

static void
attendee_free(struct table_node *n, void *arg)
{
	struct attendee *a = CONTAINER(n, struct attendee, node);
	struct broker *b = arg;

	table_remove(&b->presence.people, n);
	wheel_cancel(&a->timer);
	list_remove(&a->in_queue);
	free(a->told.text);
	free(a);
}

void
presence_done(struct broker *b)
{
	table_each(&b->presence.people, attendee_free, b);
	table_done(&b->presence.people);
}

enum presence_row
presence_row_of(const struct stay *s)
{
	if (!s->is_here)
		return ROW_NONE;
	return s->is_away ? ROW_AWAY : ROW_HERE;
}

static bool
has_work(const struct attendee *a)
{
	return a->row != presence_row_of(&a->stay) || a->must_read || a->must_note;
}

/* Changes while it is in flight are handled when it comes back. */
void
presence_look(struct broker *b, struct attendee *a)
{
	const struct stay_rules rules = rules_of(b);
	int64_t next_s;

	stay_pass(&a->stay, &rules, broker_clock_s(b));
	next_s = stay_next_s(&a->stay, &rules);
	if (next_s >= 0)
		wheel_set(&b->presence.wheel, &a->timer, next_s);
	else
		wheel_cancel(&a->timer);
	if (a->is_asked)
		return;
	if (has_work(a) && list_is_empty(&a->in_queue))
		list_add(&b->presence.fresh, &a->in_queue);
	else if (!has_work(a) && !a->stay.is_here)
		attendee_free(&a->node, b);
}

/* ---- coming, doing, going ------------------------------------------------ */

/* Until now others saw them as offline; if they chose to be, there is nothing to
 * tell. */
static void
presume(struct announced *t, const struct user *user)
{
	t->is_known = true;
	strcpy(t->status, "offline");
	strncpy(t->chosen, user->status, sizeof(t->chosen) - 1);
	t->text = user->status_text ? xstrdup(user->status_text) : NULL;
}

void
presence_enter(struct conn *c, const struct user *user)
{
	struct broker *b = c->broker;
	struct attendee *a;

	if (c->who.is_script)
		return;
	a = find_or_make(b, user->id);
	c->attendee = a;
	a->is_hidden = strcmp(user->status, "offline") == 0;
	if (!a->stay.is_here && !a->told.is_known)
		presume(&a->told, user);
	if (!a->stay.is_here)
		a->must_note = true;
	stay_enter(&a->stay, broker_clock_s(b));
	presence_look(b, a);
}

void
presence_leave(struct conn *c)
{
	struct broker *b = c->broker;
	struct attendee *a = c->attendee;

	if (!a)
		return;
	c->attendee = NULL;
	stay_leave(&a->stay, broker_clock_s(b));
	if (a->stay.devices == 0)
		presence_look(b, a);
}

void
presence_act(struct conn *c)
{
	struct broker *b = c->broker;
	struct attendee *a = c->attendee;
	bool was_away;

	if (!a)
		return;
	was_away = a->stay.is_away;
	stay_act(&a->stay, broker_clock_s(b));
	if (broker_clock_s(b) - a->noted_s >= SEEN_EVERY_MS / 1000)
		a->must_note = true;
	if (was_away || a->must_note)
		presence_look(b, a);
}

bool
presence_shows(const struct broker *b, const struct visitor *who,
	       const struct visitor *viewer)
{
	const struct attendee *a = presence_find(b, who->id.text);

	if (!a || a->stay.devices == 0)
		return false;
	return who == viewer ||
	       (!a->is_hidden && !visitor_is_blocked(viewer, who->id.text));
}

/* ---- changes from elsewhere ---------------------------------------------- */

void
presence_changed(struct broker *b, const char *user_id)
{
	struct attendee *a = find_or_make(b, user_id);

	a->must_read = true;
	presence_look(b, a);
}

static void
write_again(struct table_node *n, void *arg)
{
	struct attendee *a = CONTAINER(n, struct attendee, node);
	struct broker *b = arg;

	if (!a->stay.is_here)
		return;
	a->row = ROW_NONE;
	a->was_lost = true;
	a->must_read = true; /* and told if they are gone by then */
	presence_look(b, a);
}

void
presence_write_again(struct broker *b)
{
	table_each(&b->presence.people, write_again, b);
}

/* ---- as time passes ------------------------------------------------------ */

static void
is_due(struct wheel_timer *t, void *arg)
{
	presence_look(arg, CONTAINER(t, struct attendee, timer));
}

void
presence_tick(struct broker *b)
{
	struct presence *p = &b->presence;

	wheel_advance(&p->wheel, broker_clock_s(b), is_due, b);
	LIST_EACH(&p->fresh, item)
		list_add(&p->due, item);
	presence_sweep_due(b);
}
