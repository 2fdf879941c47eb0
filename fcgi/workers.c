/* workers.c -- see workers.h. */
#include "fcgi/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/die.h"
#include "shared/log.h"

enum { REST_MS = 500 }; /* before a worker that has ended is replaced */

static struct {
	pid_t *pids; /* 0: none; to be started */
	int count, running;
	bool stopping;
	bool reloaded; /* all were told to reload */
} workers;

/* Starts missing workers. True in a new worker. */
static bool
fill(const sigset_t *mask)
{
	pid_t parent = getpid();

	for (int i = 0; i < workers.count; i++) {
		if (workers.pids[i])
			continue;
		workers.pids[i] = fork();
		if (workers.pids[i] < 0)
			die("fork: %s", strerror(errno));
		if (workers.pids[i] == 0) {
			/* The parent may have died before prctl() took effect. */
			if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
				exit(1);
			sigprocmask(SIG_SETMASK, mask, NULL);
			return true;
		}
		workers.running++;
	}
	return false;
}

static void
forget(pid_t pid, int status)
{
	for (int i = 0; i < workers.count; i++)
		if (workers.pids[i] == pid) {
			workers.pids[i] = 0;
			workers.running--;
		}
	if (status != 0)
		log_event(LOG_ERROR, "worker_exited", LOG_I("child_pid", pid),
			  LOG_I("status", WIFEXITED(status) ? WEXITSTATUS(status) : 0),
			  LOG_I("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

static void
bury(void)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		forget(pid, status);
}

static void
tell_all(int signal)
{
	for (int i = 0; i < workers.count; i++)
		if (workers.pids[i])
			kill(workers.pids[i], signal);
}

static void
take(int signal)
{
	switch (signal) {
	case SIGCHLD:
		bury();
		break;
	case SIGHUP:
		log_reopen();
		workers.reloaded = true;
		tell_all(SIGHUP);
		break;
	default:
		workers.stopping = true;
		tell_all(SIGTERM);
	}
}

/* The next signal. If a worker is missing, -1 when none came for the time of a rest. */
static int
next_signal(const sigset_t *watched)
{
	static const struct timespec rest = { .tv_nsec = REST_MS * 1000000L };

	if (workers.stopping || workers.running == workers.count)
		return sigwaitinfo(watched, NULL);
	return sigtimedwait(watched, NULL, &rest);
}

/* If we are to end with the web server (setpriv --pdeathsig), it may have been gone
 * before that took effect. */
static bool
is_orphan(void)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 && signal != 0 && getppid() == 1;
}

bool
workers_start(int count)
{
	sigset_t mask, watched;

	if (is_orphan())
		exit(0);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	watched = mask;
	sigaddset(&watched, SIGCHLD);
	sigprocmask(SIG_SETMASK, &watched, NULL);
	workers.pids = xcalloc((size_t)count, sizeof(*workers.pids));
	workers.count = count;
	if (fill(&mask))
		return false;
	while (workers.running > 0 || !workers.stopping) {
		int signal = next_signal(&watched);

		if (signal > 0)
			take(signal);
		else if (errno == EAGAIN && fill(&mask))
			return workers.reloaded;
	}
	exit(0);
}
