/* files_main.c -- files.fcgi: uploads, downloads, avatars. */
#include "fcgi/files_store.h"
#include "fcgi/files_sweep.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "shared/session.h"

int
main(int argc, char **argv)
{
	return serve(
		argc, argv,
		&(struct program){
			.name = "files",
			.tables = (const struct route *const[]){ files_routes, NULL },
			.statements =
				(const struct stmt *const *const[]){
					db_statements, session_statements,
					files_statements, NULL },
			.sweeps = files_sweeps,
		});
}
