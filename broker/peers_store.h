/* peers_store.h -- SQL for the table brokers, and for NOTIFY. */
#pragma once

#include <stdbool.h>

#include "shared/db.h"

/* Shows that we are alive. Brokers that have been silent for long are deleted. */
struct db_call peers_beat_call(struct arena *a, const char *id, bool hears);
/* Returns the key of the bus. How many other brokers there are, and how many of them do
 * not hear Redis; out_is_new: our row was missing, or so old that others may have swept
 * away what we left behind. */
const char *peers_beat_read(const struct rows *rows, int *out_others, int *out_deaf,
			    bool *out_is_new);

struct db_call peers_leave_call(struct arena *a, const char *id);
struct db_call peers_tell_call(struct arena *a, const char *const *texts, int count);

extern const struct stmt *const peers_statements[];	 /* beats */
extern const struct stmt *const peers_tell_statements[]; /* telling */
