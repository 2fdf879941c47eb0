/* serve.c -- see serve.h. */
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/entry.h"
#include "fcgi/openapi.h"
#include "fcgi/serve.h"
#include "fcgi/workers.h"
#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/text.h"

enum {
	LISTEN_FD = 0,
	LAST_REQUESTS_MAX = 64,
	PIECE_BYTES = 65536,
	WORKERS_MAX = 64,
};

/* ---- one request --------------------------------------------------------- */

struct arenas {
	struct arena *request, *answer;
};

static void
log_request(const struct req *rq, const struct reply *reply, size_t bytes, int64_t us)
{
	log_event(reply->status >= 500 ? LOG_WARN : LOG_INFO, "request",
		  LOG_S("request_id", rq->id), LOG_S("method", method_names[rq->method]),
		  LOG_S("route", rq->route ? rq->route->pattern : NULL),
		  LOG_I("status", reply->status), LOG_S("user_id", rq->user_id),
		  LOG_I("duration_us", us), LOG_I("bytes", (int64_t)bytes));
}

/* The answer to the request of src; out_file: what follows it, or NULL. Whatever else
 * the request held ends before it is given: who has the answer finds nothing half done,
 * and may kill us. */
static const char *
answer(const struct program *program, struct app *app, const struct arenas *arenas,
       const struct source *src, size_t *out_len, const struct reply_file **out_file)
{
	struct arena *arena = arenas->request;
	struct req rq = { .app = app, .arena = arena, .source = src };
	int64_t start_us = clock_monotonic_us();
	struct reply reply = {};
	const char *text;

	route_answer(program->tables, &rq, request_head(&rq), &reply);
	request_drain(&rq);
	text = reply_print(&rq, &reply, out_len);
	*out_file = reply_sends_file(&rq, &reply) ? reply.file : NULL;
	log_request(&rq, &reply, *out_len, clock_monotonic_us() - start_us);
	if (*out_file)
		return text;
	text = arena_memdup(arenas->answer, text, *out_len);
	arena_reset(arena);
	return text;
}

/* Send a file in pieces; put() says 0 as long as somebody listens. */
static int
put_file(const struct reply_file *f, int (*put)(void *arg, const char *text, size_t len),
	 void *arg)
{
	char piece[PIECE_BYTES];
	int64_t done = 0;

	while (f && done < f->len) {
		int64_t left = f->len - done;
		size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		ssize_t got = pread(f->fd, piece, want, f->from + done);

		if (got <= 0 || put(arg, piece, (size_t)got) != 0)
			return 1;
		done += got;
	}
	return 0;
}

/* ---- plain CGI ----------------------------------------------------------- */

/* A CGI program may not read past CONTENT_LENGTH (RFC 3875, section 4.2). */
static size_t
read_cgi(void *arg, char *buf, size_t len)
{
	int64_t *left = arg;
	size_t want = (int64_t)len < *left ? len : (size_t)*left;
	ssize_t got = want > 0 ? read(STDIN_FILENO, buf, want) : 0;

	if (got <= 0)
		return 0;
	*left -= got;
	return (size_t)got;
}

static int
write_cgi(void *arg, const char *text, size_t len)
{
	(void)arg;
	while (len > 0) {
		ssize_t put = write(STDOUT_FILENO, text, len);

		if (put < 0)
			return 1;
		text += put;
		len -= (size_t)put;
	}
	return 0;
}

/* A web server may kill us as soon as it has the whole answer: so a child sweeps, from
 * before it is written. It inherits the connection to the database, and we end without
 * a word to that, which would end the child's too. Returns whether that is so. */
static bool
sweep_beside(const struct program *program, struct app *app)
{
	AUTO(arena) struct arena *arena = arena_new();
	pid_t child = sweep_is_due(program->sweeps, app, arena) ? fork() : -1;

	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		setsid();
		/* Apache waits until nobody holds stderr either. */
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			dup2(null, fd);
		sweep_due(program->sweeps, app, arena);
		exit(0);
	}
	return child > 0;
}

/* What cannot even start says so, instead of nothing; why, it has told the log. */
static void
answer_unstarted(void)
{
	const struct source src = { .env = environ };
	struct app app = { .config.prefix = "" }; /* nothing in it is known to be right */
	AUTO(arena) struct arena *a = arena_new();
	struct req rq = { .app = &app, .arena = a, .source = &src };
	struct reply reply = {};
	const char *text;
	size_t len;

	(void)request_head(&rq);
	reply_problem(
		&rq, &reply,
		problem_fail(&rq.problem, ERR_INTERNAL, NULL,
			     "This server is not set up right; what is wrong stands "
			     "in its log."));
	text = reply_print(&rq, &reply, &len);
	(void)write_cgi(NULL, text, len);
}

/* A web server makes arguments of a query without "=", too (RFC 3875, section 4.4), so
 * anybody could name a file of settings, their own upload, say. What the host says is
 * `--config FILE`, first of all, and nothing else. Returns how many count. */
static int
cgi_arguments(int argc, char **argv)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *query = getenv("QUERY_STRING");
	const char *word =
		query ? text_url_decode(a, query, strcspn(query, "+"), false) : "";

	if (argc < 2 || !word || text_starts(word, "--config"))
		return 1;
	if (text_starts(argv[1], "--config="))
		return 2;
	return argc > 2 && strcmp(argv[1], "--config") == 0 ? 3 : 1;
}

static int
serve_cgi(const struct program *program, struct app *app)
{
	AUTO(arena) struct arena *request = arena_new(), *of_answer = arena_new();
	const struct arenas arenas = { request, of_answer };
	const char *length = getenv("CONTENT_LENGTH");
	int64_t left = 0;
	const struct source src = { .env = environ, .read = read_cgi, .arg = &left };
	const struct reply_file *file;
	const char *text;
	bool shared;
	size_t len;
	int status;

	if (length && *length && text_to_int(length, &left) != OK)
		left = 0;
	text = answer(program, app, &arenas, &src, &len, &file);
	shared = sweep_beside(program, app);
	status = write_cgi(NULL, text, len);
	if (status == 0)
		status = put_file(file, write_cgi, NULL);
	if (shared)
		_exit(status);
	return status;
}

/* ---- FastCGI ------------------------------------------------------------- */

static size_t
read_fcgi(void *arg, char *buf, size_t len)
{
	int got = FCGX_GetStr(buf, (int)len, arg);

	return got > 0 ? (size_t)got : 0;
}

static int
write_fcgi(void *arg, const char *text, size_t len)
{
	return FCGX_PutStr(text, (int)len, arg) < 0;
}

static void
serve_one(const struct program *program, struct app *app, const struct arenas *arenas,
	  FCGX_Request *fcgi)
{
	const struct source src = { .env = fcgi->envp,
				    .read = read_fcgi,
				    .arg = fcgi->in };
	const struct reply_file *file;
	size_t len;
	const char *text = answer(program, app, arenas, &src, &len, &file);

	if (write_fcgi(fcgi->out, text, len) == 0)
		(void)put_file(file, write_fcgi, fcgi->out);
	/* A connection that is kept would keep the others waiting: we are one
	 * process, and it may be idle for long. */
	fcgi->keepConnection = 0;
	/* Nor do we wait until the web server has closed it, as fcgi2 would: where all
	 * that was sent to us has been read, closing resets nothing. */
	if (FCGX_HasSeenEOF(fcgi->in))
		FCGX_Detach(fcgi);
	FCGX_Finish_r(fcgi);
	arena_reset(arenas->request);
	arena_reset(arenas->answer);
}

static void
reload(struct app *app, struct entry *entry)
{
	entry->reload = false;
	log_reopen();
	if (config_reload(&app->config) == OK)
		log_event(LOG_INFO, "reloaded", LOG_S("what", "settings"));
}

/* Who had connected before we were told to stop would be reset when we go: answer
 * them, then close the door before anything that takes time. */
static void
leave(const struct program *program, struct app *app, const struct arenas *arenas,
      FCGX_Request *fcgi)
{
	for (int i = 0; i < LAST_REQUESTS_MAX && FCGX_Accept_r(fcgi) == 0; i++)
		serve_one(program, app, arenas, fcgi);
	close(LISTEN_FD);
}

static int
serve_fcgi(const struct program *program, struct app *app, const sigset_t *signals)
{
	AUTO(arena) struct arena *request = arena_new(), *of_answer = arena_new();
	const struct arenas arenas = { request, of_answer };
	struct entry entry = entry_open(LISTEN_FD, signals);
	FCGX_Request fcgi;
	int wait_ms = SWEEP_LOOK_MS;

	if (FCGX_InitRequest(&fcgi, LISTEN_FD, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		die("fcgi2 does not start");
	while (!entry.stop) {
		if (entry_wait(&entry, wait_ms) && FCGX_Accept_r(&fcgi) == 0)
			serve_one(program, app, &arenas, &fcgi);
		if (entry.reload)
			reload(app, &entry);
		if (!entry.stop)
			wait_ms = sweep_due(program->sweeps, app, request);
	}
	leave(program, app, &arenas, &fcgi);
	FCGX_Free(&fcgi, 1);
	return 0;
}

/* ---- starting ------------------------------------------------------------ */

/* Returns those that are blocked from here on. A CGI process has nothing to finish: it
 * may be killed. */
static sigset_t
block_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	return blocked;
}

static bool
has_argument(int argc, char **argv, const char *argument)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], argument) == 0)
			return true;
	return false;
}

/* "--workers N": how many of us; 0 without. */
static int
worker_count(int argc, char **argv)
{
	int64_t count = 0;

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--workers") == 0 &&
		    (i + 1 == argc || text_to_int(argv[i + 1], &count) != OK ||
		     count < 1 || count > WORKERS_MAX))
			die("--workers: a number from 1 to %d", WORKERS_MAX);
	return (int)count;
}

static int
run_cgi(const struct program *program, struct app *app)
{
	if (!getenv("REQUEST_METHOD")) {
		fprintf(stderr, "%s: to be started by a web server (FastCGI or CGI)\n",
			program->name);
		return 2;
	}
	if (app_open(program, app) != OK) {
		answer_unstarted();
		return 1;
	}
	return serve_cgi(program, app);
}

static int
run_fcgi(const struct program *program, struct app *app, int workers)
{
	sigset_t signals = block_signals();

	if (workers > 1)
		workers_start(workers);
	if (app_open(program, app) != OK)
		return 1;
	return serve_fcgi(program, app, &signals);
}

int
serve(int argc, char **argv, const struct program *program)
{
	static struct app app;
	bool is_cgi = FCGX_IsCGI();
	bool asked = is_cgi && getenv("REQUEST_METHOD");
	int status;

	if (asked)
		argc = cgi_arguments(argc, argv);
	if (config_load(argc, argv, &app.config) != OK ||
	    app_open_log(program, &app) != OK) {
		if (asked)
			answer_unstarted();
		return 1;
	}
	if (has_argument(argc, argv, "--openapi")) {
		openapi_print(&app.config, program->tables);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	app.one_request = is_cgi;
	status = app.one_request ? run_cgi(program, &app)
				 : run_fcgi(program, &app, worker_count(argc, argv));
	app_close(&app);
	return status;
}
