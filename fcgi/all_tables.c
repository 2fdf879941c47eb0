#include "fcgi/tables.h"

/* clang-format off */
const struct route *const all_tables[] = {
	accounts_routes,
	sessions_routes,
	devices_routes,
	password_routes,
	recovery_routes, admin_users_routes, admin_invites_routes, admin_rooms_routes,
	service_routes,
	rooms_routes,
	room_create_routes,
	room_members_routes,
	room_add_routes,
	invites_routes,
	messages_routes,
	history_routes,
	edits_routes,
	api_tokens_routes, me_routes, remove_account_routes,
	files_routes,
	users_routes,
	directory_routes,
	contacts_routes,
	calls_routes,
	search_routes,
	NULL,
};
/* clang-format on */
