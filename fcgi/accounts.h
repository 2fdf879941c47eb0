/* accounts.h -- what registering and changing an account have in common. */
#pragma once

#include <stdbool.h>

#include "fcgi/accounts_store.h"
#include "fcgi/request.h"
#include "shared/err.h"

/* Life of links that confirm an address, and of accounts that wait for it; life of links
 * for a new password. */
enum { CONFIRM_S = 3 * 86400, RESET_S = 30 * 60 };

/* Deletes what nobody confirmed or used (sweep.h). */
enum err recovery_sweep_run(struct app *app, struct arena *a, bool *out_more);

/* Deletes sessions that have ended. */
enum err devices_sweep_run(struct app *app, struct arena *a, bool *out_more);

/* The room that new accounts join; and what to do once one has joined: tell the
 * broker. */
struct lobby_name accounts_lobby(const struct req *rq);
void accounts_tell_lobby(struct req *rq, const struct seat *seat);

/* 409, at a limited rate, so that nobody can find out by it who has an account. */
enum err accounts_refuse_taken(struct req *rq, const char *code, const char *detail);

/* 403, not 401: the token is valid, and signing in again would not help. */
enum err accounts_wrong_password(struct req *rq, const char *detail);
