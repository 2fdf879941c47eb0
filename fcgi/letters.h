/* letters.h -- the mail that Foyer sends to people, and how often.
 *
 * Each letter is caused by a request. It counts against the address that the request came
 * from (ERR_TOO_MANY), and against the address to which it goes; above that limit it is
 * silently not sent. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

/* ERR_FORBIDDEN with mail_off if mail cannot be sent; otherwise the result of the
 * count. */
enum err letters_begin(struct req *rq);

/* "<public_url>/#<what>=<secret>": browsers do not send the part after the #. */
const char *letters_link(struct req *rq, const char *what, const char *secret);

struct letter {
	const char *to, *to_key; /* names_email_key() */
	const char *login;	 /* by which it addresses them */
	const char *secret;	 /* for its link */
};

/* pretend: costs the same and sends nothing. */
enum err letter_reset(struct req *rq, const struct letter *l, bool pretend);
enum err letter_confirm(struct req *rq, const struct letter *l);
/* To somebody whose address a stranger has given: no link, no secret. */
enum err letter_known(struct req *rq, const struct letter *l);
