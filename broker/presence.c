/* presence.c -- see presence.h: who is here, and what is written of it. */
#include "broker/presence.h"

#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/commands.h"
#include "broker/peers.h"
#include "broker/presence_store.h"
#include "broker/store.h"
#include "shared/api_token.h"
#include "shared/die.h"
#include "shared/session.h"
#include "shared/status.h"

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

static struct attendee *
find(const struct broker *b, const char *user_id)
{
	struct table_node *n = table_find(&b->presence.people, user_id);

	return n ? CONTAINER(n, struct attendee, node) : NULL;
}

static struct attendee *
find_or_make(struct broker *b, const char *user_id)
{
	struct attendee *a = find(b, user_id);

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

static enum presence_row
row_of(const struct stay *s)
{
	if (!s->is_here)
		return ROW_NONE;
	return s->is_away ? ROW_AWAY : ROW_HERE;
}

static bool
has_work(const struct attendee *a)
{
	return a->row != row_of(&a->stay) || a->must_read || a->must_note;
}

/* What changes while it is in flight is looked at when it comes back. */
static void
look(struct broker *b, struct attendee *a)
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

/* Until now others saw them as offline; if they choose that, there is nothing to tell. */
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
	look(b, a);
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
		look(b, a);
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
		look(b, a);
}

bool
presence_shows(const struct broker *b, const struct visitor *who,
	       const struct visitor *viewer)
{
	const struct attendee *a = find(b, who->id.text);

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
	look(b, a);
}

static void
write_again(struct table_node *n, void *arg)
{
	struct attendee *a = CONTAINER(n, struct attendee, node);
	struct broker *b = arg;

	if (!a->stay.is_here)
		return;
	a->row = ROW_NONE;
	look(b, a);
}

void
presence_write_again(struct broker *b)
{
	table_each(&b->presence.people, write_again, b);
}

/* ---- a batch ------------------------------------------------------------- */

/* What is asked at once, and what we shall know if it was done. */
struct batch {
	struct broker *broker;
	int count, read_count;
	struct uuid ids[PRESENCE_BATCH];
	enum presence_row rows[PRESENCE_BATCH];
	bool is_edge[PRESENCE_BATCH]; /* others have to hear of it from us */
	int reads[PRESENCE_BATCH];    /* indexes of ids */
};

static void
take_answer(struct batch *batch, int i, const struct rows *people, int row)
{
	struct broker *b = batch->broker;
	struct attendee *a = find(b, batch->ids[i].text);
	struct presence_read now;

	presence_read_from(people, row, &now);
	if (presence_tell(b, a, &now) && batch->is_edge[i])
		peers_tell(b, arena_printf(b->turn, "person %s", a->id.text));
}

static void
come_back(struct batch *batch, enum err err)
{
	struct broker *b = batch->broker;

	for (int i = 0; i < batch->count; i++) {
		struct attendee *a = find(b, batch->ids[i].text);

		list_remove(&a->in_queue);
		a->is_asked = false;
		if (err == OK)
			a->row = batch->rows[i];
		look(b, a);
	}
}

/* Committed or not, nobody knows: it may be made again. */
static void
ask_again(struct batch *batch)
{
	for (int i = 0; i < batch->count; i++)
		find(batch->broker, batch->ids[i].text)->must_read = true;
}

static void
on_batch(void *arg, enum err err, const struct rows *rows)
{
	struct batch *batch = arg;
	const struct rows *people = rows; /* the last of three */

	if (err == OK)
		for (int i = 0; i < batch->read_count; i++)
			take_answer(batch, batch->reads[i], &people[3], i);
	else
		ask_again(batch);
	come_back(batch, err);
	free(batch);
}

/* The columns of the statements. */
struct lists {
	const char *put[PRESENCE_BATCH], *aways[PRESENCE_BATCH], *removed[PRESENCE_BATCH],
		*seen[PRESENCE_BATCH], *gone[PRESENCE_BATCH], *read[PRESENCE_BATCH];
	int64_t ago_ms[PRESENCE_BATCH];
	int put_count, removed_count, seen_count, read_count;
};

static void
list_seen(struct broker *b, struct attendee *a, struct lists *l)
{
	int64_t now_s = broker_clock_s(b), at_s = now_s;

	if (!a->stay.is_here && a->stay.left_s > 0)
		at_s = a->stay.left_s;
	l->seen[l->seen_count] = a->id.text;
	l->ago_ms[l->seen_count] = (now_s - at_s) * 1000;
	l->gone[l->seen_count++] = a->stay.is_here ? "false" : "true";
	a->must_note = false;
	a->noted_s = now_s;
}

static void
list_attendee(struct broker *b, struct attendee *a, struct batch *batch, struct lists *l)
{
	int i = batch->count++;
	enum presence_row row = row_of(&a->stay);

	batch->ids[i] = a->id;
	batch->rows[i] = row;
	batch->is_edge[i] = row != a->row;
	if (row == ROW_NONE && row != a->row) {
		l->removed[l->removed_count++] = a->id.text;
		a->must_note = true;
	} else if (row != a->row) {
		l->put[l->put_count] = a->id.text;
		l->aways[l->put_count++] = row == ROW_AWAY ? "true" : "false";
	}
	if (a->must_note)
		list_seen(b, a, l);
	if (row != a->row || a->must_read) {
		batch->reads[batch->read_count++] = i;
		l->read[l->read_count++] = a->id.text;
	}
	a->must_read = false;
	a->is_asked = true;
	list_add(&b->presence.asked, &a->in_queue);
}

void
presence_kick(struct broker *b)
{
	struct presence *p = &b->presence;
	struct lists *l;
	struct batch *batch;

	if (list_is_empty(&p->due) || !list_is_empty(&p->asked) || !b->peers.has_row ||
	    !store_is_up(b->store, LINE_NOTE))
		return;
	l = ARENA_NEW(b->turn, struct lists);
	batch = xcalloc(1, sizeof(*batch));
	batch->broker = b;
	LIST_EACH(&p->due, item) {
		if (batch->count == PRESENCE_BATCH)
			break;
		list_attendee(b, CONTAINER(item, struct attendee, in_queue), batch, l);
	}
	const struct db_call calls[] = {
		presence_put_call(b->turn, b->peers.id.text, l->put, l->aways,
				  l->put_count),
		presence_remove_call(b->turn, b->peers.id.text, l->removed,
				     l->removed_count),
		presence_seen_call(b->turn, l->seen, l->ago_ms, l->gone, l->seen_count),
		presence_read_call(b->turn, l->read, l->read_count,
				   b->config->presence_room_members),
	};

	if (store_send(b->store, LINE_NOTE, calls, 4, on_batch, batch) != OK)
		on_batch(batch, ERR_UNAVAILABLE, NULL);
}

/* ---- as time passes ------------------------------------------------------ */

static void
is_due(struct wheel_timer *t, void *arg)
{
	look(arg, CONTAINER(t, struct attendee, timer));
}

/* Those whose broker is no more: gone, unless they are here. */
static void
on_swept(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;

	b->presence.is_sweeping = false;
	if (err != OK)
		return; /* the next time */
	for (int i = 0; i < rows[0].count; i++) {
		const char *id = rows_text(&rows[0], i, 0);

		presence_changed(b, id);
		peers_tell(b, arena_printf(b->turn, "person %s", id));
	}
	if (rows[0].count == PRESENCE_SWEEP)
		b->presence.sweep_s = 0;
}

static void
sweep(struct broker *b)
{
	struct presence *p = &b->presence;
	struct db_call call;

	if (p->is_sweeping || broker_clock_s(b) < p->sweep_s)
		return;
	call = presence_sweep_call(b->turn);
	p->sweep_s = broker_clock_s(b) + PRESENCE_SWEEP_S;
	p->is_sweeping = store_send(b->store, LINE_NOTE, &call, 1, on_swept, b) == OK;
}

void
presence_tick(struct broker *b)
{
	struct presence *p = &b->presence;

	wheel_advance(&p->wheel, broker_clock_s(b), is_due, b);
	LIST_EACH(&p->fresh, item)
		list_add(&p->due, item);
	if (b->peers.has_row)
		sweep(b);
}
