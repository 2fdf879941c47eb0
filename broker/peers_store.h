/* peers_store.h -- SQL of the table brokers, and of telling them. */
#pragma once

#include <stdbool.h>

#include "shared/db.h"

/* We are alive. Whoever has been silent for long is forgotten. */
struct db_call peers_beat_call(struct arena *a, const char *id, bool hears);
/* How many others there are, and how many of them do not hear Redis; out_is_new: our row
 * was not there, or so old that others may have swept away what we left behind. The key
 * of the bus. */
const char *peers_beat_read(const struct rows *rows, int *out_others, int *out_deaf,
			    bool *out_is_new);

struct db_call peers_leave_call(struct arena *a, const char *id);
struct db_call peers_tell_call(struct arena *a, const char *const *texts, int count);

extern const struct stmt *const peers_statements[];	 /* beats */
extern const struct stmt *const peers_tell_statements[]; /* telling */
