/* wheel.c -- see wheel.h. A timer further off than one revolution of the wheel is
 * visited once per revolution and stays. */
#include "broker/wheel.h"

void
wheel_init(struct wheel *w, int64_t now_s)
{
	for (int i = 0; i < WHEEL_SLOTS; i++)
		list_init(&w->slots[i]);
	w->now_s = now_s;
}

void
wheel_timer_init(struct wheel_timer *t)
{
	list_init(&t->link);
	t->at_s = 0;
}

void
wheel_set(struct wheel *w, struct wheel_timer *t, int64_t at_s)
{
	t->at_s = at_s > w->now_s ? at_s : w->now_s + 1;
	list_add(&w->slots[t->at_s % WHEEL_SLOTS], &t->link);
}

void
wheel_cancel(struct wheel_timer *t)
{
	list_remove(&t->link);
}

/* fn may cancel others, so due timers are moved aside first: a timer that is cancelled
 * there is simply gone. */
static void
run_slot(struct wheel *w, void (*fn)(struct wheel_timer *t, void *arg), void *arg)
{
	struct link due;

	list_init(&due);
	LIST_EACH(&w->slots[w->now_s % WHEEL_SLOTS], item)
		if (CONTAINER(item, struct wheel_timer, link)->at_s <= w->now_s)
			list_add(&due, item);
	for (struct link *item; (item = list_first(&due));) {
		list_remove(item);
		fn(CONTAINER(item, struct wheel_timer, link), arg);
	}
}

void
wheel_advance(struct wheel *w, int64_t now_s,
	      void (*fn)(struct wheel_timer *t, void *arg), void *arg)
{
	while (w->now_s < now_s) {
		w->now_s++;
		run_slot(w, fn, arg);
	}
}
