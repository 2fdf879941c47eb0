/* accounts.h -- what registering and changing an account have in common. */
#pragma once

#include <stdbool.h>

#include "fcgi/accounts_store.h"
#include "fcgi/request.h"
#include "shared/err.h"

/* Links that confirm an address, and accounts that wait for it; links to a new
 * password. */
enum { CONFIRM_S = 3 * 86400, RESET_S = 30 * 60 };

/* Forgets what nobody confirmed or used (sweep.h). */
enum err recovery_sweep_run(struct app *app, struct arena *a, bool *out_more);

/* And the sessions that are over. */
enum err devices_sweep_run(struct app *app, struct arena *a, bool *out_more);

/* The room that new accounts are in; and what is done once one of them is: its members
 * are told. */
struct lobby_name accounts_lobby(const struct req *rq);
void accounts_tell_lobby(struct req *rq, const struct seat *seat);

/* 409, said rarely: nobody shall find out by it who is here. */
enum err accounts_refuse_taken(struct req *rq, const char *code, const char *detail);

/* 403: the token is good, and signing in again would not help. */
enum err accounts_wrong_password(struct req *rq, const char *detail);
