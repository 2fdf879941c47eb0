/* search_index.c -- see search_index.h. */
#include "fcgi/search_index.h"

#include <string.h>

#include "fcgi/search_tokens.h"
#include "shared/clock.h"
#include "shared/die.h"
#include "shared/text.h"
#include "shared/words.h"

/* ---- the words of a batch, each once -------------------------------------- */

/* Open addressing; the slots hold places in b->words, from 1. */
struct vocabulary {
	struct arena *arena;
	struct search_batch *batch;
	size_t cap, used;
	int *slots;
	int *last_use; /* for each word: the last message, from 1, that had it */
};

enum { VOCABULARY_FIRST = 4096 };

static size_t
hash(const char *s)
{
	size_t h = 5381;

	for (; *s; s++)
		h = h * 33 ^ (unsigned char)*s;
	return h * UINT64_C(11400714819323198485) >> 16;
}

static size_t
slot_of(const struct vocabulary *v, const char *word)
{
	size_t at = hash(word) & (v->cap - 1);

	while (v->slots[at] && strcmp(v->batch->words[v->slots[at] - 1], word) != 0)
		at = (at + 1) & (v->cap - 1);
	return at;
}

static const char **
grown(struct arena *a, const char **old, size_t used, size_t cap)
{
	const char **more = ARENA_ARRAY(a, const char *, cap);

	if (used)
		memcpy(more, old, sizeof(*more) * used);
	return more;
}

static void
grow(struct vocabulary *v)
{
	struct search_batch *b = v->batch;
	size_t cap = v->cap ? 2 * v->cap : VOCABULARY_FIRST;
	int *last_use = ARENA_ARRAY(v->arena, int, cap);

	b->words = grown(v->arena, b->words, v->used, cap);
	b->stems = grown(v->arena, b->stems, v->used, cap);
	b->grams = grown(v->arena, b->grams, v->used, cap);
	if (v->used)
		memcpy(last_use, v->last_use, sizeof(int) * v->used);
	v->last_use = last_use;
	v->slots = ARENA_ARRAY(v->arena, int, cap);
	v->cap = cap;
	for (size_t i = 0; i < v->used; i++)
		v->slots[slot_of(v, b->words[i])] = (int)i + 1;
}

static const char *
print_grams(struct arena *a, const char *word)
{
	int32_t *hashes;
	int count = words_grams(a, word, false, &hashes);
	int64_t *grams = ARENA_ARRAY(a, int64_t, (size_t)count);

	for (int i = 0; i < count; i++)
		grams[i] = hashes[i];
	return db_array_int(a, grams, count);
}

/* The word's place, from 1. */
static int
place_of(struct vocabulary *v, const char *word)
{
	struct search_batch *b = v->batch;
	size_t slot;

	if (2 * (v->used + 1) > v->cap)
		grow(v);
	slot = slot_of(v, word);
	if (v->slots[slot])
		return v->slots[slot];
	b->words[v->used] = word;
	b->stems[v->used] = words_stem(v->arena, word);
	b->grams[v->used] = print_grams(v->arena, word);
	v->slots[slot] = (int)++v->used;
	b->word_count = (int)v->used;
	return v->slots[slot];
}

/* ---- a slice ------------------------------------------------------------- */

/* NULL: it has no words to find. */
static const char *
print_words(struct vocabulary *v, const char *text, int message)
{
	struct word_list words = words_of(v->arena, words_fold(v->arena, text));
	int64_t *places = ARENA_ARRAY(v->arena, int64_t, (size_t)words.count);
	int count = 0, place;

	for (int i = 0; i < words.count; i++) {
		place = place_of(v, words.items[i]);
		if (v->last_use[place - 1] == message)
			continue;
		v->last_use[place - 1] = message;
		places[count++] = place;
	}
	return count ? db_array_int(v->arena, places, count) : NULL;
}

static void
add_message(struct vocabulary *v, const struct search_event *e)
{
	struct search_batch *b = v->batch;
	int i = b->message_count++;
	int64_t terms[] = { search_term_of_room(e->room_no),
			    search_term_of_author(e->author_id) };

	b->in_room[i] = db_int(v->arena, e->room_no);
	b->seqs[i] = db_int(v->arena, e->message);
	b->places[i] = db_int(v->arena, search_place_of(e->at_ms, e->message));
	b->terms[i] = db_array_int(v->arena, terms, 2);
	b->in_words[i] = e->text ? print_words(v, e->text, i + 1) : NULL;
	if (e->is_change) {
		b->old_in_room[b->old_count] = b->in_room[i];
		b->old_seqs[b->old_count] = b->seqs[i];
		b->old_places[b->old_count++] = b->places[i];
	}
}

/* Notes that the room of e is indexed up to e. */
static void
move_head(struct arena *a, struct search_batch *b, const struct search_event *e,
	  bool is_first)
{
	if (is_first) {
		b->room_nos[b->room_count] = db_int(a, e->room_no);
		b->was[b->room_count++] = db_int(a, e->done);
	}
	b->upto[b->room_count - 1] = db_int(a, e->seq);
}

static struct search_batch
batch_of(struct arena *a, int count)
{
	const char **columns = ARENA_ARRAY(a, const char *, 11 * (size_t)count);

	return (struct search_batch){
		.room_nos = columns,
		.was = columns + count,
		.upto = columns + 2 * count,
		.in_room = columns + 3 * count,
		.seqs = columns + 4 * count,
		.places = columns + 5 * count,
		.terms = columns + 6 * count,
		.in_words = columns + 7 * count,
		.old_in_room = columns + 8 * count,
		.old_seqs = columns + 9 * count,
		.old_places = columns + 10 * count,
	};
}

/* How many of these events fit into a slice; at least one. */
static int
fitting(const struct search_event *events, int count)
{
	size_t bytes = 0;
	int i;

	for (i = 0; i < count; i++) {
		bytes += events[i].text ? strlen(events[i].text) : 0;
		if (i > 0 && bytes > SEARCH_SLICE_BYTES)
			break;
	}
	return i;
}

static enum err
index_events(struct db *db, struct arena *a, const int64_t *rooms, int count, int limit,
	     int *out_count)
{
	struct search_event *events;
	struct search_batch batch;
	struct vocabulary words = { .arena = a, .batch = &batch };
	int64_t room_no = 0; /* of the previous event */

	TRY(search_pending(db, a, rooms, count, limit, out_count, &events));
	*out_count = fitting(events, *out_count);
	batch = batch_of(a, *out_count);
	for (int i = 0; i < *out_count; i++) {
		const struct search_event *e = &events[i];

		move_head(a, &batch, e, e->room_no != room_no);
		room_no = e->room_no;
		if (e->message)
			add_message(&words, e);
	}
	return *out_count ? search_write(db, a, &batch) : OK;
}

enum err
search_index_slice(struct db *db, struct arena *a, const int64_t *rooms, int count,
		   int *out_count)
{
	return index_events(db, a, rooms, count, SEARCH_SLICE, out_count);
}

/* ---- the sweep ----------------------------------------------------------- */

enum { SWEEP_EVENTS = 50 }; /* about 20 ms of work */

static enum err
index_rooms(struct app *app, struct arena *a, bool *out_more)
{
	int64_t *rooms;
	int count, done = 0;

	TRY(search_behind(app->db, a, &count, &rooms));
	if (count > 0)
		TRY(index_events(app->db, a, rooms, count, SWEEP_EVENTS, &done));
	*out_more = done > 0;
	return OK;
}

static enum err
forget_rooms(struct app *app, struct arena *a, bool *out_more)
{
	return search_forget_room(app->db, a, out_more);
}

const struct sweep search_sweeps[] = {
	{ "search", 5, index_rooms },
	{ "search_rooms", 60, forget_rooms },
	{},
};
