/* letters.h -- what Foyer writes to people, and how often.
 *
 * Each letter is asked for by a request: counted by the address it came from
 * (ERR_TOO_MANY), and by the address it goes to, where one too many is not sent and
 * nobody hears of it. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

/* ERR_FORBIDDEN with mail_off where no mail can be sent, else the count. */
enum err letters_begin(struct req *rq);

/* "<public_url>/#<what>=<secret>": browsers keep what stands after the # to
 * themselves. */
const char *letters_link(struct req *rq, const char *what, const char *secret);

struct letter {
	const char *to, *to_key; /* names_email_key() */
	const char *login;	 /* whom it calls so */
	const char *secret;	 /* of its link */
};

/* pretend: cost the same and send nothing. */
enum err letter_reset(struct req *rq, const struct letter *l, bool pretend);
enum err letter_confirm(struct req *rq, const struct letter *l);
/* To somebody whose address a stranger gave: no link, no secret. */
enum err letter_known(struct req *rq, const struct letter *l);
