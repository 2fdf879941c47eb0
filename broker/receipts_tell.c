/* receipts_tell.c -- see receipts_tell.h. */
#include "broker/receipts_tell.h"

#include <string.h>

#include "broker/broker.h"
#include "shared/api_token.h"
#include "shared/marks.h"

/* read_seq 0: not disclosed. */
static struct bytes
receipt_frame(struct arena *a, const struct receipt *r, int64_t read_seq)
{
	struct json *o = frame_object(a, "receipt", NULL);

	json_put_text(o, "room_id", r->room_id);
	json_put_text(o, "user_id", r->user_id);
	json_put_int(o, "delivered_seq", r->moved->delivered_seq);
	json_put_int(o, "read_seq", read_seq);
	return frame_json(a, o);
}

/* Joined or not: their own devices keep count of unread messages. */
static void
tell_reader(struct broker *b, const struct receipt *r, struct bytes frame)
{
	struct visitor *v = people_find(&b->people, r->user_id);

	if (!v)
		return;
	LIST_EACH(&v->conns, item) {
		struct conn *c = CONTAINER(item, struct conn, in_visitor);
		struct uuid room = {};

		strncpy(room.text, r->room_id, sizeof(room.text) - 1);
		if (c->id != r->not_to && c->who.scopes & TOKEN_READ &&
		    conn_check_room(c, &room) == OK)
			outbox_push_ephemeral(c, frame);
	}
}

/* Is the id in the list, which is the text of a JSON array? NULL: everybody is. */
static bool
is_among(const char *list, const char *id)
{
	return !list || strstr(list, id);
}

static void
tell_others(struct broker *b, const struct receipt *r, struct bytes frame)
{
	struct live_room *room = rooms_find(&b->rooms, r->room_id);

	if (!room)
		return;
	LIST_EACH(&room->listeners, item) {
		const struct listener *l = CONTAINER(item, struct listener, in_room);
		const struct visitor *v = l->conn->visitor;

		if (l->state != LISTENER_ASKING && strcmp(v->id.text, r->user_id) != 0 &&
		    !visitor_is_blocked(v, r->user_id) &&
		    is_among(r->moved->is_large ? r->moved->authors : NULL, v->id.text))
			outbox_push_ephemeral(l->conn, frame);
	}
}

void
receipt_tell(struct broker *b, const struct receipt *r)
{
	struct bytes whole = receipt_frame(b->turn, r, r->moved->read_seq);

	activity_owe(b, r->user_id, r->room_id);
	tell_reader(b, r, whole);
	if (r->moved->shown && (!r->moved->is_large || r->moved->authors))
		tell_others(b, r, r->moved->sends ? whole : receipt_frame(b->turn, r, 0));
}
