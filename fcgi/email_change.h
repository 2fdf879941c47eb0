/* email_change.h -- changing one's e-mail address, as a part of PUT /users/me. */
#pragma once

#include "fcgi/names.h"
#include "fcgi/request.h"
#include "shared/err.h"

/* Checks the two fields by themselves; NULL: not given. *out is then empty. */
void email_change_check(struct req *rq, const char *email, const char *password,
			struct name *out);

/* Sets the address. If addresses are confirmed, it mails a link to the new one instead,
 * and the account keeps the former one until the link is opened. A wrong password is
 * ERR_FORBIDDEN, wrong_password, and counts as a failed sign-in. */
enum err email_change(struct req *rq, const struct name *email, const char *password);
