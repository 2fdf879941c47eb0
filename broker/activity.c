/* activity.c -- see activity.h. */
#include "broker/activity.h"

#include <stdlib.h>
#include <string.h>

#include "broker/activity_store.h"
#include "broker/broker.h"
#include "broker/store.h"
#include "shared/die.h"

/* A person who is to be told of a room; at most one per seat. */
struct debt {
	struct link in_owed;
	struct uuid user_id, room_id;
};

struct asked {
	struct uuid user_id, room_id;
	int64_t room_no;
};

struct question {
	struct broker *broker;
	int count;
	struct asked asked[ACTIVITY_ASK_MAX];
};

void
activity_init(struct activity *a)
{
	*a = (struct activity){};
	list_init(&a->moved);
	list_init(&a->owed);
}

static void
debt_free(struct debt *d)
{
	list_remove(&d->in_owed);
	free(d);
}

void
activity_done(struct activity *a)
{
	LIST_EACH(&a->owed, item)
		debt_free(CONTAINER(item, struct debt, in_owed));
}

/* ---- what moves ---------------------------------------------------------- */

/* A room's turn goes through its people from last to first: a person who takes the
 * place of one that leaves has been told already, and nobody is skipped. */
static void
begin_turn(struct crowd *crowd)
{
	crowd->is_begun = true;
	crowd->left = crowd->count;
	crowd->told = 0;
}

static void
wait_for_turn(struct broker *b, struct crowd *crowd)
{
	crowd->is_begun = crowd->moved_again = false;
	list_add(&b->activity.moved, &crowd->in_moved);
}

void
activity_hear(struct broker *b, const char *room_id, int64_t seq)
{
	struct crowd *crowd = audience_find(&b->audience, room_id);

	if (!crowd || seq <= crowd->seq)
		return;
	crowd->seq = seq;
	if (list_is_empty(&crowd->in_moved))
		wait_for_turn(b, crowd);
	else if (crowd->is_begun)
		crowd->moved_again = true;
}

static void
owe(struct broker *b, const struct visitor *v, const struct crowd *crowd,
    struct seat *seat)
{
	struct debt *d;

	if (seat->is_owed)
		return;
	seat->is_owed = true;
	d = xcalloc(1, sizeof(*d));
	d->user_id = v->id;
	d->room_id = crowd->id;
	list_init(&d->in_owed);
	list_add(&b->activity.owed, &d->in_owed);
}

/* Finds both, if this person is in this room. */
static struct seat *
seat_of(struct broker *b, const char *user_id, const char *room_id,
	struct visitor **out_visitor, struct crowd **out_crowd)
{
	*out_visitor = people_find(&b->people, user_id);
	*out_crowd = audience_find(&b->audience, room_id);
	return *out_visitor && *out_crowd ? audience_seat(*out_crowd, *out_visitor)
					  : NULL;
}

void
activity_owe(struct broker *b, const char *user_id, const char *room_id)
{
	struct visitor *v;
	struct crowd *crowd;
	struct seat *seat = seat_of(b, user_id, room_id, &v, &crowd);

	if (seat)
		owe(b, v, crowd, seat);
}

/* ---- telling ------------------------------------------------------------- */

static bool
is_to_be_told(const struct conn *c, const char *room_id)
{
	return membership_may_tell(c, room_id) && !membership_has_joined(c, room_id);
}

static bool
has_one_to_be_told(const struct visitor *v, const char *room_id)
{
	LIST_EACH(&v->conns, item)
		if (is_to_be_told(CONTAINER(item, struct conn, in_visitor), room_id))
			return true;
	return false;
}

static uint32_t
now_ds(const struct broker *b)
{
	return (uint32_t)(b->clock_ms / 100) & INT32_MAX;
}

static bool
was_just_told(const struct broker *b, const struct seat *seat)
{
	return now_ds(b) - seat->told_ds <= 10;
}

static struct bytes
frame_of(struct arena *a, const struct activity_row *row, const char *last)
{
	struct json *o = frame_object(a, "activity", NULL);

	json_put_text(o, "room_id", row->room_id);
	json_put_int(o, "seq", row->seq);
	json_put_int(o, "unread", row->unread);
	json_put_int(o, "mentions", row->mentions);
	json_put_raw(o, "last_message", row->sees_last ? last : NULL);
	return frame_json(a, o);
}

/* To their devices that have not joined. If a device is behind, the frame is owed. */
static void
tell(struct broker *b, const struct activity_row *row, const char *last)
{
	struct bytes frame = frame_of(b->turn, row, last);
	int64_t dropped = b->metrics.dropped;
	struct visitor *v;
	struct crowd *crowd;
	struct seat *seat = seat_of(b, row->user_id, row->room_id, &v, &crowd);

	if (!seat)
		return;
	seat->told_ds = now_ds(b) & INT32_MAX;
	if (!crowd->moved_again && list_is_empty(&crowd->in_moved))
		crowd->seq = row->seq; /* the reported seq may have been wrong */
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);

		if (is_to_be_told(c, row->room_id))
			outbox_push_ephemeral(c, frame);
	}
	if (b->metrics.dropped != dropped)
		owe(b, v, crowd, seat);
}

static void
tell_all(struct broker *b, const struct rows *rows)
{
	const char *last = NULL, *room_id = "";

	for (int i = 0; i < rows->count; i++) {
		struct activity_row row;

		activity_row_from(rows, i, &row);
		if (strcmp(room_id, row.room_id) != 0)
			last = NULL;
		room_id = row.room_id;
		if (row.last.seq)
			last = json_print(
				b->turn,
				json_event(b->turn, store_instance(b->store), &row.last),
				NULL);
		tell(b, &row, last);
	}
}

/* The line is down: all of them are owed it. */
static void
put_off(struct question *q)
{
	for (int i = 0; i < q->count; i++)
		activity_owe(q->broker, q->asked[i].user_id.text,
			     q->asked[i].room_id.text);
}

static void
on_answer(void *arg, enum err err, const struct rows *rows)
{
	struct question *q = arg;

	q->broker->activity.is_asking = false;
	if (err == OK)
		tell_all(q->broker, &rows[0]);
	else if (err == ERR_UNAVAILABLE)
		put_off(q);
	free(q);
}

/* ---- asking -------------------------------------------------------------- */

static void
add(struct question *q, const struct visitor *v, const struct crowd *crowd)
{
	q->asked[q->count++] = (struct asked){ v->id, crowd->id, crowd->no };
}

/* Those of one room are adjacent. */
static int
by_room(const void *x, const void *y)
{
	const struct asked *a = x, *b = y;

	return (a->room_no > b->room_no) - (a->room_no < b->room_no);
}

/* A person who was just told waits; one who has joined meanwhile, or left, is owed
 * nothing. */
static void
add_owed(struct broker *b, struct question *q)
{
	int looked = 0;

	LIST_EACH(&b->activity.owed, item) {
		struct debt *d = CONTAINER(item, struct debt, in_owed);
		struct visitor *v;
		struct crowd *crowd;
		struct seat *seat =
			seat_of(b, d->user_id.text, d->room_id.text, &v, &crowd);

		if (q->count == ACTIVITY_ASK_MAX / 2 || ++looked > ACTIVITY_LOOK_MAX)
			return;
		if (seat && was_just_told(b, seat))
			continue;
		if (seat)
			seat->is_owed = false;
		if (seat && has_one_to_be_told(v, d->room_id.text))
			add(q, v, crowd);
		debt_free(d);
	}
}

/* Some of a room's people. */
static void
add_slice(struct broker *b, struct question *q, struct crowd *crowd, int *looked)
{
	int most = q->count + ACTIVITY_SLICE;

	if (!crowd->is_begun)
		begin_turn(crowd);
	if (crowd->left > crowd->count)
		crowd->left = crowd->count;
	if (most > ACTIVITY_ASK_MAX)
		most = ACTIVITY_ASK_MAX;
	while (crowd->left > 0 && q->count < most && *looked < ACTIVITY_LOOK_MAX) {
		struct crowd_place *place = &crowd->people[--crowd->left];
		struct seat *seat = &place->visitor->seats.items[place->seat];

		++*looked;
		if (!has_one_to_be_told(place->visitor, crowd->id.text))
			continue;
		crowd->told++;
		if (was_just_told(b, seat))
			owe(b, place->visitor, crowd, seat);
		else
			add(q, place->visitor, crowd);
	}
}

static void
end_turn(struct broker *b, struct crowd *crowd)
{
	crowd->due_ms = b->clock_ms + ACTIVITY_ROOM_MS + crowd->told * ACTIVITY_PERSON_MS;
	list_remove(&crowd->in_moved);
	if (crowd->moved_again)
		wait_for_turn(b, crowd);
}

static void
add_moved(struct broker *b, struct question *q)
{
	int looked = 0;
	struct link later;

	list_init(&later);
	LIST_EACH(&b->activity.moved, item) {
		struct crowd *crowd = CONTAINER(item, struct crowd, in_moved);

		if (q->count >= ACTIVITY_ASK_MAX || looked >= ACTIVITY_LOOK_MAX)
			break;
		if (crowd->due_ms > b->clock_ms)
			continue;
		add_slice(b, q, crowd, &looked);
		if (crowd->left > 0)
			list_add(&later, item); /* the others first */
		else
			end_turn(b, crowd);
	}
	LIST_EACH(&later, item)
		list_add(&b->activity.moved, item);
}

static enum err
ask(struct broker *b, struct question *q)
{
	int64_t *nos = ARENA_ARRAY(b->turn, int64_t, (size_t)q->count);
	const char **ids = ARENA_ARRAY(b->turn, const char *, (size_t)q->count);
	struct db_call call;

	qsort(q->asked, (size_t)q->count, sizeof(q->asked[0]), by_room);
	for (int i = 0; i < q->count; i++) {
		nos[i] = q->asked[i].room_no;
		ids[i] = q->asked[i].user_id.text;
	}
	call = activity_call(b->turn, nos, ids, q->count);
	return store_send(b->store, LINE_NOTE, &call, 1, on_answer, q);
}

void
activity_tick(struct broker *b)
{
	struct activity *a = &b->activity;
	struct question *q;

	if (a->is_asking || (list_is_empty(&a->moved) && list_is_empty(&a->owed)) ||
	    !store_is_up(b->store, LINE_NOTE))
		return;
	q = xcalloc(1, sizeof(*q));
	q->broker = b;
	add_owed(b, q);
	add_moved(b, q);
	if (q->count == 0) {
		free(q);
		return;
	}
	if (ask(b, q) == OK) {
		a->is_asking = true;
		return;
	}
	put_off(q);
	free(q);
}
