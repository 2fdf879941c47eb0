/* sweep.h -- what a program clears away in time, between requests.
 *
 * Where there is only a web server, nobody else could: no daemon, no cron. A sweep
 * is done by one process of a host at a time, and no more often than it says; when
 * it was last done is the time of the file <run_dir>/sweep.<name>, so that workers
 * that come and go, and plain CGI, keep to it together. FastCGI workers sweep when
 * they are idle too; after a CGI
 * process's answer a child of it does.
 *
 * Losing the file, or sweeping twice, must do no harm. */
#pragma once

#include <stdbool.h>

#include "fcgi/request.h"
#include "shared/err.h"

struct sweep {
	const char *name;
	int every_s;
	/* Does a bounded piece of work, some 100 ms of it. *out_more (false before):
	 * there is more, go on at the next opportunity. An error is logged, and tried
	 * again in its time. */
	enum err (*run)(struct app *app, struct arena *a, bool *out_more);
};

enum { SWEEP_LOOK_MS = 10000 }; /* how often an idle worker looks */

/* Is anything due? */
bool sweep_is_due(const struct sweep *sweeps, struct app *app, struct arena *a);

/* Do what is due. sweeps ends with {}; NULL is fine. Looks at the files at most
 * once a second. */
void sweep_due(const struct sweep *sweeps, struct app *app, struct arena *a);
