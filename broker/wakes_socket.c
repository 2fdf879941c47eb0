/* wakes_socket.c -- see wakes_socket.h. */
#include "broker/wakes_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/wakes.h"
#include "shared/auto.h"
#include "shared/die.h"
#include "shared/log.h"

enum { WAKES_A_TURN = 512, WAKE_SIZE = 128, QUEUE_BYTES = 1024 * 1024 };

struct wakes_socket {
	struct broker *broker;
	int fd;
	struct loop_watch *watch;
	dev_t device; /* of the name: another broker may have taken it over */
	ino_t inode;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void
on_wakes(void *arg, bool readable, bool writable)
{
	struct wakes_socket *ws = arg;

	(void)readable;
	(void)writable;
	for (int i = 0; i < WAKES_A_TURN; i++) {
		char text[WAKE_SIZE];
		ssize_t len = recv(ws->fd, text, sizeof(text) - 1, MSG_DONTWAIT);

		if (len < 0)
			return;
		text[len] = '\0';
		ws->broker->metrics.wakes_socket++;
		wakes_hear(ws->broker, text);
		peers_tell(ws->broker, text);
	}
}

/* Does another broker receive what is sent there? */
static bool
is_in_use(const struct sockaddr_un *address)
{
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 &&
	       connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
}

/* Takes over a name left behind by a killed broker, or by one that is about to end. Says
 * so if somebody still uses it: two brokers that are meant to stay need names of their
 * own. Programs of our user and group may write. */
static int
bind_socket(const char *path)
{
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int size = QUEUE_BYTES;

	if (fd < 0)
		return -1;
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	if (is_in_use(&address))
		log_event(LOG_WARN, "wakes.taken_over", LOG_S("setting", "wake_socket"),
			  LOG_S("path", path));
	if (unlink(path) < 0 && errno != ENOENT)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(path, 0660) < 0)
		return -1;
	/* best effort: without it the queue is shorter, and NOTIFY used sooner */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		log_event(LOG_DEBUG, "wakes.queue");
	return TAKE_FD(fd);
}

enum err
wakes_socket_open(struct broker *b, const char *path, struct wakes_socket **out)
{
	struct stat st;
	struct wakes_socket *ws;
	int fd;

	*out = NULL;
	if (!*path)
		return OK;
	fd = bind_socket(path);
	if (fd < 0) {
		log_event(LOG_ERROR, "wakes.open", LOG_S("setting", "wake_socket"),
			  LOG_S("path", path), LOG_S("reason", strerrordesc_np(errno)));
		return ERR_UNAVAILABLE;
	}
	ws = xcalloc(1, sizeof(*ws));
	ws->broker = b;
	ws->fd = fd;
	strcpy(ws->path, path);
	if (stat(path, &st) == 0) {
		ws->device = st.st_dev;
		ws->inode = st.st_ino;
	}
	ws->watch = loop_watch(b->loop, fd, on_wakes, ws);
	loop_watch_for(ws->watch, true, false);
	*out = ws;
	return OK;
}

void
wakes_socket_close(struct wakes_socket *ws)
{
	struct stat st;

	if (!ws)
		return;
	loop_unwatch(ws->watch);
	if (stat(ws->path, &st) == 0 && st.st_dev == ws->device && st.st_ino == ws->inode)
		unlink(ws->path);
	close(ws->fd);
	free(ws);
}
