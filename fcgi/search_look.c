/* search_look.c -- see search_look.h. */
#include "fcgi/search_look.h"

#include <stdlib.h>

enum { AT_ONCE = 600, TRIED = 128, ROUND_COSTS = 2, WANTED_MAX = 4, SOON = 2 };
/* As many lists as a search for two words needs if each word is in every tenth of ten
 * thousand messages. */
enum { LISTS_MAX = 10 };
enum { NOWHERE = 0, UNKNOWN = -1 };

struct term {
	struct search_list list;
	int at; /* this many of its places are done */
};

struct set {
	int count;
	struct term *terms;
	bool is_wide, is_read, is_new;
	int64_t floor; /* all its places from here up are known */
	int64_t step;  /* how far the last reading got */
};

struct search_look {
	struct arena *arena;
	int64_t place; /* all places from here up were returned */
	int set_count, term_count, lists, given;
	bool is_at_end;
	struct set *sets;
};

struct search_look *
search_look_new(struct arena *a, int64_t below, int max_sets)
{
	struct search_look *l = ARENA_NEW(a, struct search_look);

	l->arena = a;
	l->place = below;
	l->sets = ARENA_ARRAY(a, struct set, (size_t)max_sets);
	return l;
}

void
search_look_add(struct search_look *l, const int64_t *terms, int count, bool is_wide)
{
	struct set *s = &l->sets[l->set_count++];

	*s = (struct set){ .count = count, .is_wide = is_wide, .floor = l->place };
	s->terms = ARENA_ARRAY(l->arena, struct term, (size_t)count);
	for (int i = 0; i < count; i++)
		s->terms[i].list =
			(struct search_list){ .term = terms[i], .first = l->place };
	l->term_count += count;
}

bool
search_look_is_at_end(const struct search_look *l)
{
	return l->is_at_end;
}

int64_t
search_look_place(const struct search_look *l)
{
	return l->place;
}

bool
search_look_is_tired(const struct search_look *l)
{
	return l->lists >= LISTS_MAX;
}

/* ---- what is known ------------------------------------------------------- */

/* The term's greatest place below this one, as far as its lists were read. */
static int64_t
term_below(struct term *t, int64_t place)
{
	while (t->at < t->list.count && t->list.places[t->at] >= place)
		t->at++;
	return t->at < t->list.count ? t->list.places[t->at] : NOWHERE;
}

static int64_t
set_below(struct set *s, int64_t place)
{
	int64_t best = NOWHERE, one;

	for (int i = 0; i < s->count; i++) {
		one = term_below(&s->terms[i], place);
		best = one > best ? one : best;
	}
	return best < s->floor ? UNKNOWN : best;
}

/* The number of sets in use: at first without the wide one, which is the last. */
static int
set_count(const struct search_look *l)
{
	bool trying =
		l->set_count > 1 && l->sets[l->set_count - 1].is_wide && l->given < TRIED;

	return l->set_count - trying;
}

/* The next place that all sets have; UNKNOWN: read more lists, from l->place on. A set is
 * asked only about places on which those before it agree. */
static int64_t
meet(struct search_look *l)
{
	int64_t below = l->place, at;

	for (int i = 0; i < set_count(l);) {
		at = set_below(&l->sets[i], below);
		if (at == UNKNOWN)
			l->place = below;
		if (at == UNKNOWN || at == NOWHERE)
			return at;
		i = at + 1 == below || i == 0 ? i + 1 : 0;
		below = at + 1;
	}
	return l->place = below - 1;
}

/* ---- reading on ---------------------------------------------------------- */

/* How many lists of the term to read at once: the number grows while reading goes on
 * without a leap. */
static int
next_wanted(const struct search_look *l, const struct set *s, const struct search_list *t)
{
	if (!s->is_read || t->first - l->place >= s->step)
		return 1;
	return t->wanted < WANTED_MAX ? 2 * t->wanted : WANTED_MAX;
}

/* The lists to read for the set's terms, below the current place; also for terms that
 * will soon run out. */
static int
wanted(struct search_look *l, struct set *s, struct search_list *out[])
{
	int count = 0;

	for (int i = 0; i < s->count; i++) {
		struct term *t = &s->terms[i];
		bool has_some = term_below(t, l->place) != NOWHERE;

		if (t->list.first == 0 ||
		    (has_some && t->list.first < l->place - SOON * s->step))
			continue;
		t->list.wanted = next_wanted(l, s, &t->list);
		t->list.below = t->list.first < l->place ? t->list.first : l->place;
		if (!has_some)
			t->at = t->list.count = 0;
		out[count++] = &t->list;
	}
	s->is_read = s->is_new = true;
	return count;
}

static void
find_floor(struct search_look *l, struct set *s)
{
	int64_t top = 0;

	s->floor = 0;
	for (int i = 0; i < s->count; i++) {
		const struct search_list *list = &s->terms[i].list;

		if (list->first > s->floor)
			s->floor = list->first;
		if (list->count > 0 && list->places[0] > top)
			top = list->places[0];
	}
	s->step = (top < l->place ? top : l->place) - s->floor + 1;
	s->is_new = false;
}

/* Reads the missing lists of all sets. */
static enum err
read_on(struct search_look *l, struct db *db)
{
	struct search_list **lists =
		ARENA_ARRAY(l->arena, struct search_list *, (size_t)l->term_count);
	int count = 0, before;

	for (int i = 0; i < set_count(l); i++) {
		struct set *s = &l->sets[i];

		if (set_below(s, l->place) != UNKNOWN)
			continue;
		before = count;
		count += wanted(l, s, lists + count);
		l->lists += s->is_wide;
		for (int j = before; j < count && !s->is_wide; j++)
			l->lists += lists[j]->wanted;
	}
	TRY(search_lists_read(db, l->arena, lists, count));
	for (int i = 0; i < l->set_count; i++)
		if (l->sets[i].is_new)
			find_floor(l, &l->sets[i]);
	return OK;
}

/* ---- a rare set ---------------------------------------------------------- */

static int
compare_places(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

/* All known places of the set from here down, newest first; a place of two terms occurs
 * twice. */
static int
places_of(struct search_look *l, const struct set *s, int64_t **out)
{
	int max = 0, count = 0;

	for (int i = 0; i < s->count; i++)
		max += s->terms[i].list.count - s->terms[i].at;
	*out = ARENA_ARRAY(l->arena, int64_t, (size_t)max);
	for (int i = 0; i < s->count; i++)
		for (int j = s->terms[i].at; j < s->terms[i].list.count; j++) {
			int64_t place = s->terms[i].list.places[j];

			if (place < l->place && place >= s->floor)
				(*out)[count++] = place;
		}
	qsort(*out, (size_t)count, sizeof(int64_t), compare_places);
	return count;
}

/* The set that is known furthest down, if another one is not known there. */
static struct set *
furthest(struct search_look *l)
{
	struct set *best = NULL;
	bool others = false;

	for (int i = 0; i < set_count(l); i++)
		if (l->sets[i].is_read && (!best || l->sets[i].floor < best->floor))
			best = &l->sets[i];
	for (int i = 0; best && i < set_count(l); i++)
		others |= set_below(&l->sets[i], l->place) == UNKNOWN;
	return others && set_below(best, l->place) > 0 ? best : NULL;
}

/* Would it cost more to read the other sets down to `bottom` than to look at `count`
 * messages? The last reading of each set tells how far one gets. */
static bool
is_rare(struct search_look *l, const struct set *rare, int count, int64_t bottom)
{
	double cost = 0;

	for (int i = 0; i < set_count(l); i++) {
		struct set *s = &l->sets[i];

		if (s == rare || set_below(s, l->place) != UNKNOWN)
			continue;
		if (!s->is_read)
			return false;
		cost += (double)(l->place - bottom) / (double)s->step * ROUND_COSTS;
	}
	return count <= cost;
}

/* Returns the places of a rare set, if there is one. */
static int
give_rare(struct search_look *l, int64_t out[AT_ONCE])
{
	struct set *rare = furthest(l);
	int64_t *places;
	int count, unlike = 0;

	if (!rare)
		return 0;
	count = places_of(l, rare, &places);
	if (count == 0 || !is_rare(l, rare, count, places[count - 1]))
		return 0;
	for (int i = 0; i < count && unlike < AT_ONCE; i++)
		if (unlike == 0 || places[i] != out[unlike - 1])
			out[unlike++] = places[i];
	l->place = unlike < AT_ONCE ? rare->floor : out[unlike - 1];
	l->is_at_end = l->place == 0;
	return unlike;
}

/* ---- all together -------------------------------------------------------- */

/* Goes on until it has enough, or has read as much as allowed. */
static enum err
gather(struct search_look *l, struct db *db, int enough, int64_t places[], int *out_count)
{
	int64_t at = UNKNOWN;

	for (;;) {
		while (*out_count < enough && (at = meet(l)) > 0)
			places[(*out_count)++] = at;
		l->is_at_end = *out_count < enough && at == NOWHERE;
		if (*out_count == enough || l->is_at_end || search_look_is_tired(l))
			return OK;
		if (*out_count == 0 && (*out_count = give_rare(l, places)) > 0)
			return OK;
		TRY(read_on(l, db));
	}
}

enum err
search_look_next(struct search_look *l, struct db *db, int enough, int *out_count,
		 const int64_t **out)
{
	int64_t *places = ARENA_ARRAY(l->arena, int64_t, AT_ONCE);

	if (set_count(l) < l->set_count && enough > TRIED - l->given)
		enough = TRIED - l->given;
	*out_count = 0;
	TRY(gather(l, db, enough < AT_ONCE ? enough : AT_ONCE, places, out_count));
	l->given += *out_count;
	*out = places;
	return OK;
}
