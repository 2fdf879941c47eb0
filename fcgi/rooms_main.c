/* rooms_main.c -- rooms.fcgi: rooms, and who is in them. */
#include "fcgi/admin_store.h"
#include "fcgi/remains.h"
#include "fcgi/rooms_store.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "shared/edits.h"
#include "shared/removal.h"
#include "shared/roomlog.h"
#include "shared/session.h"

int
main(int argc, char **argv)
{
	return serve(
		argc, argv,
		&(struct program){
			.name = "rooms",
			.tables = (const struct route *const[]){ rooms_routes,
								 room_create_routes,
								 room_members_routes,
								 admin_rooms_routes,
								 room_add_routes, NULL },
			.statements =
				(const struct stmt *const *const[]){
					db_statements, session_statements,
					roomlog_append_statements, members_statements,
					members_come_statements, rooms_statements,
					rooms_change_statements, members_store_statements,
					edits_statements, admin_rooms_statements,
					removal_statements, NULL },
			.sweeps = remains_sweeps,
		});
}
