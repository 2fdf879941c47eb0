/* send_batch.c -- see send_batch.h. */
#include "broker/send_batch.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shared/die.h"
#include "shared/log.h"

struct send_batch {
	struct io_uring ring;
	bool works;
	int count;
	int results[SEND_BATCH_MAX];
};

static bool
can_send(struct io_uring *ring)
{
	struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
	bool can = probe && io_uring_opcode_supported(probe, IORING_OP_SEND);

	io_uring_free_probe(probe);
	return can;
}

static void
say_off(int error)
{
	log_event(LOG_INFO, "send_batch.off", LOG_S("why", strerror(error)));
}

struct send_batch *
send_batch_new(void)
{
	struct send_batch *s = xcalloc(1, sizeof(*s));
	int error = -io_uring_queue_init(SEND_BATCH_MAX, &s->ring, 0);

	if (error == 0 && can_send(&s->ring)) {
		s->works = true;
		return s;
	}
	if (error == 0)
		io_uring_queue_exit(&s->ring);
	say_off(error ? error : EOPNOTSUPP);
	free(s);
	return NULL;
}

static void
stop(struct send_batch *s)
{
	io_uring_queue_exit(&s->ring);
	s->works = false;
}

void
send_batch_free(struct send_batch *s)
{
	if (send_batch_works(s))
		stop(s);
	free(s);
}

bool
send_batch_works(const struct send_batch *s)
{
	return s && s->works;
}

void
send_batch_add(struct send_batch *s, int fd, const void *data, size_t len)
{
	struct io_uring_sqe *e = io_uring_get_sqe(&s->ring);

	io_uring_prep_send(e, fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	e->user_data = (uint64_t)s->count;
	s->results[s->count++] = -EAGAIN;
}

/* Returns how many the kernel took. It may refuse for lack of memory. */
static int
submit(struct send_batch *s, int *out_error)
{
	int taken = 0;

	*out_error = 0;
	while (taken < s->count && !*out_error) {
		int rc = io_uring_submit_and_wait(&s->ring, (unsigned)s->count);

		if (rc > 0)
			taken += rc;
		else if (rc != -EINTR)
			*out_error = rc < 0 ? -rc : EAGAIN;
	}
	return taken;
}

const int *
send_batch_run(struct send_batch *s)
{
	struct io_uring_cqe *cqe;
	int error, left = submit(s, &error);

	for (; left > 0 && io_uring_wait_cqe(&s->ring, &cqe) == 0; left--) {
		s->results[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(&s->ring, cqe);
	}
	if (error) {
		say_off(error);
		stop(s);
	}
	s->count = 0;
	return s->results;
}
