/* mail.h -- letters, through the host's sendmail command (setting `sendmail`).
 *
 * The command is run by a process of its own, without a shell and with nothing of
 * ours but the letter: the worker neither waits for it nor has to bury it, and one
 * that hangs is killed after a minute. So whether a letter goes out, and how fast,
 * shows neither in the answer nor in its time; what failed is in our log.
 *
 * Letters are plain text in UTF-8 (RFC 5322, 2045, 2047). Nothing that a client
 * wrote can add a header: an address of several words or with a control character
 * is refused, and a subject is encoded unless it is plain ASCII. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/app.h"
#include "shared/arena.h"
#include "shared/config.h"
#include "shared/err.h"

struct mail {
	const char *to; /* one address, nothing around it */
	const char *subject;
	const char *text; /* lines end with "\n" */
};

/* Is there a command, and an address of ours for links to lead to? */
bool mail_works(const struct config *c);

/* The whole letter, headers and all; NULL if `to` is no address or there is no
 * address to send from. */
const char *mail_print(struct arena *a, const struct config *c, const struct mail *m,
		       int64_t now_ms);

/* Send it, or, with pretend, do all that the caller can notice of it and send nothing.
 * ERR_INVALID where mail_print() gives NULL; ERR_UNAVAILABLE if no process can be had. */
enum err mail_send(const struct app *app, struct arena *a, const struct mail *m,
		   bool pretend);
