/* search.c -- finding messages. The index says where to look (search_store.h); what
 * is found is decided here, by the text as it reads now. */
#include <stdlib.h>
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/message_answer.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/search_index.h"
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

enum { CURSOR_MAX = 128 };

static const struct body search_params =
	BODY(struct search_params,
	     FIELD_TEXT(struct search_params, q, REQUIRED, 1, SEARCH_Q_MAX,
			.about = "Words, all of them; \"a phrase\"; -not."),
	     FIELD_ID(struct search_params, room_id, OPTIONAL, .also = "room,chat_id",
		      .about = "In this room only."),
	     FIELD_TEXT(struct search_params, author, OPTIONAL, 1, 64,
			.about = "By this person only: an id or a login."),
	     PAGE_LIMIT_FIELD(struct search_params),
	     FIELD_TEXT(struct search_params, cursor, OPTIONAL, 1, CURSOR_MAX,
			.about = "`next` of the page before."));

struct asked {
	struct search_query query;
	struct search_place before;
};

/* ---- cursors: "<time>.<room>.<seq>" -------------------------------------- */

static const char *
print_cursor(struct arena *a, const struct search_place *p)
{
	const char *text = arena_printf(a, "%s.%s.%s", db_int(a, p->at),
					db_int(a, p->room_no), db_int(a, p->seq));

	return text_base64url(a, text, strlen(text));
}

static enum err
parse_cursor(struct arena *a, const char *cursor, struct search_place *out)
{
	static const int64_t time_max = INT64_C(253402300799999); /* the year 9999 */
	size_t len;
	char *text = text_unbase64url(a, cursor, strlen(cursor), &len), *rest = text;
	const char *at, *room_no;

	if (!text || strlen(text) != len)
		return ERR_INVALID;
	at = strsep(&rest, ".");
	room_no = strsep(&rest, ".");
	if (!room_no || !rest)
		return ERR_INVALID;
	TRY(text_to_int(at, &out->at));
	TRY(text_to_int(room_no, &out->room_no));
	TRY(text_to_int(rest, &out->seq));
	return out->at > 0 && out->at <= time_max ? OK : ERR_INVALID;
}

static void
check_search(struct req *rq)
{
	const struct search_params *in = rq->query;
	struct asked *asked = ARENA_NEW(rq->arena, struct asked);
	enum err err = in->q ? search_parse(rq->arena, in->q, &asked->query) : OK;

	if (err == ERR_TOO_MANY)
		content_note(rq, "q", "too_long", "At most 16 words and phrases.");
	else if (err != OK)
		content_note(rq, "q", "too_short", "Says nothing that could be found.");
	if (in->cursor && parse_cursor(rq->arena, in->cursor, &asked->before) != OK)
		content_note(rq, "cursor", "format", "Not a cursor of ours.");
	rq->checked = asked;
}

/* ---- before we look ------------------------------------------------------ */

enum { CATCH_UP_MS = 1500 };

/* Of the rooms as they are now those that are not indexed to where they ended when we
 * began; returns how many, and how many events they lack. Both are in order. */
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

/* What is posted is found at once: my rooms are indexed first, to where they end now. A
 * great backlog (an index that is filled anew) is worked at for a while, all rooms in
 * the order of time, and the caller told to come again. */
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
					     "Messages are still being indexed.", 1);
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

static const char *
print_rooms(struct arena *a, const struct search_scope *scope)
{
	int64_t *tokens = ARENA_ARRAY(a, int64_t, (size_t)scope->count);

	for (int i = 0; i < scope->count; i++)
		tokens[i] = search_token_of_room(scope->room_no[i]);
	return db_array_int(a, tokens, scope->count);
}

static int
compare_variants(const void *a, const void *b)
{
	return ((const struct search_variants *)a)->count -
	       ((const struct search_variants *)b)->count;
}

/* What the index is asked: the author, and the terms that the fewest words stand
 * for. What too many stand for is no use: such a part is in every other message.
 * *out_none: there is a term that no message has. */
static enum err
ask_words(struct req *rq, const struct search_query *q, struct search_ask *ask,
	  bool *out_none)
{
	struct search_slot slots[SEARCH_SLOTS_MAX];
	struct search_variants variants[SEARCH_SLOTS_MAX];
	int count = search_slots(rq->arena, q, slots);
	int64_t author = search_token_of_author(ask->author_id);

	TRY(search_words_find(rq->app->db, rq->arena, slots, count, variants));
	qsort(variants, (size_t)count, sizeof(variants[0]), compare_variants);
	*out_none = count > 0 && variants[0].count == 0;
	if (ask->author_id)
		ask->any[ask->count++] = db_array_int(rq->arena, &author, 1);
	for (int i = 0; i < count && ask->count < SEARCH_ASKED_MAX; i++)
		if (variants[i].count <= SEARCH_VARIANTS_MAX)
			ask->any[ask->count++] = variants[i].nos;
	return OK;
}

/* ---- looking ------------------------------------------------------------- */

/* After so many candidates a page ends, short as it may be. */
enum { EXAMINED_MAX = 3000, CHUNK_MAX = 600 };

struct found {
	int count;
	struct search_place *places;
	bool more; /* there may be; from .. on */
	struct search_place next;
};

/* Looks through one chunk; true: the page is full, or this was the last. */
static bool
examine(struct req *rq, const struct search_candidate *items, int count, int64_t limit,
	struct search_place *last, struct found *out)
{
	const struct asked *asked = rq->checked;

	for (int i = 0; i < count; i++) {
		bool match = items[i].text &&
			     search_matches(rq->arena, &asked->query, items[i].text);

		if (match && out->count == limit) {
			out->more = true;
			out->next = out->places[limit - 1];
			return true;
		}
		if (match)
			out->places[out->count++] = items[i].place;
		*last = items[i].place;
	}
	return false;
}

static enum err
look(struct req *rq, struct search_ask *ask, int64_t limit, struct found *out)
{
	const char *windows[SEARCH_WINDOWS_MAX];
	struct search_candidate *items;
	int examined = 0, count;
	int64_t block;

	ask->windows = windows;
	ask->limit = (int)limit + 1;
	while (examined < EXAMINED_MAX) {
		TRY(search_block_of(rq->app->db, rq->arena, &ask->before, &block));
		ask->window_count = search_windows(rq->arena, block, windows);
		TRY(search_candidates(rq->app->db, rq->arena, ask, &count, &items));
		if (examine(rq, items, count, limit, &ask->before, out) ||
		    count < ask->limit)
			return OK;
		examined += count;
		ask->limit = 4 * ask->limit < CHUNK_MAX ? 4 * ask->limit : CHUNK_MAX;
	}
	out->more = true;
	out->next = ask->before;
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
	int64_t limit = page_limit(rq, in->limit);
	struct search_ask ask = { .viewer = rq->user_id,
				  .rooms = print_rooms(rq->arena, scope),
				  .before = asked->before };
	bool none;

	*out = (struct found){ .places = ARENA_ARRAY(rq->arena, struct search_place,
						     (size_t)limit) };
	if (in->author)
		TRY(find_author(rq, in->author, &ask.author_id));
	if (scope->count == 0 || (in->author && !ask.author_id))
		return OK;
	TRY(ask_words(rq, &asked->query, &ask, &none));
	return none ? OK : look(rq, &ask, limit, out);
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
	  .about =
		  "All that is asked for must be in a message: words in any of their "
		  "forms (Russian and English) or as part of a word, phrases in "
		  "quotation marks as they are. A page may be shorter than `limit`, even "
		  "empty, and have a `next` all the same.",
	  .status = 200, .gives = "MessagePage", FAILS(404) },
	{},
};
