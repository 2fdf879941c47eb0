/* compose.h -- a message as a client writes it, checked and made ready for the log.
 *
 * REST and the broker take the same fields, by the same rules, with the same error texts,
 * so the same client_id means the same message over both. */
#pragma once

#include "shared/body.h"
#include "shared/roomlog.h"

struct message_body {
	struct body_head head;
	struct uuid room_id; /* "" if not given */
	const char *to;	     /* in message_to_body: the login of a direct room's peer */
	const char *client_id;
	int kind; /* enum message_kind */
	const char *text;
	struct json *data;
	struct uuid reply_to;
	/* Not in any table: identifies a file uploaded with the message, which has no id
	 * yet; NULL: none was. */
	const char *carried;
};

extern const struct body message_body;	     /* the room is in the path */
extern const struct body message_to_body;    /* POST /messages: room_id, or to */
extern const struct body message_frame_body; /* the frame `message` */

enum {
	MESSAGE_LABEL_MAX = 200, /* code points in data.label of a location */
	MESSAGE_ALT_MAX = 1000,	 /* code points that describe a file */
	MESSAGE_DURATION_MAX_S = 1000000,
	MESSAGE_PIXELS_MAX = 100000,
	MESSAGE_WAVEFORM_MAX = 256, /* items, */
	MESSAGE_WAVEFORM_TOP = 255, /* each at most this */
};

/* Checks the rules that concern several fields, and fills out, except for room_id and
 * sender_id, which the caller sets. id_key: db_instance()->id_key. ERR_INVALID names the
 * fields in p. */
enum err compose(struct arena *a, const struct message_body *in, uint64_t id_key,
		 struct problem *p, struct draft *out);
