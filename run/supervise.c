/* supervise.c -- foyer-supervise: keeps one program running.
 *
 *	foyer-supervise [-l ADDRESS:PORT] [-p PID_FILE] [-P OWN_PID_FILE]
 *			[-o OUTPUT] [-s SIGNAL] [-t SECONDS] PROGRAM [ARGUMENT...]
 *	foyer-supervise -n -l ADDRESS:PORT
 *
 * Goals: restart the program about 20 ms after its death, and more slowly if it
 * repeatedly dies at once. The supervisor holds the listening socket and passes
 * it on by the LISTEN_FDS convention (fd 3), so connections wait in the kernel's
 * queue while the program is down. No process is left behind: the supervisor is
 * a subreaper, so what the program leaves behind becomes its child, which it
 * terminates and waits for; and if the supervisor is killed, so is the program.
 * It logs every exit with its status.
 *
 * Non-goals: more than one program, dropping privileges, rotating logs, becoming
 * a daemon; the caller does that.
 *
 * SIGTERM and SIGINT stop the program with SIGNAL (15) and, SECONDS (10) later,
 * with SIGKILL; then the supervisor exits with the program's exit status, or 128
 * plus the signal it died of. SIGHUP is passed on. If the program exits with an
 * error before it has ever run for a second, a restart would not help: the
 * supervisor exits too, while its caller is still waiting for the start. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run/listen.h"
#include "run/spawn.h"
#include "shared/log.h"

enum {
	FIRST_DELAY_MS = 20,
	LAST_DELAY_MS = 5000,
	BRIEF_MS = 300,	  /* after a shorter life, the delay doubles */
	STEADY_MS = 1000, /* a program that has run this long is sound */
	KILL_AGAIN_MS = 1000,
};

static struct {
	const char *listen;
	const char *pid_file;	  /* the program's, written at every start */
	const char *own_pid_file; /* ours */
	const char *output;	  /* where the program's stdout and stderr go */
	int stop_signal;
	int64_t stop_ms;
	bool only_try; /* -n */
	char **argv;
	const char *name; /* argv[0] without its folder */
} options = { .stop_signal = SIGTERM, .stop_ms = 10000 };

/* UP: the program runs. LEAVING: it has exited, but a process that it left behind
 * has not. RESTING: nothing runs; the next start is at `start_at_ms`. */
enum phase { UP, LEAVING, RESTING };

static struct {
	enum phase phase;
	pid_t pid;
	int64_t started_ms;
	int64_t start_at_ms; /* while RESTING */
	int64_t kill_at_ms;  /* otherwise: when to send SIGKILL; INT64_MAX: never */
	int64_t delay_ms;    /* before the restart after the next exit */
	bool stopping;
	bool was_steady; /* it has run for STEADY_MS at least once */
	int status;	 /* of the program's last exit, as a shell's $? */
	int listen_fd;	 /* -1: none */
} state = { .phase = RESTING,
	    .kill_at_ms = INT64_MAX,
	    .delay_ms = FIRST_DELAY_MS,
	    .listen_fd = -1 };

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- pid files ----------------------------------------------------------- */

/* Written under another name and renamed: a reader finds a complete number or no file. */
static void
pid_file_write(const char *path, pid_t pid)
{
	char beside[4096];
	FILE *f;

	if (!path)
		return;
	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside) ||
	    !(f = fopen(beside, "we")) || fprintf(f, "%d\n", (int)pid) < 0 ||
	    fclose(f) != 0 || rename(beside, path) < 0)
		log_event(LOG_ERROR, "pid_file", LOG_S("file", path),
			  LOG_S("error", strerror(errno)));
}

static void
pid_file_remove(const char *path)
{
	if (path)
		unlink(path);
}

/* ---- starting ------------------------------------------------------------ */

static void
program_start(void)
{
	pid_t pid = spawn(options.argv, options.output, state.listen_fd);

	if (pid < 0) {
		log_event(LOG_ERROR, "fork", LOG_S("error", strerror(errno)));
		state.start_at_ms = now_ms() + LAST_DELAY_MS;
		return;
	}
	state.phase = UP;
	state.pid = pid;
	state.started_ms = now_ms();
	state.kill_at_ms = INT64_MAX;
	pid_file_write(options.pid_file, pid);
	log_event(LOG_INFO, "started", LOG_S("child", options.name),
		  LOG_I("child_pid", pid));
}

/* ---- ending -------------------------------------------------------------- */

/* Signals the program, or what it left behind. The pids of our children cannot be
 * reused: they stay ours until we have waited for them. */
static void
children_signal(int sig)
{
	char path[64];
	FILE *f;
	int pid;

	if (state.phase == UP) {
		kill(state.pid, sig);
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if (!(f = fopen(path, "re")))
		return;
	while (fscanf(f, "%d", &pid) == 1)
		kill(pid, sig);
	fclose(f);
}

/* The time to stop is over. A killed process may leave children of its own, so this is
 * repeated until none is left. */
static void
children_kill(void)
{
	log_event(LOG_WARN, "killing", LOG_S("child", options.name));
	children_signal(SIGKILL);
	state.kill_at_ms = now_ms() + KILL_AGAIN_MS;
}

static void
stop(void)
{
	if (state.stopping)
		return;
	state.stopping = true;
	if (state.phase == RESTING)
		state.status = 0; /* not the status of a program that died before */
	if (state.phase != UP)
		return;
	children_signal(options.stop_signal);
	state.kill_at_ms = now_ms() + options.stop_ms;
}

static void
choose_delay(int64_t lived_ms)
{
	if (lived_ms >= STEADY_MS)
		state.was_steady = true;
	if (lived_ms >= BRIEF_MS)
		state.delay_ms = FIRST_DELAY_MS;
	state.start_at_ms = now_ms() + state.delay_ms;
	state.delay_ms *= 2;
	if (state.delay_ms > LAST_DELAY_MS)
		state.delay_ms = LAST_DELAY_MS;
}

static void
program_ended(const siginfo_t *info)
{
	bool failed = info->si_code == CLD_EXITED && info->si_status != 0;

	state.status =
		info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
	state.pid = 0;
	state.phase = LEAVING;
	choose_delay(now_ms() - state.started_ms);
	if (failed && !state.was_steady)
		state.stopping = true;
	if (state.kill_at_ms == INT64_MAX)
		state.kill_at_ms = now_ms() + options.stop_ms;
}

static void
log_end(const siginfo_t *info, const char *name)
{
	bool exited = info->si_code == CLD_EXITED;
	bool well = exited && info->si_status == 0;

	log_event(well ? LOG_INFO : LOG_WARN, "exited", LOG_S("child", name),
		  LOG_I("child_pid", info->si_pid),
		  LOG_I(exited ? "status" : "signal", info->si_status));
}

/* The name of a process that has exited but has not been waited for. */
static void
process_name(pid_t pid, char *out, size_t size)
{
	char path[64];
	FILE *f;

	snprintf(out, size, "?");
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (!(f = fopen(path, "re")))
		return;
	if (fgets(out, (int)size, f))
		out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

/* Reaps every child that has exited. It removes the pid file before the pid is released,
 * so the file never names another process. False: there are no children left. */
static bool
reap(void)
{
	siginfo_t info = {};
	char name[32];

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
		bool program = info.si_pid == state.pid;

		if (info.si_pid == 0)
			return true;
		if (program)
			pid_file_remove(options.pid_file);
		process_name(info.si_pid, name, sizeof(name));
		log_end(&info, program ? options.name : name);
		waitpid(info.si_pid, NULL, 0);
		if (program)
			program_ended(&info);
		info = (siginfo_t){};
	}
	return false;
}

/* ---- the loop ------------------------------------------------------------ */

/* Sleeps until a signal arrives or until `until_ms`, and handles the signal. */
static void
wait_for_signal(const sigset_t *signals, int64_t until_ms)
{
	int64_t left_ms = until_ms - now_ms();
	struct timespec left;

	if (left_ms < 0)
		left_ms = 0;
	if (left_ms > INT32_MAX)
		left_ms = INT32_MAX;
	left = (struct timespec){ left_ms / 1000, left_ms % 1000 * 1000000 };
	switch (sigtimedwait(signals, NULL, &left)) {
	case SIGTERM:
	case SIGINT:
		stop();
		break;
	case SIGHUP:
		if (state.phase == UP)
			kill(state.pid, SIGHUP);
		break;
	default: /* SIGCHLD or the time-out: the loop handles both */
		break;
	}
}

static int
supervise(const sigset_t *signals)
{
	for (;;) {
		bool some_left = reap();

		/* Repeated at each exit: while a child exits, the kernel's list of our
		 * children may omit another (proc(5)). */
		if (state.phase == LEAVING && some_left)
			children_signal(SIGTERM);
		else if (state.phase == LEAVING)
			state.phase = RESTING;
		if (state.phase == RESTING && state.stopping)
			return state.status;
		if (state.phase == RESTING && now_ms() >= state.start_at_ms)
			program_start();
		if (state.phase != RESTING && now_ms() >= state.kill_at_ms)
			children_kill();
		wait_for_signal(signals, state.phase == RESTING ? state.start_at_ms
								: state.kill_at_ms);
	}
}

_Noreturn static void
usage(void)
{
	fputs("usage: foyer-supervise [-l ADDRESS:PORT] [-p PID_FILE] [-P OWN_PID_FILE]\n"
	      "                       [-o OUTPUT] [-s SIGNAL] [-t SECONDS]\n"
	      "                       PROGRAM [ARGUMENT...]\n"
	      "       foyer-supervise -n -l ADDRESS:PORT\n",
	      stderr);
	exit(2);
}

/* A whole number from 1 to most; otherwise prints the usage and exits. */
static int
number(const char *text, int most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > most)
		usage();
	return (int)n;
}

static void
options_read(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+nl:p:P:o:s:t:")) != -1) {
		switch (c) {
		case 'n':
			options.only_try = true;
			break;
		case 'l':
			options.listen = optarg;
			break;
		case 'p':
			options.pid_file = optarg;
			break;
		case 'P':
			options.own_pid_file = optarg;
			break;
		case 'o':
			options.output = optarg;
			break;
		case 's':
			options.stop_signal = number(optarg, NSIG - 1);
			break;
		case 't':
			options.stop_ms = number(optarg, 3600) * 1000;
			break;
		default:
			usage();
		}
	}
	options.argv = argv + optind;
	if (options.only_try ? !options.listen : !options.argv[0])
		usage();
	if (!options.only_try) {
		const char *slash = strrchr(options.argv[0], '/');

		options.name = slash ? slash + 1 : options.argv[0];
	}
}

/* Closes the caller's descriptors (a lock, a pipe), which we would keep open, and opens
 * 0 to 2, so that no socket of ours becomes anybody's stderr. */
static void
descriptors_clean(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

int
main(int argc, char **argv)
{
	sigset_t signals;
	int status;

	options_read(argc, argv);
	descriptors_clean();
	if (options.listen && (state.listen_fd = listen_open(options.listen)) < 0)
		return 1;
	if (options.only_try)
		return 0;
	if (log_open("supervise", "", 0, LOG_INFO) != OK ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 1;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	pid_file_write(options.own_pid_file, getpid());
	status = supervise(&signals);
	pid_file_remove(options.own_pid_file);
	return status;
}
