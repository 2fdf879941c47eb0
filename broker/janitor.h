/* janitor.h -- everything that is done because time passes, in one place.
 *
 * Owns: its timers. */
#pragma once

struct broker;
struct janitor;

enum {
	JANITOR_COMPARE_S = 3, /* rooms with the database */
	JANITOR_COOL_S = 10,   /* a room's recent frames are kept as long */
	JANITOR_SWEEP_S = 300, /* ended sessions that nobody asks for any more */
};

struct janitor *janitor_new(struct broker *b);
void janitor_free(struct janitor *j); /* NULL is fine */
