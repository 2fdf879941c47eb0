/* calls_main.c -- calls.fcgi: the log of calls, and what goes on in them. */
#include "fcgi/calls_store.h"
#include "fcgi/serve.h"
#include "fcgi/sweep.h"
#include "fcgi/tables.h"
#include "shared/roomlog.h"
#include "shared/session.h"

enum { EVERY_S = 5, AT_ONCE = 200 };

static enum err
end_what_is_over(struct app *app, struct arena *a, bool *out_more)
{
	int64_t count;

	TRY(calls_sweep(app->db, a, AT_ONCE, &count));
	*out_more = count == AT_ONCE;
	return OK;
}

static const struct sweep sweeps[] = {
	{ "calls", EVERY_S, end_what_is_over },
	{},
};

int
main(int argc, char **argv)
{
	return serve(
		argc, argv,
		&(struct program){
			.name = "calls",
			.tables = (const struct route *const[]){ calls_routes, NULL },
			.statements =
				(const struct stmt *const *const[]){
					db_statements, session_statements,
					roomlog_append_statements, calls_statements,
					calls_read_statements, calls_store_statements,
					NULL },
			.sweeps = sweeps,
		});
}
