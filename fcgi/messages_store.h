/* messages_store.h -- SQL of messages, for people: each statement returns rows to members
 * only, and nothing from before they joined unless `history` allows it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/receipts_store.h"
#include "shared/db.h"
#include "shared/edits.h"
#include "shared/err.h"
#include "shared/model.h"
#include "shared/roomlog.h"

/* Appends, and reads the message that the key stands for now (which may be an earlier
 * one). direct_with, if not NULL: the room is the direct room with this person, and is
 * created if necessary. out_message is set for APPEND_OK and APPEND_DUPLICATE. */
enum err message_insert(struct db *db, struct arena *a, const struct draft *d,
			const char *direct_with, struct appended *out_appended,
			struct event *out_message);

/* Will the file that came with the message be needed? Not if the key was used before, nor
 * if the sender may not write; makes_room: unless the room exists. */
enum err message_wants_file(struct db *db, struct arena *a, const struct draft *d,
			    bool makes_room, bool *out);

/* ERR_NOT_FOUND: nobody has this login. */
enum err user_id_of_login(struct db *db, struct arena *a, const char *login_key,
			  const char **out);

enum err message_get(struct db *db, struct arena *a, const char *viewer, int64_t room_no,
		     int64_t seq, struct event *out);

/* What edits.h does, with its outcome. out is set for EDIT_OK and EDIT_UNCHANGED. */
enum err message_edit(struct db *db, struct arena *a, const struct edit_of *of,
		      const char *text, struct edit_outcome *out_outcome,
		      struct event *out);
enum err message_delete(struct db *db, struct arena *a, const struct edit_of *of,
			struct edit_outcome *out);
enum err message_react(struct db *db, struct arena *a, const struct edit_of *of,
		       const char *emoji, bool on, struct edit_outcome *out);

/* The reader has read up to seq. out_moved: the mark has moved. */
enum err room_read(struct db *db, struct arena *a, const char *room_id,
		   const char *reader, int64_t seq, bool *out_moved);

extern const struct stmt *const messages_statements[];
