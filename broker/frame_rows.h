/* frame_rows.h -- what a client may hear: every frame of ours as a row.
 *
 * The reference is printed from these rows (reference.h), and the tests hold each frame
 * that they receive against it, so one that is not here fails them. Events of the log are
 * described beside their printer (shared/schema_model.h). What a client may say stands in
 * the tables of commands.h. */
#pragma once

#include "broker/frame.h"
#include "shared/schema.h"

enum frame_sort {
	FRAME_ANSWER, /* to a frame that had a ref: carries it */
	FRAME_EVENT,  /* of a room's log, with its seq: to all who joined */
	FRAME_NEWS,   /* of what need not last, or is this person's alone */
};

struct frame_row {
	const char *type; /* NULL ends the table */
	enum frame_sort sort;
	const char *about; /* when it comes, and to whom */
	/* beside `type`, and `ref` of answers; NULL of events, which have a schema of
	 * the model: `message` is a MessageEvent */
	const struct schema_member *members;
};

extern const struct frame_row frame_rows[];
/* Of an event: the name of its schema. */
const char *frame_event_schema(struct arena *a, const struct frame_row *f);
/* What their members refer to, beside the things of the model. */
extern const struct schema frame_parts[];

/* Why a connection is closed; code 0 ends the table. */
struct close_row {
	enum close_code code;
	const char *about;
};
extern const struct close_row close_rows[];
