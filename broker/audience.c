/* audience.c -- see audience.h. Each side is an array whose items hold the index of
 * their counterpart in the other; a removed item is replaced by the last one. */
#include "broker/audience.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/people.h"
#include "shared/die.h"

void
audience_init(struct audience *au)
{
	table_init(&au->by_id);
	list_init(&au->all);
}

void
audience_done(struct audience *au)
{
	assert(au->by_id.count == 0);
	table_done(&au->by_id);
}

/* ---- asking -------------------------------------------------------------- */

struct crowd *
audience_find(const struct audience *au, const char *room_id)
{
	struct table_node *n = table_find(&au->by_id, room_id);

	return n ? CONTAINER(n, struct crowd, node) : NULL;
}

/* Searches the shorter of the two lists: a lobby is long, and a person's list may
 * be. */
struct seat *
audience_seat(const struct crowd *crowd, const struct visitor *v)
{
	if (crowd->count < v->seats.count) {
		for (uint32_t i = 0; i < crowd->count; i++)
			if (crowd->people[i].visitor == v)
				return &v->seats.items[crowd->people[i].seat];
		return NULL;
	}
	for (uint32_t i = 0; i < v->seats.count; i++)
		if (v->seats.items[i].crowd == crowd)
			return &v->seats.items[i];
	return NULL;
}

bool
audience_is_member(const struct audience *au, const struct visitor *v,
		   const char *room_id)
{
	const struct crowd *crowd = audience_find(au, room_id);

	return crowd && audience_seat(crowd, v);
}

void
audience_each_visitor(const struct audience *au, const char *room_id,
		      void (*fn)(struct visitor *v, void *arg), void *arg)
{
	const struct crowd *crowd = audience_find(au, room_id);

	for (uint32_t i = 0; crowd && i < crowd->count; i++)
		fn(crowd->people[i].visitor, arg);
}

void
audience_each_room(const struct visitor *v,
		   void (*fn)(const struct crowd *room, void *arg), void *arg)
{
	for (uint32_t i = 0; i < v->seats.count; i++)
		fn(v->seats.items[i].crowd, arg);
}

/* ---- changing ------------------------------------------------------------ */

static struct crowd *
crowd_new(struct audience *au, const struct crowd_facts *room)
{
	struct crowd *crowd = xcalloc(1, sizeof(*crowd));

	strncpy(crowd->id.text, room->id, sizeof(crowd->id.text) - 1);
	crowd->no = room->no;
	crowd->seq = room->seq;
	crowd->is_public = room->is_public;
	list_init(&crowd->in_all);
	list_init(&crowd->in_moved);
	list_add(&au->all, &crowd->in_all);
	table_add(&au->by_id, &crowd->node, crowd->id.text);
	return crowd;
}

static void
crowd_free(struct audience *au, struct crowd *crowd)
{
	table_remove(&au->by_id, &crowd->node);
	list_remove(&crowd->in_all);
	list_remove(&crowd->in_moved);
	free(crowd->people);
	free(crowd);
}

/* Makes space for one more. */
static void *
grown(void *items, uint32_t count, uint32_t *cap, size_t size)
{
	if (count < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 1;
	return xrealloc(items, *cap * size);
}

bool
audience_add(struct audience *au, struct visitor *v, const struct crowd_facts *room)
{
	struct crowd *crowd = audience_find(au, room->id);
	struct seats *s = &v->seats;

	if (crowd && audience_seat(crowd, v))
		return false;
	if (!crowd)
		crowd = crowd_new(au, room);
	crowd->people =
		grown(crowd->people, crowd->count, &crowd->cap, sizeof(*crowd->people));
	s->items = grown(s->items, s->count, &s->cap, sizeof(*s->items));
	crowd->people[crowd->count] = (struct crowd_place){ v, s->count };
	s->items[s->count] = (struct seat){ .crowd = crowd, .place = crowd->count };
	crowd->count++;
	s->count++;
	return true;
}

/* Updates both sides: the last item of each list takes the free place. */
static void
unseat(struct audience *au, struct visitor *v, uint32_t at)
{
	struct seats *s = &v->seats;
	struct crowd *crowd = s->items[at].crowd;
	uint32_t place = s->items[at].place;
	const struct crowd_place *last = &crowd->people[--crowd->count];

	crowd->people[place] = *last;
	last->visitor->seats.items[last->seat].place = place;
	s->items[at] = s->items[--s->count];
	if (at < s->count)
		s->items[at].crowd->people[s->items[at].place].seat = at;
	if (crowd->count == 0)
		crowd_free(au, crowd);
}

bool
audience_remove(struct audience *au, struct visitor *v, const char *room_id)
{
	const struct crowd *crowd = audience_find(au, room_id);
	const struct seat *seat = crowd ? audience_seat(crowd, v) : NULL;

	if (!seat)
		return false;
	unseat(au, v, (uint32_t)(seat - v->seats.items));
	return true;
}

void
audience_forget(struct audience *au, struct visitor *v)
{
	while (v->seats.count > 0)
		unseat(au, v, v->seats.count - 1);
	free(v->seats.items);
	v->seats = (struct seats){};
}

static void
check_crowd(struct table_node *n, void *arg)
{
	const struct crowd *crowd = CONTAINER(n, struct crowd, node);
	size_t *people = arg;

	assert(crowd->count > 0);
	for (uint32_t i = 0; i < crowd->count; i++) {
		const struct crowd_place *p = &crowd->people[i];

		assert(p->seat < p->visitor->seats.count);
		assert(p->visitor->seats.items[p->seat].crowd == crowd);
		assert(p->visitor->seats.items[p->seat].place == i);
	}
	*people += crowd->count;
}

void
audience_check(struct audience *au)
{
	size_t people = 0;

	table_each(&au->by_id, check_crowd, &people);
	(void)people;
}
