/* bus.c -- see bus.h. */
#include "broker/bus.h"

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

struct bus {
	struct broker *broker;
	int fd;
	struct loop_watch *watch;
	dev_t device; /* of the name, to know it again: another broker may have taken it
		       */
	ino_t inode;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void
on_wakes(void *arg, bool readable, bool writable)
{
	struct bus *bus = arg;

	(void)readable;
	(void)writable;
	for (int i = 0; i < WAKES_A_TURN; i++) {
		char text[WAKE_SIZE];
		ssize_t len = recv(bus->fd, text, sizeof(text) - 1, MSG_DONTWAIT);

		if (len < 0)
			return;
		text[len] = '\0';
		bus->broker->metrics.wakes_socket++;
		wakes_hear(bus->broker, text);
		peers_tell(bus->broker, text);
	}
}

/* A name that was left by one who was killed is taken over. Programs of our user and
 * group may write. */
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
	if (unlink(path) < 0 && errno != ENOENT)
		return -1;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(path, 0660) < 0)
		return -1;
	/* a wish: without it the queue is shorter, and NOTIFY used sooner */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		log_event(LOG_DEBUG, "bus.queue");
	return TAKE_FD(fd);
}

enum err
bus_open(struct broker *b, const char *path, struct bus **out)
{
	struct stat st;
	struct bus *bus;
	int fd;

	*out = NULL;
	if (!*path)
		return OK;
	fd = bind_socket(path);
	if (fd < 0) {
		log_event(LOG_ERROR, "bus.open", LOG_S("path", path),
			  LOG_S("reason", strerrordesc_np(errno)));
		return ERR_UNAVAILABLE;
	}
	bus = xcalloc(1, sizeof(*bus));
	bus->broker = b;
	bus->fd = fd;
	strcpy(bus->path, path);
	if (stat(path, &st) == 0) {
		bus->device = st.st_dev;
		bus->inode = st.st_ino;
	}
	bus->watch = loop_watch(b->loop, fd, on_wakes, bus);
	loop_watch_for(bus->watch, true, false);
	*out = bus;
	return OK;
}

void
bus_close(struct bus *bus)
{
	struct stat st;

	if (!bus)
		return;
	loop_unwatch(bus->watch);
	if (stat(bus->path, &st) == 0 && st.st_dev == bus->device &&
	    st.st_ino == bus->inode)
		unlink(bus->path);
	close(bus->fd);
	free(bus);
}
