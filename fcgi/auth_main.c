/* auth_main.c -- auth.fcgi: accounts, sessions, one's own account, and the service's
 * status. The only program whose database role can read password hashes. */
#include <stdio.h>

#include "fcgi/accounts.h"
#include "fcgi/accounts_store.h"
#include "fcgi/admin_store.h"
#include "fcgi/api_tokens_store.h"
#include "fcgi/devices_store.h"
#include "fcgi/names.h"
#include "fcgi/recovery_store.h"
#include "fcgi/serve.h"
#include "fcgi/tables.h"
#include "fcgi/users_store.h"
#include "shared/auto.h"
#include "shared/removal.h"
#include "shared/session.h"
#include "shared/ticket.h"

enum { SWEEP_S = 3600 };

static const struct sweep sweeps[] = {
	{ "accounts", SWEEP_S, recovery_sweep_run },
	{ "sessions", SWEEP_S, devices_sweep_run },
	{},
};

/* The first administrator, who can then make others. */
static int
make_admin(struct app *app, const char *login)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *shown;

	switch (admin_make(app->db, a, names_login_key(a, login), &shown)) {
	case OK:
		printf("%s is an administrator\n", shown);
		return 0;
	case ERR_NOT_FOUND:
		fprintf(stderr, "there is nobody with the login %s: register first\n",
			login);
		return 1;
	default:
		fputs("the database does not answer, or refuses\n", stderr);
		return 1;
	}
}

int
main(int argc, char **argv)
{
	return serve(argc, argv,
		     &(struct program){
			     .name = "auth",
			     .tables =
				     (const struct route *const[]){
					     accounts_routes, sessions_routes,
					     devices_routes, password_routes, me_routes,
					     api_tokens_routes, remove_account_routes,
					     recovery_routes, admin_users_routes,
					     admin_invites_routes, service_routes, NULL },
			     .statements =
				     (const struct stmt *const *const[]){
					     db_statements, session_statements,
					     accounts_statements, devices_statements,
					     ticket_statements, api_tokens_statements,
					     users_statements, removal_account_statements,
					     recovery_statements, admin_users_statements,
					     admin_invites_statements, NULL },
			     .sweeps = sweeps,
			     .database = config_database_auth,
			     .tool = { "admin", "LOGIN", "make somebody an administrator",
				       make_admin },
		     });
}
