/* wheel.h -- deadlines of many objects, in whole seconds.
 *
 * A hashed timer wheel (Varghese and Lauck, 1987): setting, moving and cancelling cost
 * the same however many there are, while a sorted list pays for each. Each object has
 * one deadline: the next point at which it is to be looked at. */
#pragma once

#include <stdint.h>

#include "broker/list.h"

struct wheel_timer {
	struct link link;
	int64_t at_s;
};

enum { WHEEL_SLOTS = 64 };

struct wheel {
	struct link slots[WHEEL_SLOTS];
	int64_t now_s; /* everything up to here has been run */
};

void wheel_init(struct wheel *w, int64_t now_s);

void wheel_timer_init(struct wheel_timer *t);
/* A deadline in the past becomes the next second. */
void wheel_set(struct wheel *w, struct wheel_timer *t, int64_t at_s);
void wheel_cancel(struct wheel_timer *t);

/* Run the timers due up to now_s; each is cancelled before its fn, which may set it
 * anew and may cancel others. */
void wheel_advance(struct wheel *w, int64_t now_s,
		   void (*fn)(struct wheel_timer *t, void *arg), void *arg);
