/* email_change.h -- another e-mail address, as a part of PUT /users/me. */
#pragma once

#include "fcgi/names.h"
#include "fcgi/request.h"
#include "shared/err.h"

/* What can be said of the two fields alone; NULL: not given. *out is empty then. */
void email_change_check(struct req *rq, const char *email, const char *password,
			struct name *out);

/* Sets it, or, where addresses are confirmed, mails the link to it, and the account
 * keeps the former one until it was opened. A wrong password is ERR_FORBIDDEN,
 * wrong_password, and counts as a failed sign-in. */
enum err email_change(struct req *rq, const struct name *email, const char *password);
