/* status.c -- see status.h. */
#include "shared/status.h"

#include "shared/schema_model.h"

const struct body status_body =
	BODY(struct status_body,
	     FIELD_ENUM(struct status_body, status, REQUIRED, user_status_names,
			.about = "offline: shown as offline, and last_seen_at no "
				 "longer changes; online: shown as online or away, "
				 "depending on your devices."),
	     FIELD_TEXT(struct status_body, text, OPTIONAL, 1, 140, .also = "status_text",
			.about = "A short text shown with the status; null: none."));

bool
status_gives_text(const struct status_body *in)
{
	return body_given(&status_body, in, text) || body_cleared(&status_body, in, text);
}

static const struct stmt set = { "status_set", STATUS_UPDATE };

struct db_call
status_call(struct arena *a, const char *user_id, const struct status_body *in)
{
	return DB_CALL_IN(a, &set, user_id, user_status_names[in->status],
			  status_gives_text(in) ? "true" : "false", in->text);
}

const struct stmt *const status_statements[] = { &set, NULL };
