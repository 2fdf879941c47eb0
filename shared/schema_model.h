/* schema_model.h -- the shape of the things of model.h, in answers and frames alike: one
 * row a thing. The code that prints them is model_json.c and calls.c. */
#pragma once

#include "shared/schema.h"

extern const struct schema schema_model[];
extern const struct schema_choice schema_model_choices[];

/* For rows elsewhere that show the same and more. */
#define USER_MEMBERS                                                                 \
	M("id", ID), M("login", TEXT), M("first_name", TEXT, NULLABLE),              \
		M("last_name", TEXT, NULLABLE), M("bio", TEXT, NULLABLE),            \
		M("avatar_url", TEXT, NULLABLE),                                     \
		M("status", WORD, NULLABLE, .words = user_status_names),             \
		M("status_text", TEXT, NULLABLE), M("last_seen_at", TIME, NULLABLE), \
		M("created_at", TIME)

#define ROOM_MEMBERS                                                                  \
	M("id", ID), M("kind", WORD, .words = room_kind_names),                       \
		M("name", TEXT, NULLABLE), M("description", TEXT, NULLABLE),          \
		M("avatar_url", TEXT, NULLABLE), M("owner_id", ID, NULLABLE),         \
		M("max_members", INT), M("member_count", INT), M("join_by_id", BOOL), \
		M("settings", ONE, .of = "RoomSettings"), M("seq", INT),              \
		M("epoch", TEXT), M("created_at", TIME),                              \
		M("me", ONE, NULLABLE, .of = "RoomMe"),                               \
		M("last_message", ONE, NULLABLE, .of = "Message"),                    \
		M("peer", ONE, NULLABLE, .of = "User")

extern const char *const user_status_names[];
extern const char *const notify_names[]; /* what a member wants to be notified of */
