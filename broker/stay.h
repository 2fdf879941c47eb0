/* stay.h -- is somebody here, and active? The rules alone; knows no clock, no
 * connection and no database.
 *
 * A person is here from their first device on until a grace period after the last one
 * has gone: coming back within it counts as never having left. They are away when they
 * have done nothing on any device for some time, and back with whatever they do next;
 * connecting a device counts as doing something only for the first one. Times are
 * seconds of any clock that does not run backwards. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct stay {
	int devices;
	bool is_here, is_away;
	int64_t active_s; /* when they last did something */
	int64_t left_s;	  /* if devices is 0: when the last one went */
};

struct stay_rules {
	int64_t grace_s, away_s;
};

void stay_enter(struct stay *s, int64_t now_s);
void stay_leave(struct stay *s, int64_t now_s);
void stay_act(struct stay *s, int64_t now_s);
/* Time has passed. */
void stay_pass(struct stay *s, const struct stay_rules *rules, int64_t now_s);
/* When to call stay_pass() next; -1: nothing is due. */
int64_t stay_next_s(const struct stay *s, const struct stay_rules *rules);
