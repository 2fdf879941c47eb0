/* users_main.c -- users.fcgi: other people, finding them, and one's contacts. */
#include "fcgi/contacts_store.h"
#include "fcgi/directory_store.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "fcgi/users_store.h"
#include "shared/session.h"

int
main(int argc, char **argv)
{
	return serve(
		argc, argv,
		&(struct program){
			.name = "users",
			.tables = (const struct route *const[]){ users_routes,
								 directory_routes,
								 contacts_routes, NULL },
			.statements =
				(const struct stmt *const *const[]){
					db_statements, session_statements,
					users_statements, directory_statements,
					contacts_statements, NULL },
		});
}
