/* typing_store.h -- may they write there? As for a message (shared/roomlog.h). */
#pragma once

#include "shared/db.h"
#include "shared/roomlog.h"

/* A row for each pair of a room and a person, in this order. */
struct db_call typing_call(struct arena *a, const char *const *room_ids,
			   const char *const *user_ids, int count);
/* APPEND_OK, or why a message would be refused. */
enum append_result typing_result(const struct rows *rows, int row);

extern const struct stmt *const typing_statements[];
