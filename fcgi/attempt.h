/* attempt.h -- one attempt at a password, counted against guessing.
 *
 * A limit of failures for an account and address together, and one for an address
 * (settings signin_failures_…). Signing in and changing the password count together. */
#pragma once

#include "fcgi/accounts_store.h"
#include "fcgi/password.h"
#include "fcgi/request.h"

/* Is this the account's password? account without user.id: it does not exist, and `name`
 * is counted instead. given: as the client wrote it. ERR_UNAUTHENTICATED if it is wrong;
 * ERR_TOO_MANY. */
enum err attempt_password(struct req *rq, const struct account *account, const char *name,
			  const char *given, struct password_check *out);

/* The same answer to everything that may be wrong with a sign-in. */
enum err attempt_wrong(struct req *rq);
