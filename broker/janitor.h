/* janitor.h -- all periodic work, in one place.
 *
 * Owns: its timers. */
#pragma once

struct broker;
struct janitor;

enum {
	JANITOR_COMPARE_S = 3, /* compares rooms with the database */
	JANITOR_COOL_S = 10,   /* a quiet room keeps its recent frames this long */
	JANITOR_SWEEP_S = 300, /* sweeps ended sessions that nothing asks for any more */
};

struct janitor *janitor_new(struct broker *b);
void janitor_free(struct janitor *j); /* NULL is fine */
