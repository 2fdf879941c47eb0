/* search_main.c -- search.fcgi: finding messages. A program of its own, so that indexing
 * and searching do not delay posting. */
#include "fcgi/search_index.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "shared/session.h"

int
main(int argc, char **argv)
{
	return serve(
		argc, argv,
		&(struct program){
			.name = "search",
			.tables = (const struct route *const[]){ search_routes, NULL },
			.statements =
				(const struct stmt *const *const[]){
					db_statements, session_statements,
					search_statements, search_index_statements,
					NULL },
			.sweeps = search_sweeps,
		});
}
