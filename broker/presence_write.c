/* presence_write.c -- presence.h: what is written to the table, and read back, a batch
 * at a time. */
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/peers.h"
#include "broker/presence_store.h"
#include "broker/store.h"
#include "shared/die.h"
#include "shared/session.h"

/* ---- a batch ------------------------------------------------------------- */

/* A batch in flight, and the state that holds once it is committed. */
struct batch {
	struct broker *broker;
	int count, read_count;
	struct uuid ids[PRESENCE_BATCH];
	enum presence_row rows[PRESENCE_BATCH];
	bool is_edge[PRESENCE_BATCH];  /* we have to tell other brokers */
	bool is_noted[PRESENCE_BATCH]; /* last_seen_at is written */
	int reads[PRESENCE_BATCH];     /* indexes of ids */
};

static void
take_answer(struct batch *batch, int i, const struct rows *people, int row)
{
	struct broker *b = batch->broker;
	struct attendee *a = presence_find(b, batch->ids[i].text);
	struct presence_read now;
	bool shows;

	presence_read_from(people, row, &now);
	shows = presence_tell(b, a, &now);
	if ((shows || a->was_lost) && batch->is_edge[i])
		peers_tell(b, arena_printf(b->turn, "person %s", a->id.text));
	a->was_lost = false;
}

static void
come_back(struct batch *batch, enum err err)
{
	struct broker *b = batch->broker;

	for (int i = 0; i < batch->count; i++) {
		struct attendee *a = presence_find(b, batch->ids[i].text);

		list_remove(&a->in_queue);
		a->is_asked = false;
		if (err == OK)
			a->row = batch->rows[i];
		presence_look(b, a);
	}
}

/* Committed or not is unknown: it may be repeated. */
static void
ask_again(struct batch *batch)
{
	for (int i = 0; i < batch->count; i++) {
		struct attendee *a = presence_find(batch->broker, batch->ids[i].text);

		a->must_read = true;
		a->must_note |= batch->is_noted[i];
	}
}

static void
on_batch(void *arg, enum err err, const struct rows *rows)
{
	struct batch *batch = arg;
	const struct rows *people = rows; /* presence_read_call's are at 3 */

	if (err == OK)
		for (int i = 0; i < batch->read_count; i++)
			take_answer(batch, batch->reads[i], &people[3], i);
	else
		ask_again(batch);
	come_back(batch, err);
	free(batch);
}

/* Arguments of the statements. */
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
	enum presence_row row = presence_row_of(&a->stay);

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
	batch->is_noted[i] = a->must_note;
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

/* ---- brokers that are no more -------------------------------------------- */

/* People whose broker is dead: gone, unless they are here. */
static void
on_swept(void *arg, enum err err, const struct rows *rows)
{
	struct broker *b = arg;

	b->presence.is_sweeping = false;
	if (err != OK)
		return; /* the next sweep does it */
	for (int i = 0; i < rows[0].count; i++) {
		const char *id = rows_text(&rows[0], i, 0);

		presence_changed(b, id);
		peers_tell(b, arena_printf(b->turn, "person %s", id));
	}
	if (rows[0].count == PRESENCE_SWEEP)
		b->presence.sweep_s = 0;
}

void
presence_sweep_due(struct broker *b)
{
	struct presence *p = &b->presence;
	struct db_call call;

	if (!b->peers.has_row || p->is_sweeping || broker_clock_s(b) < p->sweep_s)
		return;
	call = presence_sweep_call(b->turn, b->peers.id.text);
	p->sweep_s = broker_clock_s(b) + PRESENCE_SWEEP_S;
	p->is_sweeping = store_send(b->store, LINE_NOTE, &call, 1, on_swept, b) == OK;
}
