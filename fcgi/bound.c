/* bound.c -- see bound.h. */
#include "fcgi/bound.h"

#include <string.h>

#include "fcgi/route.h"
#include "shared/api_token.h"
#include "shared/db.h"
#include "shared/text.h"

static enum err
is_ours(const struct req *rq, const char *room_id)
{
	return strcmp(room_id, rq->room_only) == 0 ? OK : ERR_NOT_FOUND;
}

/* The room in the path; NULL: there is none. */
static const char *
room_in_path(const struct req *rq)
{
	const char *pattern = rq->route->pattern, *segment;
	bool after_rooms = false;
	size_t len, arg = 0;

	while ((segment = route_segment(&pattern, &len))) {
		if (*segment == '{') {
			if (after_rooms || strncmp(segment, "{room_id}", len) == 0)
				return rq->arg[arg];
			arg++;
		}
		after_rooms = len == 5 && strncmp(segment, "rooms", len) == 0;
	}
	return NULL;
}

static enum err
check_message(const struct req *rq)
{
	int64_t room_no, seq;

	TRY(uuid_to_message(db_instance(rq->app->db)->id_key, rq->arg[0], &room_no,
			    &seq));
	return room_no == rq->room_only_no ? OK : ERR_NOT_FOUND;
}

/* The field that names a room; NULL: there is none. */
static const struct field *
room_field(const struct body *table)
{
	const struct field *f = table ? table->fields : NULL;

	while (f && f->name && strcmp(f->name, "room_id") != 0)
		f++;
	return f && f->name && f->kind == FIELD_KIND_ID ? f : NULL;
}

/* in: what a table filled. If a field that may name the room is absent, it is set to the
 * token's room. */
static enum err
check_fields(const struct req *rq, const struct body *table, const void *filled,
	     bool may_fill, bool *out_named)
{
	const struct field *f = room_field(table);
	struct uuid *room;

	if (!f)
		return OK;
	room = (struct uuid *)((char *)filled + f->offset);
	if (!room->text[0] && may_fill) {
		strcpy(room->text, rq->room_only);
		((struct body_head *)filled)->given |= 1ull << (f - table->fields);
	}
	if (room->text[0])
		*out_named = true;
	return room->text[0] ? is_ours(rq, room->text) : OK;
}

enum err
bound_check(struct req *rq)
{
	const struct route *route = rq->route;
	const char *room;
	bool named = false;

	if (!rq->room_only || route->flags & ROUTE_BOUND)
		return OK;
	room = room_in_path(rq);
	if (room)
		return is_ours(rq, room);
	if (text_starts(route->pattern, "/messages/{id}"))
		return check_message(rq);
	TRY(check_fields(rq, route->query, rq->query, rq->method == GET, &named));
	TRY(check_fields(rq, route->body, rq->body, false, &named));
	if (named)
		return OK;
	if (room_field(route->query) || room_field(route->body))
		return ERR_NOT_FOUND;
	return token_bound_problem(&rq->problem);
}
