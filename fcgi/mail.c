/* mail.c -- see mail.h.
 *
 * worker -> (a child that exits at once) -> the carrier -> sendmail. The carrier is a
 * child of init and has closed the worker's sockets; it waits for sendmail and logs how
 * it ended. */
#include "fcgi/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "shared/text.h"
#include "shared/uuid.h"

enum {
	CARRY_MS = 60000,
	LOOK_MS = 20,
	WORD_BYTES = 45, /* 60 characters of base64: with its frame below 75 (RFC 2047) */
	CANNOT_RUN = 127,
	DATE_BYTES = 64,
};

bool
mail_works(const struct config *c)
{
	return *c->sendmail && *c->public_url && access(c->sendmail, X_OK) == 0;
}

/* ---- the letter ---------------------------------------------------------- */

/* Excludes everything that could end a header, or begin a second address or a comment. */
static bool
is_address(const char *text)
{
	const char *at = strchr(text, '@');

	for (const char *s = text; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr(",;:<>()[]\"\\", *s))
			return false;
	return at && at != text && at[1] && !strchr(at + 1, '@') &&
	       text_is_utf8(text, strlen(text));
}

static bool
is_ascii_line(const char *text)
{
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

/* The host of public_url, for our own addresses and message ids. */
static const char *
host_of(struct arena *a, const struct config *c)
{
	const char *at = strstr(c->public_url, "://");

	if (!at)
		return "localhost";
	at += strlen("://");
	return *at == '[' ? "localhost" : arena_strndup(a, at, strcspn(at, "/:"));
}

static const char *
sender(struct arena *a, const struct config *c)
{
	return *c->mail_from ? c->mail_from : arena_printf(a, "foyer@%s", host_of(a, c));
}

/* An encoded word holds whole characters (RFC 2047, section 5). */
static size_t
word_len(const char *text)
{
	size_t len = strlen(text), at = 0;
	uint32_t c;

	while (at < len) {
		size_t next = text_next(text + at, len - at, &c);

		if (next == 0 || at + next > WORD_BYTES)
			break;
		at += next;
	}
	return at;
}

/* base64 with its own signs and padding (RFC 4648, section 4). */
static const char *
base64(struct arena *a, const char *text, size_t len)
{
	char *coded = text_base64url(a, text, len);

	for (char *s = coded; *s; s++)
		*s = *s == '-' ? '+' : *s == '_' ? '/' : *s;
	return arena_printf(a, "%s%s", coded, &"=="[(2 + len) % 3]);
}

static const char *
header_text(struct arena *a, const char *text)
{
	struct strbuf b = { .arena = a };

	if (is_ascii_line(text) && strlen(text) < WORD_BYTES)
		return text;
	for (size_t len; *text && (len = word_len(text)) > 0; text += len)
		strbuf_printf(&b, "%s=?UTF-8?B?%s?=", b.len ? "\n " : "",
			      base64(a, text, len));
	return b.len ? b.data : "";
}

static const char *
date_text(struct arena *a, int64_t now_ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
					    "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = (time_t)(now_ms / 1000);
	struct tm t;

	gmtime_r(&now, &t);
	return arena_printf(a, "%s, %d %s %d %02d:%02d:%02d +0000", days[t.tm_wday],
			    t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour,
			    t.tm_min, t.tm_sec);
}

const char *
mail_print(struct arena *a, const struct config *c, const struct mail *m, int64_t now_ms)
{
	const char *from = sender(a, c);
	struct strbuf b = { .arena = a };
	struct uuid id;

	if (!is_address(m->to) || !is_address(from))
		return NULL;
	uuid_random(&id);
	strbuf_printf(&b, "From: Foyer <%s>\nTo: <%s>\nSubject: %s\nDate: %s\n", from,
		      m->to, header_text(a, m->subject), date_text(a, now_ms));
	strbuf_printf(&b, "Message-ID: <%s@%s>\nMIME-Version: 1.0\n", id.text,
		      host_of(a, c));
	strbuf_puts(&b, "Content-Type: text/plain; charset=utf-8\n"
			"Content-Transfer-Encoding: 8bit\n"
			"Auto-Submitted: auto-generated\n\n");
	strbuf_puts(&b, m->text);
	return b.data;
}

/* ---- the carrier ---------------------------------------------------------- */

/* Nothing of the worker's stays open: the web server must see its connections end with
 * the answer, and sendmail must not inherit them. */
static void
let_go(int letter, bool keeps_stderr)
{
	int null = open("/dev/null", O_RDWR), log = log_fd();

	setsid();
	dup2(letter, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!keeps_stderr)
		dup2(null, STDERR_FILENO);
	if (log > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned)log - 1, 0);
	close_range((unsigned)log + 1, ~0U, 0);
}

static _Noreturn void
become_sendmail(const char *command, const char *from)
{
	char *const argv[] = { "sendmail",  "-t", "-i", "-f", (char *)(uintptr_t)from,
			       (char *)NULL };
	char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
			      NULL };
	static const int caught[] = { SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGPIPE };
	sigset_t none;

	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		signal(caught[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(command, argv, env);
	_exit(CANNOT_RUN);
}

/* Waits, for a minute at most. */
static int
wait_for(pid_t pid)
{
	int status;

	for (int waited = 0; waited < CARRY_MS; waited += LOOK_MS) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		poll(NULL, 0, LOOK_MS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

static void
carry(const char *command, const char *from)
{
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		log_event(LOG_ERROR, "mail.fork", LOG_S("error", strerror(errno)));
		return;
	}
	if (pid == 0)
		become_sendmail(command, from);
	status = wait_for(pid);
	if (status == 0)
		log_event(LOG_INFO, "mail.sent", LOG_I("status", 0));
	else
		log_event(LOG_ERROR, "mail.failed",
			  LOG_I("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
			  LOG_I("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
}

/* ---- the worker's part ---------------------------------------------------- */

/* In memory, not a pipe: the writer does not wait for a reader. */
static int
letter_file(const char *text)
{
	size_t len = strlen(text);
	int fd = memfd_create("letter", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		return -1;
	}
	return fd;
}

static enum err
failed(const char *what)
{
	log_event(LOG_ERROR, what, LOG_S("error", strerror(errno)));
	return ERR_UNAVAILABLE;
}

enum err
mail_send(const struct app *app, struct arena *a, const struct mail *m, bool pretend)
{
	const struct config *c = &app->config;
	const char *text = mail_print(a, c, m, clock_now_ms()), *from = sender(a, c);
	/* A CGI server waits until nobody holds stderr. */
	bool keeps_stderr = !app->one_request && !*c->log_file;
	AUTO(fd) int letter = -1;
	pid_t pid;

	if (!text)
		return ERR_INVALID;
	letter = letter_file(text);
	if (letter < 0)
		return failed("mail.letter");
	pid = fork();
	if (pid < 0)
		return failed("mail.fork");
	if (pid == 0) {
		if (fork() == 0) {
			let_go(letter, keeps_stderr);
			if (!pretend)
				carry(c->sendmail, from);
		}
		_exit(0);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return OK;
}
