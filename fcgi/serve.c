/* serve.c -- see serve.h. */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/answer.h"
#include "fcgi/cgi.h"
#include "fcgi/entry.h"
#include "fcgi/openapi.h"
#include "fcgi/serve.h"
#include "fcgi/workers.h"
#include "shared/arguments.h"
#include "shared/auto.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/text.h"

enum {
	LISTEN_FD = 0,
	LAST_REQUESTS_MAX = 64,
	WORKERS_MAX = 64,
};

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
		(void)answer_file(file, write_fcgi, fcgi->out);
	/* We are one process: a connection kept open might be idle for long and would
	 * block the others. */
	fcgi->keepConnection = 0;
	/* Nor do we wait for the web server to close it, as fcgi2 would: if everything
	 * sent to us has been read, closing resets nothing. */
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

/* Connections made before we were told to stop would be reset when we exit: answer them,
 * then close the socket before anything that takes time. */
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

/* Returns the signals that are blocked from here on. A CGI process has nothing to finish
 * and may be killed. */
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

/* The number of workers; text NULL: 1. */
static int
worker_count(const char *text)
{
	int64_t count = 1;

	if (text && (text_to_int(text, &count) != OK || count < 1 || count > WORKERS_MAX))
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
		cgi_answer_unstarted();
		return 1;
	}
	return cgi_serve(program, app);
}

static int
run_fcgi(const struct program *program, struct app *app, int workers)
{
	sigset_t signals = block_signals();

	/* A worker that replaces another has the settings of the start; reread them,
	 * since the others may have newer ones. */
	if (workers > 1 && workers_start(workers))
		(void)config_reload(&app->config);
	if (app_open(program, app) != OK)
		return 1;
	return serve_fcgi(program, app, &signals);
}

static int
run(const struct program *program, struct app *app, bool is_cgi, int workers)
{
	signal(SIGPIPE, SIG_IGN);
	app->one_request = is_cgi;
	return is_cgi ? run_cgi(program, app) : run_fcgi(program, app, workers);
}

static int
print_openapi(const struct program *program, struct app *app)
{
	openapi_print(&app->config, program->tables);
	return 0;
}

/* Run by hand: errors go to the terminal. */
static int
run_tool(const struct program *program, struct app *app, const char *value)
{
	app->one_request = true;
	if (log_open(program->name, "", false, LOG_WARN) != OK ||
	    app_open(program, app) != OK)
		return 1;
	return program->tool.run(app, value);
}

int
serve(int argc, char **argv, const struct program *program)
{
	static struct app app;
	const char *workers = NULL, *openapi = NULL, *of_tool = NULL;
	const struct tool *tool = &program->tool;
	const struct argument own[] = {
		{ "workers", "NUMBER", "number of worker processes (FastCGI)", &workers },
		{ "openapi", NULL, "print the OpenAPI reference of its part of the API",
		  &openapi },
		{ tool->name, tool->value, tool->meaning, &of_tool },
		{},
	};
	bool is_cgi = FCGX_IsCGI(), is_asked = is_cgi && getenv("REQUEST_METHOD"),
	     is_unstarted = false;
	struct arguments asked =
		arguments_read(is_asked ? cgi_arguments(argc, argv) : argc, argv,
			       "started by a web server, as FastCGI or CGI", own);
	int status = 1;

	if (config_load(asked.config, &app.config) != OK)
		is_unstarted = true;
	else if (asked.only_check)
		status = config_check(&app.config, app.config.signing_key,
				      app.config.files_dir) != OK;
	else if (openapi)
		status = print_openapi(program, &app);
	else if (of_tool)
		status = run_tool(program, &app, of_tool);
	else if (app_open_log(program, &app) != OK)
		is_unstarted = true;
	else
		status = run(program, &app, is_cgi, worker_count(workers));
	if (is_unstarted && is_asked)
		cgi_answer_unstarted();
	app_close(&app);
	return status;
}
