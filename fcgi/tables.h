/* tables.h -- all tables of routes. A program serves some of them; the reference
 * describes all. */
#pragma once

#include "fcgi/route.h"

extern const struct route accounts_routes[];
extern const struct route sessions_routes[];
extern const struct route devices_routes[];
extern const struct route password_routes[];
extern const struct route recovery_routes[];
extern const struct route admin_users_routes[];
extern const struct route admin_invites_routes[];
extern const struct route admin_rooms_routes[];
extern const struct route service_routes[];
extern const struct route rooms_routes[];
extern const struct route room_create_routes[];
extern const struct route room_members_routes[];
extern const struct route room_add_routes[];
extern const struct route invites_routes[];
extern const struct route messages_routes[];
extern const struct route history_routes[];
extern const struct route api_tokens_routes[];
extern const struct route me_routes[];
extern const struct route remove_account_routes[];
extern const struct route users_routes[];
extern const struct route directory_routes[];
extern const struct route contacts_routes[];
extern const struct route calls_routes[];
extern const struct route edits_routes[];
extern const struct route search_routes[];
extern const struct route files_routes[];

extern const struct route *const all_tables[]; /* NULL-terminated */
