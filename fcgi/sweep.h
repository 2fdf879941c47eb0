/* sweep.h -- what a program cleans up regularly, between requests.
 *
 * If a host has only a web server, there is no daemon and no cron to do it. A sweep is
 * run by one process of a host at a time, and no more often than its row says. The time
 * of the file <run_dir>/sweep.<name> is when it last ran, so that workers that come and
 * go, and plain CGI, share one schedule. FastCGI workers also sweep when they are idle;
 * under CGI a child sweeps after the answer.
 *
 * If there is more to do, it is done in pieces, with rests of SWEEP_REST times as long as
 * the piece took. Nobody waits for it, so nobody should notice it: neither the next
 * client of the worker, nor those whose messages the database commits.
 *
 * Losing the file, or sweeping twice, must do no harm. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

struct sweep {
	const char *name;
	int every_s;
	/* Does a limited piece of work, at most about 100 ms. *out_more (initially
	 * false): there is more, continue after a rest. An error is logged; the next try
	 * is at the usual time. */
	enum err (*run)(struct app *app, struct arena *a, bool *out_more);
};

enum {
	SWEEP_REST = 19,
	SWEEP_LOOK_MS = 10000, /* how often an idle worker looks */
};

/* Is anything due? */
bool sweep_is_due(const struct sweep *sweeps, struct app *app, struct arena *a);

/* Runs what is due. sweeps ends with {}; NULL is fine. Looks at the files at most once a
 * second, except to continue after a rest. Returns how many milliseconds an idle worker
 * may wait before it calls this again. */
int sweep_due(const struct sweep *sweeps, struct app *app, struct arena *a);
