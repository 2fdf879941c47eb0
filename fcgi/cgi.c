/* cgi.c -- see cgi.h. */
#include "fcgi/cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fcgi/cgi_back.h"
#include "shared/auto.h"
#include "shared/text.h"

/* A CGI program may not read past CONTENT_LENGTH (RFC 3875, section 4.2). */
static size_t
read_body(void *arg, char *buf, size_t len)
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
write_text(void *arg, const char *text, size_t len)
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

/* ---- one request --------------------------------------------------------- */

/* An answer that is ready but not yet written. */
struct made {
	const char *text;
	size_t len;
	const struct reply_file *file;
};

/* Apache passes on a body that came in chunks without its length, and ends it. */
static int64_t
body_length(void)
{
	const char *length = getenv("CONTENT_LENGTH");
	int64_t len = 0;

	if (!length && getenv("HTTP_TRANSFER_ENCODING"))
		return INT64_MAX;
	if (length && *length && text_to_int(length, &len) != OK)
		len = 0;
	return len;
}

static struct made
make(const struct program *program, struct app *app, const struct arenas *arenas)
{
	int64_t left = body_length();
	const struct source src = { .env = environ, .read = read_body, .arg = &left };
	struct made m = {};

	m.text = answer(program, app, arenas, &src, &m.len, &m.file);
	return m;
}

/* Apache's mod_cgid gives us one socket as stdin and stdout. If it were closed with a
 * part of the body unread, Apache would get a reset in place of the end of the answer,
 * and send the client nothing. */
static void
refuse_rest_of_body(void)
{
	char rest[4096];

	if (shutdown(STDIN_FILENO, SHUT_RD) == 0)
		while (recv(STDIN_FILENO, rest, sizeof(rest), MSG_DONTWAIT) > 0)
			;
}

static int
send_made(const struct made *m)
{
	int status = write_text(NULL, m->text, m->len) ||
		     answer_file(m->file, write_text, NULL);

	refuse_rest_of_body();
	return status;
}

int
cgi_answer(const struct program *program, struct app *app, const struct arenas *arenas)
{
	struct made m = make(program, app, arenas);
	int status = send_made(&m);

	arena_reset(arenas->request);
	arena_reset(arenas->answer);
	return status;
}

/* A web server may kill us as soon as it has the whole answer. So a child does the rest;
 * it is forked before the answer is written. The child inherits the connection to the
 * database, and the parent exits without closing it, which would end the child's as well.
 * Returns whether there is a child. */
static bool
go_on_beside(const struct program *program, struct app *app, struct cgi_back *back)
{
	AUTO(arena) struct arena *arena = arena_new();
	pid_t child = back || sweep_is_due(program->sweeps, app, arena) ? fork() : -1;

	if (child == 0) {
		setsid();
		signal(SIGTERM, SIG_DFL); /* fcgi2 catches it */
		cgi_let_go();
		if (back)
			cgi_back_run(back);
		else
			sweep_due(program->sweeps, app, arena);
		exit(0);
	}
	return child > 0;
}

int
cgi_serve(const struct program *program, struct app *app)
{
	AUTO(arena) struct arena *request = arena_new(), *of_answer = arena_new();
	struct cgi_back *back = cgi_back_open(program, app);
	struct made m = make(program, app, &(struct arenas){ request, of_answer });
	bool shared = go_on_beside(program, app, back);
	int status = send_made(&m);

	if (shared)
		_exit(status);
	return status;
}

/* Apache also waits until nobody holds stderr. */
void
cgi_let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/* ---- starting ------------------------------------------------------------ */

void
cgi_answer_unstarted(void)
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
			     "This server is not configured correctly; the reason is "
			     "in its log."));
	text = reply_print(&rq, &reply, &len);
	(void)write_text(NULL, text, len);
	refuse_rest_of_body();
}

int
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
