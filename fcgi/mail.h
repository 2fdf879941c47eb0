/* mail.h -- letters, through the host's sendmail command (setting `sendmail`).
 *
 * The command runs in a process of its own, without a shell, and inherits nothing of ours
 * but the letter. The worker neither waits for it nor reaps it; one that hangs is killed
 * after a minute. So neither the answer nor its timing shows whether a letter is sent;
 * failures are in our log.
 *
 * Letters are plain text in UTF-8 (RFC 5322, 2045, 2047). A client cannot inject a
 * header: an address of several words or with a control character is refused, and a
 * subject is encoded unless it is plain ASCII. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/app.h"
#include "shared/arena.h"
#include "shared/config.h"
#include "shared/err.h"

struct mail {
	const char *to; /* one address and nothing else */
	const char *subject;
	const char *text; /* lines end with "\n" */
};

/* Is there a command, and a URL of ours for links? */
bool mail_works(const struct config *c);

/* The whole letter with its headers; NULL if `to` is not an address or there is no
 * address to send from. */
const char *mail_print(struct arena *a, const struct config *c, const struct mail *m,
		       int64_t now_ms);

/* Sends it. With pretend, does everything that the caller can notice and sends nothing.
 * ERR_INVALID if mail_print() returns NULL; ERR_UNAVAILABLE if no process can be
 * started. */
enum err mail_send(const struct app *app, struct arena *a, const struct mail *m,
		   bool pretend);
