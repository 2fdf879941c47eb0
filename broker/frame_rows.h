/* frame_rows.h -- the frames that a client may receive, each as a row.
 *
 * The reference is printed from these rows (reference.h), and the tests check each
 * frame that they receive against them, so an undocumented frame fails them. Events of
 * the log are described beside their printer (shared/schema_model.h), frames from
 * clients in the tables of commands.h. */
#pragma once

#include "broker/frame.h"
#include "shared/schema.h"

enum frame_sort {
	FRAME_ANSWER, /* to a frame that had a ref: carries it */
	FRAME_EVENT,  /* of a room's log, with its seq: to all listeners */
	FRAME_NEWS,   /* ephemeral, or for this person alone */
};

struct frame_row {
	const char *type; /* NULL ends the table */
	enum frame_sort sort;
	const char *about; /* when it is sent, and to whom */
	/* members beside `type`, and `ref` of answers; NULL for events, which have a
	 * schema of the model: `message` is a MessageEvent */
	const struct schema_member *members;
};

extern const struct frame_row frame_rows[];
/* The name of an event's schema. */
const char *frame_event_schema(struct arena *a, const struct frame_row *f);
/* Schemas that the members refer to, beside those of the model. */
extern const struct schema frame_parts[];

/* Why a connection is closed; code 0 ends the table. */
struct close_row {
	enum close_code code;
	const char *about;
};
extern const struct close_row close_rows[];
