/* directory.c -- listing and searching people, unless the setting `directory` turns it
 * off. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/cursor.h"
#include "fcgi/directory_store.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "shared/text.h"

struct users_query {
	struct body_head head;
	const char *q, *cursor;
	int64_t limit;
};

#define USERS_QUERY(need)                                                      \
	BODY(struct users_query,                                               \
	     FIELD_TEXT(struct users_query, q, need, 1, 100,                   \
			.about = "Any part of the login or the name; case is " \
				 "ignored."),                                  \
	     PAGE_LIMIT_FIELD(struct users_query),                             \
	     PAGE_CURSOR_FIELD(struct users_query, CURSOR_WORD_MAX))

static const struct body list_query = USERS_QUERY(OPTIONAL);
static const struct body search_query = USERS_QUERY(REQUIRED);

/* ---- GET /users, /users/search ------------------------------------------- */

struct asked {
	const char *key; /* NULL: everybody */
	const struct user_place *after;
};

static enum cursor_list
cursor_list(const struct users_query *in)
{
	return in->q ? CURSOR_PEOPLE_FOUND : CURSOR_PEOPLE;
}

static const char *
place_cursor(struct req *rq, const struct user_place *place)
{
	return cursor_print_word(rq->arena, cursor_list(rq->query), place->inside,
				 place->user_id, place->word);
}

static void
check_list(struct req *rq)
{
	const struct users_query *in = rq->query;
	struct asked *asked = ARENA_NEW(rq->arena, struct asked);
	struct user_place *after = ARENA_NEW(rq->arena, struct user_place);
	struct uuid *id = ARENA_NEW(rq->arena, struct uuid);

	if (in->q) {
		asked->key = names_search_key(rq->arena, in->q);
		if (!*asked->key)
			content_note(rq, "q", "too_short", "Must not be only spaces.");
	}
	after->user_id = id->text;
	if (in->cursor && cursor_parse_word(rq->arena, cursor_list(in), in->cursor,
					    &after->inside, id, &after->word) != OK)
		page_refuse_cursor(rq);
	asked->after = in->cursor ? after : NULL;
	rq->checked = asked;
}

/* Everybody, or only people one knows anyway, by the setting. */
static enum err
read_list(struct req *rq, bool all, int64_t limit, struct user_list *out)
{
	const struct asked *asked = rq->checked;
	struct db *db = rq->app->db;

	if (asked->key && all)
		return users_search(db, rq->arena, rq->user_id, asked->key, asked->after,
				    limit, out);
	if (asked->key)
		return circle_search(db, rq->arena, rq->user_id, asked->key, asked->after,
				     limit, out);
	return all ? users_list(db, rq->arena, rq->user_id, asked->after, limit, out)
		   : circle_list(db, rq->arena, rq->user_id, asked->after, limit, out);
}

static enum err
list_users(struct req *rq, struct reply *out)
{
	const struct users_query *in = rq->query;
	const char *directory = rq->app->config.directory;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct user_list list;

	if (strcmp(directory, "off") == 0)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
				    "Listing and searching people is turned off here.");
	TRY(read_list(rq, strcmp(directory, "everyone") == 0, limit, &list));
	for (int i = 0; i < list.count && i < limit; i++)
		json_push(items, json_user(rq->arena, &list.items[i]));
	if (list.count > limit)
		next = place_cursor(rq, &list.places[limit - 1]);
	reply_json_tagged(rq, out, page_json(rq->arena, items, next));
	return OK;
}

const struct route directory_routes[] = {
	{ GET, "/users", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED, .query = &list_query,
	  .check = check_list, HANDLER(list_users), .tag = "users",
	  .summary = "List people",
	  .about = "By login; with q the same as /users/search. If the setting "
		   "`directory` is contacts, the list contains you, the people in your "
		   "list, and people who share a room with you that is not public; if "
		   "it is off, the answer is 403. People can always be named by a "
		   "known login. Blocks make no difference here.",
	  .status = 200, .gives = "UserPage", FAILS(403) },
	{ GET, "/users/search", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  .query = &search_query, .check = check_list,
	  HANDLER_AS(list_users, "search_users"), .tag = "users",
	  .summary = "Find people by any part of their login or name",
	  .about = "People with a word that begins with q come first. Searches the "
		   "same people as GET /users.",
	  .status = 200, .gives = "UserPage", FAILS(403) },
	{},
};
