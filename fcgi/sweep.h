/* sweep.h -- what a program clears away in time, between requests.
 *
 * Where there is only a web server, nobody else could: no daemon, no cron. A sweep
 * is done by one process of a host at a time, and no more often than it says; when
 * it was last done is the time of the file <run_dir>/sweep.<name>, so that workers
 * that come and go, and plain CGI, keep to it together. FastCGI workers sweep when
 * they are idle too; after a CGI process's answer a child of it does.
 *
 * While there is more to do, it is done in pieces, with rests of SWEEP_REST times as long
 * as the piece took: nobody waits for it, so nobody should feel it, neither who asks the
 * worker for something meanwhile, nor those whose messages the database commits.
 *
 * Losing the file, or sweeping twice, must do no harm. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

struct sweep {
	const char *name;
	int every_s;
	/* Does a bounded piece of work, some 100 ms at most. *out_more (false before):
	 * there is more, go on after a rest. An error is logged, and tried again in its
	 * time. */
	enum err (*run)(struct app *app, struct arena *a, bool *out_more);
};

enum {
	SWEEP_REST = 19,
	SWEEP_LOOK_MS = 10000, /* how often an idle worker looks */
};

/* Is anything due? */
bool sweep_is_due(const struct sweep *sweeps, struct app *app, struct arena *a);

/* Do what is due. sweeps ends with {}; NULL is fine. Looks at the files once a second at
 * most, but to go on after a rest. Returns how many milliseconds an idle worker may wait
 * until it calls this again. */
int sweep_due(const struct sweep *sweeps, struct app *app, struct arena *a);
