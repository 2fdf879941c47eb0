/* status.h -- the status that people set for themselves: the words, the body, the
 * statement. The same for PUT /users/status and for the frame `status`. */
#pragma once

#include <stdbool.h>

#include "shared/body.h"
#include "shared/db.h"

struct status_body {
	struct body_head head;
	int status; /* index of user_status_names (schema_model.h) */
	const char *text;
};

extern const struct body status_body;

/* Was status_text given? NULL then clears it. */
bool status_gives_text(const struct status_body *in);

/* $1 who, $2 status, $3 whether status_text is given, $4 status_text. Going offline sets
 * last_seen_at to now and freezes it. */
#define STATUS_UPDATE                                                                \
	"UPDATE users SET status = $2,"                                              \
	" status_text = CASE WHEN $3::boolean THEN $4 ELSE status_text END,"         \
	" seen_frozen = $2 = 'offline',"                                             \
	" last_seen_at = CASE WHEN seen_frozen AND $2 = 'offline' THEN last_seen_at" \
	"  ELSE now() END WHERE id = $1"

struct db_call status_call(struct arena *a, const char *user_id,
			   const struct status_body *in);

extern const struct stmt *const status_statements[];
