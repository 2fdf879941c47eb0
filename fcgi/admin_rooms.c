/* admin_rooms.c -- rooms as administrators of the instance see them, never with what was
 * written there; and counts. */
#include <string.h>

#include "fcgi/admin_store.h"
#include "fcgi/cursor.h"
#include "fcgi/page.h"
#include "fcgi/room_answer.h"
#include "fcgi/tables.h"

/* ---- GET /admin/rooms ---------------------------------------------------- */

struct list_query {
	struct body_head head;
	int64_t limit;
	const char *q, *cursor;
};

static const struct body list_query = BODY(
	struct list_query,
	FIELD_TEXT(struct list_query, q, OPTIONAL, 1, 100,
		   .about = "A part of the name; case is ignored."),
	PAGE_LIMIT_FIELD(struct list_query), PAGE_CURSOR_FIELD(struct list_query, 100));

static void
check_list(struct req *rq)
{
	const struct list_query *in = rq->query;
	int64_t *before = ARENA_NEW(rq->arena, int64_t), time;

	if (in->cursor &&
	    cursor_parse(rq->arena, CURSOR_ADMIN_ROOMS, in->cursor, &time, before) != OK)
		page_refuse_cursor(rq);
	rq->checked = before;
}

static struct json *
room_json(struct req *rq, const struct admin_room *r)
{
	struct json *o = json_object_in(rq->arena);

	json_put_text(o, "id", r->id);
	json_put_text(o, "kind", r->kind);
	json_put_text(o, "name", r->name);
	json_put_text(o, "owner_id", r->owner_id);
	json_put_int(o, "member_count", r->member_count);
	json_put_int(o, "message_count", r->message_count);
	json_put_time(o, "created_at", r->created_at);
	json_put_time(o, "active_at", r->active_at);
	return o;
}

static enum err
list_rooms(struct req *rq, struct reply *out)
{
	const struct list_query *in = rq->query;
	const int64_t *before = rq->checked;
	int64_t limit = page_limit(rq, in->limit);
	struct json *items = json_array_in(rq->arena);
	const char *next = NULL;
	struct admin_room *rooms;
	int count;

	TRY(admin_rooms_list(rq->app->db, rq->arena, in->q, *before, limit, &count,
			     &rooms));
	for (int i = 0; i < count && i < limit; i++)
		json_push(items, room_json(rq, &rooms[i]));
	if (count > limit)
		next = cursor_print(rq->arena, CURSOR_ADMIN_ROOMS,
				    rooms[limit - 1].created_at, rooms[limit - 1].no);
	reply_json(rq, out, 200, page_json(rq->arena, items, next));
	return OK;
}

/* ---- DELETE /admin/rooms/{id} -------------------------------------------- */

static enum err
remove_room(struct req *rq, struct reply *out)
{
	int64_t seq;

	TRY(admin_room_remove(rq->app->db, rq->arena, rq->arg[0], &seq));
	room_wake(rq, rq->arg[0], seq);
	reply_no_content(out);
	return OK;
}

/* ---- GET /admin/stats ---------------------------------------------------- */

static enum err
get_stats(struct req *rq, struct reply *out)
{
	struct json *o = json_object_in(rq->arena), *rooms = json_object_in(rq->arena);
	struct admin_stats s;

	TRY(admin_stats_read(rq->app->db, rq->arena, &s));
	json_put_int(o, "users", s.users);
	json_put_int(o, "disabled", s.disabled);
	json_put_int(o, "admins", s.admins);
	json_put_int(o, "sessions", s.sessions);
	json_put_int(rooms, "public", s.public_rooms);
	json_put_int(rooms, "group", s.groups);
	json_put_int(rooms, "direct", s.directs);
	json_put(o, "rooms", rooms);
	json_put_int(o, "messages", s.messages);
	json_put_int(o, "files", s.files);
	json_put_int(o, "file_bytes", s.file_bytes);
	reply_json(rq, out, 200, o);
	return OK;
}

const struct route admin_rooms_routes[] = {
	{ GET, "/admin/rooms", AUTH_OPERATOR, LIMIT_REQUESTS, 5, .query = &list_query,
	  .check = check_list, HANDLER_AS(list_rooms, "admin_list_rooms"), .tag = "admin",
	  .summary = "List all rooms, the latest first", .status = 200,
	  .gives = "AdminRoomPage" },
	{ DELETE, "/admin/rooms/{id}", AUTH_OPERATOR, LIMIT_REQUESTS, 1,
	  HANDLER_AS(remove_room, "admin_remove_room"), .tag = "admin",
	  .summary = "Remove a room and everything in it", .status = 204 },
	{ GET, "/admin/stats", AUTH_OPERATOR, LIMIT_REQUESTS, 10,
	  HANDLER_AS(get_stats, "admin_get_stats"), .tag = "admin",
	  .summary = "Get the numbers of accounts, rooms, messages and files",
	  .status = 200, .gives = "AdminStats" },
	{},
};
