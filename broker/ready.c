/* ready.c -- see ready.h. */
#include "broker/ready.h"

#include <string.h>

#include "broker/broker.h"
#include "broker/store.h"
#include "shared/announce.h"
#include "shared/api_token.h"

static bool
is_bound(const struct conn *c)
{
	return c->who.room_only.text[0] != '\0';
}

/* The rooms that this connection may know of. */
static struct json *
rooms_of(struct arena *a, const struct conn *c, const struct rows *rows)
{
	struct json *list = json_array_in(a);

	for (int i = 0; i < rows->count && (is_bound(c) || i < READY_ROOMS_MAX); i++) {
		struct json *o = json_object_in(a);

		if (!(c->who.scopes & TOKEN_READ) ||
		    (is_bound(c) &&
		     strcmp(c->who.room_only.text, rows_text(rows, i, 0)) != 0))
			continue;

		json_put_text(o, "id", rows_text(rows, i, 0));
		json_put_int(o, "seq", rows_int(rows, i, 1));
		json_put_int(o, "read_seq", rows_int(rows, i, 2));
		json_put_int(o, "unread", rows_int(rows, i, 3));
		json_put_int(o, "mentions", rows_int(rows, i, 4));
		json_push(list, o);
	}
	return list;
}

void
ready_send(struct conn *c, const struct user *user, const struct rows *rooms,
	   const char *ref)
{
	struct broker *b = c->broker;
	struct arena *a = b->turn;
	struct json *o = frame_object(a, "ready", ref);

	json_put(o, "user", json_user(a, user));
	json_put_text(o, "session_id", c->who.session_id.text);
	json_put_text(o, "epoch", store_instance(b->store)->epoch);
	json_put_int(o, "heartbeat_s", b->config->ping_interval_s);
	json_put(o, "limits", announce_limits(a, b->config));
	json_put(o, "rooms", rooms_of(a, c, rooms));
	json_put_bool(o, "more_rooms",
		      rooms->count > READY_ROOMS_MAX && !is_bound(c) &&
			      c->who.scopes & TOKEN_READ);
	outbox_push(c, frame_json(a, o));
}
