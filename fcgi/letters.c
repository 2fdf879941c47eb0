#include "fcgi/letters.h"
#include "fcgi/limit.h"
#include "fcgi/mail.h"
#include "shared/clock.h"
#include "shared/limits.h"

enum { HOUR_MS = 3600000 };

static struct limit
an_hour(const char *name, int64_t most)
{
	return (struct limit){
		.name = name, .burst = most, .per = most, .window_ms = HOUR_MS
	};
}

enum err
letters_begin(struct req *rq)
{
	const struct config *c = &rq->app->config;
	struct limit limit = an_hour("mail-request", c->mail_requests_per_hour);

	if (!mail_works(c))
		return problem_fail(&rq->problem, ERR_FORBIDDEN, "mail_off",
				    "This server sends no mail.");
	return limit_take(rq, &limit, rq->address_counted,
			  "Too many requests for mail from your address; try again "
			  "later.");
}

const char *
letters_link(struct req *rq, const char *what, const char *secret)
{
	return arena_printf(rq->arena, "%s/#%s=%s", rq->app->config.public_url, what,
			    secret);
}

static enum err
write_to(struct req *rq, const struct letter *l, const char *subject, const char *text,
	 bool pretend)
{
	struct limit limit = an_hour("mail", rq->app->config.mails_per_hour);
	struct mail mail = { .to = l->to, .subject = subject, .text = text };
	enum err err;

	if (!limits_take(rq->app->limits, &limit, l->to_key, 1, clock_now_ms()).allowed)
		pretend = true;
	err = mail_send(rq->app, rq->arena, &mail, pretend);
	/* An address to which no mail can be sent gets the same answer as one that nobody
	 * reads. */
	return err == ERR_INVALID ? OK : err;
}

enum err
letter_reset(struct req *rq, const struct letter *l, bool pretend)
{
	return write_to(
		rq, l, "Choose a new password",
		arena_printf(rq->arena,
			     "Hello %s,\n\n"
			     "somebody asked for a new password for your account "
			     "at\n%s\n\n"
			     "Use this link to choose one. It works once, within 30 "
			     "minutes:\n\n%s\n\n"
			     "If it was not you, ignore this mail; your password stays "
			     "as it is.\n",
			     l->login, rq->app->config.public_url,
			     letters_link(rq, "reset", l->secret)),
		pretend);
}

enum err
letter_confirm(struct req *rq, const struct letter *l)
{
	return write_to(
		rq, l, "Confirm your e-mail address",
		arena_printf(rq->arena,
			     "Hello %s,\n\n"
			     "please confirm that this is the e-mail address of your "
			     "account at\n%s\n\n"
			     "Open this link within three days:\n\n%s\n\n"
			     "If it is not your account, ignore this mail.\n",
			     l->login, rq->app->config.public_url,
			     letters_link(rq, "confirm", l->secret)),
		false);
}

enum err
letter_known(struct req *rq, const struct letter *l)
{
	return write_to(
		rq, l, "You already have an account",
		arena_printf(rq->arena,
			     "Hello %s,\n\n"
			     "somebody gave your e-mail address for another account "
			     "at\n%s\n\n"
			     "You already have one there, so nothing was created or "
			     "changed. If it was you, sign in as %s, or ask there for a "
			     "new password.\n",
			     l->login, rq->app->config.public_url, l->login),
		false);
}
