/* messages_main.c -- messages.fcgi: posting, reading and changing messages. */
#include "fcgi/files_store.h"
#include "fcgi/history_store.h"
#include "fcgi/messages_store.h"
#include "fcgi/rooms_store.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "shared/edits.h"
#include "shared/marks.h"
#include "shared/session.h"

int
main(int argc, char **argv)
{
	return serve(
		argc, argv,
		&(struct program){
			.name = "messages",
			.tables = (const struct route *const[]){ messages_routes,
								 history_routes,
								 edits_routes, NULL },
			.statements =
				(const struct stmt *const *const[]){
					db_statements, session_statements,
					roomlog_append_statements,
					rooms_change_statements, messages_statements,
					history_statements, receipts_statements,
					edits_statements, marks_statements,
					files_statements, NULL },
		});
}
