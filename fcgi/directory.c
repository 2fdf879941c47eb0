/* directory.c -- who is here: listing and searching people, unless the setting
 * `directory` says that there is none. */
#include <string.h>

#include "fcgi/content.h"
#include "fcgi/names.h"
#include "fcgi/page.h"
#include "fcgi/tables.h"
#include "fcgi/users_store.h"
#include "shared/text.h"

struct users_query {
	struct body_head head;
	const char *q, *cursor;
	int64_t limit;
};

enum { CURSOR_MAX = 512 };

#define USERS_QUERY(need)                                                             \
	BODY(struct users_query,                                                      \
	     FIELD_TEXT(struct users_query, q, need, 1, 100,                          \
			.about = "Any part of the login or the name, without case."), \
	     PAGE_LIMIT_FIELD(struct users_query),                                    \
	     FIELD_TEXT(struct users_query, cursor, OPTIONAL, 1, CURSOR_MAX,          \
			.about = "`next` of the page before."))

static const struct body list_query = USERS_QUERY(OPTIONAL);
static const struct body search_query = USERS_QUERY(REQUIRED);

/* ---- cursors: "<0 or 1><user id><word>" ---------------------------------- */

enum { ID_LEN = 36 };

static const char *
print_cursor(struct arena *a, const struct user_place *place)
{
	const char *text =
		arena_printf(a, "%d%s%s", place->inside, place->user_id, place->word);

	return text_base64url(a, text, strlen(text));
}

static enum err
parse_cursor(struct arena *a, const char *cursor, struct user_place *out)
{
	size_t len;
	const char *text = text_unbase64url(a, cursor, strlen(cursor), &len);
	struct uuid *id = ARENA_NEW(a, struct uuid);

	if (!text || strlen(text) != len || len <= 1 + ID_LEN || !text_is_utf8(text, len))
		return ERR_INVALID;
	if (*text != '0' && *text != '1')
		return ERR_INVALID;
	TRY(uuid_parse(arena_strndup(a, text + 1, ID_LEN), id));
	*out = (struct user_place){ *text == '1', text + 1 + ID_LEN, id->text };
	return OK;
}

/* ---- GET /users, /users/search ------------------------------------------- */

struct asked {
	const char *key; /* NULL: everybody */
	const struct user_place *after;
};

/* The first `max` code points. */
static const char *
first_of(struct arena *a, const char *text, size_t max)
{
	size_t len = strlen(text), at = 0;
	uint32_t c;

	while (max-- > 0 && at < len)
		at += text_next(text + at, len - at, &c);
	return arena_strndup(a, text, at);
}

static void
check_list(struct req *rq)
{
	const struct users_query *in = rq->query;
	struct asked *asked = ARENA_NEW(rq->arena, struct asked);
	struct user_place *after = ARENA_NEW(rq->arena, struct user_place);

	if (in->q) {
		const char *key = names_words_key(rq->arena, in->q);

		if (!*key)
			content_note(rq, "q", "too_short", "At least 1 characters.");
		asked->key = first_of(rq->arena, key, USERS_KEY_MAX);
	}
	if (in->cursor && parse_cursor(rq->arena, in->cursor, after) != OK)
		content_note(rq, "cursor", "format", "Not a cursor of ours.");
	asked->after = in->cursor ? after : NULL;
	rq->checked = asked;
}

static enum err
list_users(struct req *rq, struct reply *out)
{
	const struct users_query *in = rq->query;
	const struct asked *asked = rq->checked;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct user_list list;

	if (strcmp(rq->app->config.directory, "off") == 0)
		return problem_fail(&rq->problem, ERR_FORBIDDEN, NULL,
				    "Nobody may list or search the people here.");
	if (asked->key)
		TRY(users_search(rq->app->db, rq->arena, rq->user_id, asked->key,
				 asked->after, limit, &list));
	else
		TRY(users_list(rq->app->db, rq->arena, rq->user_id, asked->after, limit,
			       &list));
	for (int i = 0; i < list.count && i < limit; i++)
		json_push(items, json_user(rq->arena, &list.items[i]));
	if (list.count > limit)
		next = print_cursor(rq->arena, &list.places[limit - 1]);
	reply_json_tagged(rq, out, page_json(rq->arena, items, next));
	return OK;
}

const struct route directory_routes[] = {
	{ GET, "/users", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED, .query = &list_query,
	  .check = check_list, HANDLER(list_users), .tag = "users",
	  .summary = "Who is here",
	  .about = "By login; with q as /users/search. 403 where the directory is off.",
	  .status = 200, .gives = "UserPage", FAILS(403) },
	{ GET, "/users/search", AUTH_READ, LIMIT_REQUESTS, 1, ROUTE_TAGGED,
	  .query = &search_query, .check = check_list,
	  HANDLER_AS(list_users, "search_users"), .tag = "users",
	  .summary = "Find people by any part of login or name",
	  .about = "Those with a word that begins so come first.", .status = 200,
	  .gives = "UserPage", FAILS(403) },
	{},
};
