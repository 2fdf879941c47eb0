/* conns.c -- conn.h's index: an id is a slot, and a serial number that tells apart the
 * connections that used the slot one after the other. */
#include "broker/conn.h"

#include <stdlib.h>

#include "broker/broker.h"
#include "broker/wire.h"
#include "shared/die.h"

enum { SLOT_BITS = 24 };

void
conns_init(struct conns *cs, int64_t now_s)
{
	*cs = (struct conns){};
	for (int i = 0; i < CONN_STATE_COUNT; i++)
		list_init(&cs->states[i]);
	wheel_init(&cs->wheel, now_s);
}

void
conns_done(struct conns *cs)
{
	free(cs->slots);
	free(cs->free_slots);
}

static void
more_slots(struct conns *cs)
{
	uint32_t count = cs->slot_count ? cs->slot_count * 2 : 64;

	cs->slots = xrealloc(cs->slots, count * sizeof(*cs->slots));
	cs->free_slots = xrealloc(cs->free_slots, count * sizeof(*cs->free_slots));
	for (uint32_t i = cs->slot_count; i < count; i++) {
		cs->slots[i] = NULL;
		cs->free_slots[cs->free_count++] = i;
	}
	cs->slot_count = count;
}

void
conns_add(struct conns *cs, struct conn *c)
{
	uint32_t slot;

	if (cs->free_count == 0)
		more_slots(cs);
	slot = cs->free_slots[--cs->free_count];
	cs->slots[slot] = c;
	c->id = ++cs->serial << SLOT_BITS | slot;
	cs->count++;
}

static uint32_t
slot_of(uint64_t id)
{
	return id & ((1u << SLOT_BITS) - 1);
}

void
conns_remove(struct conns *cs, struct conn *c)
{
	cs->slots[slot_of(c->id)] = NULL;
	cs->free_slots[cs->free_count++] = slot_of(c->id);
	cs->count--;
}

struct conn *
conns_find(struct conns *cs, uint64_t id)
{
	uint32_t slot = slot_of(id);
	struct conn *c = slot < cs->slot_count ? cs->slots[slot] : NULL;

	return c && c->id == id ? c : NULL;
}

/* ---- the end of them -------------------------------------------------------- */

void
conns_bury(struct broker *b)
{
	struct conns *cs = &b->conns;
	int cuts = 0;

	LIST_EACH(&cs->states[CONN_DYING], item) {
		struct conn *c = CONTAINER(item, struct conn, in_state);

		if (cuts++ == CONN_CUTS_A_TURN && !b->draining)
			break;
		c->ops->tell(c->wire, WIRE_CLOSE);
	}
	LIST_EACH(&cs->states[CONN_GONE], item) {
		struct conn *c = CONTAINER(item, struct conn, in_state);

		list_remove(item);
		cs->counts[CONN_GONE]--;
		conns_remove(cs, c);
		free(c);
	}
}

bool
conns_have_dying(const struct conns *cs)
{
	return cs->counts[CONN_DYING] > 0;
}

void
conns_for_all(struct conns *cs, void (*fn)(struct conn *c))
{
	for (int state = CONN_STRANGER; state <= CONN_READY; state++)
		LIST_EACH(&cs->states[state], item)
			fn(CONTAINER(item, struct conn, in_state));
}
