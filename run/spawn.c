/* spawn.c -- see spawn.h. */
#include "run/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LISTEN_FD = 3 }; /* where the LISTEN_FDS convention begins */

/* Ignored and blocked signals would survive exec; the program starts with the defaults.
 */
static void
signals_default(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The program's descriptors: /dev/null to read, the output, the socket as 3. */
static bool
descriptors_set(const char *output, int listen_fd)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = output ? open(output, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)
			 : STDERR_FILENO;

	if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		return false;
	if (listen_fd == LISTEN_FD)
		return fcntl(LISTEN_FD, F_SETFD, 0) == 0;
	if (listen_fd >= 0)
		return dup2(listen_fd, LISTEN_FD) == LISTEN_FD;
	return true;
}

/* In the new process; `parent` is the supervisor. */
_Noreturn static void
program_exec(pid_t parent, char **argv, const char *output, int listen_fd)
{
	char pid[16];

	/* If the parent has already died, PR_SET_PDEATHSIG comes too late. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(126);
	signals_default();
	if (listen_fd >= 0) {
		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		setenv("LISTEN_PID", pid, 1);
		setenv("LISTEN_FDS", "1", 1);
	}
	if (descriptors_set(output, listen_fd))
		execv(argv[0], argv);
	dprintf(STDERR_FILENO, "foyer-supervise: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

pid_t
spawn(char **argv, const char *output, int listen_fd)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0)
		program_exec(parent, argv, output, listen_fd);
	return pid;
}
