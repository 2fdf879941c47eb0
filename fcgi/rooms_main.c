/* rooms_main.c -- rooms.fcgi: rooms and their members. */
#include "fcgi/admin_store.h"
#include "fcgi/invites_store.h"
#include "fcgi/remains.h"
#include "fcgi/rooms_store.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "shared/edits.h"
#include "shared/removal.h"
#include "shared/roomlog.h"
#include "shared/session.h"

static const struct route *const tables[] = {
	rooms_routes,
	room_create_routes,
	room_members_routes,
	room_add_routes,
	invites_routes,
	admin_rooms_routes,
	NULL,
};

static const struct stmt *const *const statements[] = {
	db_statements,
	session_statements,
	roomlog_append_statements,
	members_statements,
	members_come_statements,
	rooms_statements,
	rooms_change_statements,
	members_store_statements,
	invites_statements,
	edits_statements,
	admin_rooms_statements,
	removal_statements,
	NULL,
};

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		     &(struct program){
			     .name = "rooms",
			     .tables = tables,
			     .statements = statements,
			     .sweeps = remains_sweeps,
		     });
}
