/* search.c -- finding messages. The index says where to look (search_store.h); this file
 * decides by the current text what is found. */
#include <stdlib.h>
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/message_answer.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/search_index.h"
#include "fcgi/search_look.h"
#include "fcgi/search_query.h"
#include "fcgi/search_tokens.h"
#include "fcgi/tables.h"
#include "shared/clock.h"
#include "shared/text.h"

struct search_params {
	struct body_head head;
	const char *q, *author, *cursor;
	struct uuid room_id;
	int64_t limit;
};

/* SETS: of words, and the author, to look up in the index. */
enum { CURSOR_MAX = 128, SEARCH_SETS_MAX = 4, ROOMS_FEW = 4 };

static const struct body search_params =
	BODY(struct search_params,
	     FIELD_TEXT(struct search_params, q, REQUIRED, 1, SEARCH_Q_MAX,
			.about = "Words, all of which must occur; \"a phrase\"; -not."),
	     FIELD_ID(struct search_params, room_id, OPTIONAL, .also = "room,chat_id",
		      .about = "Only messages in this room."),
	     FIELD_TEXT(struct search_params, author, OPTIONAL, 1, 64,
			.about = "Only messages by this person: an id or a login."),
	     PAGE_LIMIT_FIELD(struct search_params),
	     PAGE_CURSOR_FIELD(struct search_params, CURSOR_MAX));

struct asked {
	struct search_query query;
	struct search_place before;
};

/* ---- cursors: "<place>.<room>.<seq>" ------------------------------------- */

static const char *
print_cursor(struct arena *a, const struct search_place *p)
{
	return cursor_print_text(a, CURSOR_MESSAGES_FOUND,
				 arena_printf(a, "%s.%s.%s", db_int(a, p->place),
					      db_int(a, p->room_no), db_int(a, p->seq)));
}

static enum err
parse_cursor(struct arena *a, const char *cursor, struct search_place *out)
{
	const char *place, *room_no;
	char *rest;

	TRY(cursor_parse_text(a, CURSOR_MESSAGES_FOUND, cursor, &rest));
	place = strsep(&rest, ".");
	room_no = strsep(&rest, ".");
	if (!room_no || !rest)
		return ERR_INVALID;
	TRY(text_to_int(place, &out->place));
	TRY(text_to_int(room_no, &out->room_no));
	TRY(text_to_int(rest, &out->seq));
	return out->place > 0 && out->place < INT64_MAX ? OK : ERR_INVALID;
}

static void
check_search(struct req *rq)
{
	const struct search_params *in = rq->query;
	struct asked *asked = ARENA_NEW(rq->arena, struct asked);
	static const struct search_place newest = { INT64_MAX, INT64_MAX, INT64_MAX };
	enum err err = in->q ? search_parse(rq->arena, in->q, &asked->query) : OK;

	if (err == ERR_TOO_MANY)
		content_note(rq, "q", "too_long",
			     "Must have at most 16 words and phrases.");
	else if (err != OK)
		content_note(rq, "q", "too_short",
			     "Must contain a word that can be searched.");
	asked->before = newest;
	if (in->cursor && parse_cursor(rq->arena, in->cursor, &asked->before) != OK)
		page_refuse_cursor(rq);
	rq->checked = asked;
}

/* ---- before we look ------------------------------------------------------ */

enum { CATCH_UP_MS = 1500 };

/* Of the rooms as they are now, those not yet indexed up to where they ended when we
 * began; returns how many, and how many events are missing. Both lists are in order. */
static int
behind(const struct search_scope *began, const struct search_scope *now, int64_t rooms[],
       int64_t *out_events)
{
	int count = 0;

	*out_events = 0;
	for (int i = 0, j = 0; i < now->count; i++) {
		while (j < began->count && began->room_no[j] < now->room_no[i])
			j++;
		if (j == began->count || began->room_no[j] != now->room_no[i] ||
		    now->done[i] >= began->seq[j])
			continue;
		rooms[count++] = now->room_no[i];
		*out_events += began->seq[j] - now->done[i];
	}
	return count;
}

static enum err
index_some(struct req *rq, int64_t *rooms, int count, int64_t events)
{
	int done;

	if (events > SEARCH_SLICE)
		TRY(search_behind(rq->app->db, rq->arena, &count, &rooms));
	if (count == 0)
		return OK;
	return search_index_slice(rq->app->db, rq->arena, rooms, count, &done);
}

/* A message is found as soon as it is posted: the caller's rooms are indexed first, up to
 * their end when we began. If the backlog is large (an index that is being rebuilt), this
 * works at it for a while, on all rooms in the order of time, and then tells the caller
 * to try again. */
static enum err
catch_up(struct req *rq, const char *room_id, const struct search_scope *began)
{
	int64_t until_us = clock_monotonic_us() + CATCH_UP_MS * 1000, events;
	int64_t *rooms = ARENA_ARRAY(rq->arena, int64_t, (size_t)began->count);
	struct search_scope now = *began;
	int count;

	while ((count = behind(began, &now, rooms, &events)) > 0) {
		if (clock_monotonic_us() >= until_us)
			return problem_retry(&rq->problem, ERR_UNAVAILABLE, NULL,
					     "Messages are still being indexed; try "
					     "again soon.",
					     1);
		TRY(index_some(rq, rooms, count, events));
		TRY(search_scope_read(rq->app->db, rq->arena, rq->user_id, room_id,
				      &now));
	}
	return OK;
}

static enum err
find_author(struct req *rq, const char *author, const char **out)
{
	struct uuid *id = ARENA_NEW(rq->arena, struct uuid);

	if (uuid_parse(author, id) == OK) {
		*out = id->text;
		return OK;
	}
	return search_author(rq->app->db, rq->arena, names_login_key(rq->arena, author),
			     out);
}

static int
compare_variants(const void *a, const void *b)
{
	return ((const struct search_variants *)a)->count -
	       ((const struct search_variants *)b)->count;
}

/* What to look up in the index, and how. */
struct looking {
	const struct search_scope *scope;
	struct search_ask ask;
	struct search_look *look;
	const char *any[SEARCH_SETS_MAX];
};

static void
add_terms(struct req *rq, struct looking *l, const int64_t *terms, int count)
{
	search_look_add(l->look, terms, count, false);
	l->any[l->ask.any_count++] = db_array_int(rq->arena, terms, count);
}

static void
add_rooms(struct req *rq, struct looking *l)
{
	const struct search_scope *scope = l->scope;
	int64_t *terms = ARENA_ARRAY(rq->arena, int64_t, (size_t)scope->count);

	for (int i = 0; i < scope->count; i++)
		terms[i] = search_term_of_room(scope->room_no[i]);
	search_look_add(l->look, terms, scope->count, scope->count > ROOMS_FEW);
	l->ask.rooms = db_array_int(rq->arena, scope->room_no, scope->count);
}

/* Adds the author, and the words with the fewest terms. A word with too many terms is
 * useless: such a part is in every other message. *out_none: there is a word that no
 * message contains. */
static enum err
add_words(struct req *rq, const struct search_query *q, struct looking *l, bool *out_none)
{
	struct search_slot slots[SEARCH_SLOTS_MAX];
	struct search_variants variants[SEARCH_SLOTS_MAX];
	int count = search_slots(rq->arena, q, slots);
	int64_t author = search_term_of_author(l->ask.author_id);

	TRY(search_words_find(rq->app->db, rq->arena, slots, count, variants));
	qsort(variants, (size_t)count, sizeof(variants[0]), compare_variants);
	*out_none = count > 0 && variants[0].count == 0;
	if (*out_none)
		return OK;
	if (l->ask.author_id)
		add_terms(rq, l, &author, 1);
	for (int i = 0; i < count && l->ask.any_count < SEARCH_SETS_MAX; i++)
		if (variants[i].count <= SEARCH_VARIANTS_MAX)
			add_terms(rq, l, variants[i].terms, variants[i].count);
	return OK;
}

/* ---- looking ------------------------------------------------------------- */

struct found {
	int count;
	struct search_place *places;
	bool more; /* there may be more, from `next` on */
	struct search_place next;
};

static int
compare_rooms(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool
is_found(struct req *rq, const struct search_scope *scope,
	 const struct search_candidate *c)
{
	const struct asked *asked = rq->checked;
	const int64_t *room_no =
		bsearch(&c->place.room_no, scope->room_no, (size_t)scope->count,
			sizeof(int64_t), compare_rooms);

	return c->text && room_no &&
	       c->place.seq >= scope->since[room_no - scope->room_no] &&
	       search_matches(rq->arena, &asked->query, c->text);
}

/* Checks some candidates, until the page is full. */
static void
examine(struct req *rq, const struct search_scope *scope,
	const struct search_candidate *items, int count, int64_t limit, struct found *out)
{
	for (int i = 0; i < count && !out->more; i++) {
		if (!is_found(rq, scope, &items[i]))
			continue;
		if (out->count == limit) {
			out->more = true;
			out->next = out->places[limit - 1];
		} else {
			out->places[out->count++] = items[i].place;
		}
	}
}

static enum err
examine_all(struct req *rq, const struct looking *l, const int64_t *places, int count,
	    int64_t limit, struct found *out)
{
	enum { STEP = 150 };
	struct search_candidate *items;
	int step, found;

	for (int i = 0; i < count && !out->more; i += step) {
		step = count - i < STEP ? count - i : STEP;
		TRY(search_candidates(rq->app->db, rq->arena, &l->ask, places + i, step,
				      &found, &items));
		examine(rq, l->scope, items, found, limit, out);
	}
	return OK;
}

/* A page ends after this many messages, even if it is short, so that a search among a
 * million costs no more than one among ten thousand. */
enum { EXAMINED_MAX = 128 };

/* Starts with as many places as would do if all of them matched. */
static enum err
look(struct req *rq, struct looking *l, int64_t limit, struct found *out)
{
	const int64_t *places;
	int examined = 0, enough = (int)limit + 1, count;

	while (!search_look_is_at_end(l->look) && !search_look_is_tired(l->look) &&
	       examined < EXAMINED_MAX) {
		TRY(search_look_next(l->look, rq->app->db, enough, &count, &places));
		TRY(examine_all(rq, l, places, count, limit, out));
		if (out->more)
			return OK;
		examined += count;
		enough = 2 * enough < EXAMINED_MAX - examined ? 2 * enough
							      : EXAMINED_MAX - examined;
	}
	out->more = !search_look_is_at_end(l->look);
	out->next = (struct search_place){ .place = search_look_place(l->look) };
	return OK;
}

static struct json *
found_json(struct req *rq, const struct event *items, int count)
{
	struct json *array = json_array_in(rq->arena);

	for (int i = 0; i < count; i++)
		json_push(array, message_answer(rq, &items[i]));
	return array;
}

static enum err
search_in(struct req *rq, const struct search_scope *scope, struct found *out)
{
	const struct search_params *in = rq->query;
	const struct asked *asked = rq->checked;
	int64_t limit = page_limit(rq, in->limit), below = asked->before.place;
	struct looking l = { .ask.before = asked->before, .scope = scope };
	bool none;

	*out = (struct found){ .places = ARENA_ARRAY(rq->arena, struct search_place,
						     (size_t)limit) };
	if (in->author)
		TRY(find_author(rq, in->author, &l.ask.author_id));
	if (scope->count == 0 || (in->author && !l.ask.author_id))
		return OK;
	l.look = search_look_new(rq->arena, below + (below < INT64_MAX),
				 SEARCH_SETS_MAX + 1);
	l.ask.any = l.any;
	TRY(add_words(rq, &asked->query, &l, &none));
	add_rooms(rq, &l);
	return none ? OK : look(rq, &l, limit, out);
}

static enum err
search_messages_by_text(struct req *rq, struct reply *out)
{
	const struct search_params *in = rq->query;
	const char *room_id = *in->room_id.text ? in->room_id.text : NULL;
	struct search_scope scope;
	struct found found;
	struct event *items;
	int count;

	TRY(search_scope_read(rq->app->db, rq->arena, rq->user_id, room_id, &scope));
	if (room_id && scope.count == 0)
		return ERR_NOT_FOUND;
	TRY(catch_up(rq, room_id, &scope));
	TRY(search_in(rq, &scope, &found));
	TRY(search_messages(rq->app->db, rq->arena, rq->user_id, found.places,
			    found.count, &count, &items));
	reply_json(rq, out, 200,
		   page_json(rq->arena, found_json(rq, items, count),
			     found.more ? print_cursor(rq->arena, &found.next) : NULL));
	return OK;
}

const struct route search_routes[] = {
	{ GET, "/search", AUTH_READ, LIMIT_REQUESTS, 1, 0, .query = &search_params,
	  .check = check_search, HANDLER_AS(search_messages_by_text, "search_messages"),
	  .tag = "messages", .summary = "Find messages, newest first",
	  .about = "A message must contain everything in q: words in any of their "
		   "forms (Russian and English) or inside another word, phrases in "
		   "quotation marks exactly. A page may have fewer than `limit` items, "
		   "even none, and still have a `next`.",
	  .status = 200, .gives = "MessagePage", FAILS(404) },
	{},
};
