/* Writing to many sockets by one system call: the batch itself, and connections whose
 * frames go into one. On a host that forbids io_uring the tests only check that frames
 * are sent all the same. */
#include "broker/send_batch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/broker/fake.h"

enum { MANY = SEND_BATCH_MAX + 20 };

/* A socket and its other end. */
static void
pair(int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
}

static void
fill(int fd)
{
	static const char zeros[1000];

	for (size_t len = sizeof(zeros); len > 0; len /= 10)
		while (write(fd, zeros, len) > 0)
			;
}

static void
close_pair(int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* Everything received, as text. */
static char *
heard(struct arena *a, int fd, size_t *out_len)
{
	enum { ROOM = 1024 * 1024 };
	char *text = arena_alloc(a, ROOM);
	ssize_t n;

	*out_len = 0;
	while ((n = read(fd, text + *out_len, ROOM - *out_len - 1)) > 0)
		*out_len += (size_t)n;
	text[*out_len] = '\0';
	return text;
}

static struct send_batch *
batch_or_skip(void)
{
	struct send_batch *s = send_batch_new();

	if (!s)
		skip();
	assert_true(send_batch_works(s));
	return s;
}

static void
each_hears_its_own(void **state)
{
	struct send_batch *s = batch_or_skip();
	int ends[SEND_BATCH_MAX][2];
	const int *taken;
	size_t len;

	for (int i = 0; i < SEND_BATCH_MAX; i++)
		pair(ends[i]);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < SEND_BATCH_MAX; i++) {
			char *text = arena_printf(*state, "%d to %d", round, i);

			send_batch_add(s, ends[i][0], text, strlen(text));
		}
		taken = send_batch_run(s);
		for (int i = 0; i < SEND_BATCH_MAX; i++) {
			char *text = arena_printf(*state, "%d to %d", round, i);

			assert_string_equal(heard(*state, ends[i][1], &len), text);
			assert_int_equal(taken[i], len);
		}
	}
	for (int i = 0; i < SEND_BATCH_MAX; i++)
		close_pair(ends[i]);
	send_batch_free(s);
}

static void
who_is_gone_or_full_keeps_nobody_from_hearing(void **state)
{
	struct send_batch *s = batch_or_skip();
	enum { MUCH = 1024 * 1024 };
	char *much = arena_alloc(*state, MUCH);
	int gone[2], full[2], well[2];
	const int *taken;
	size_t len;

	memset(much, 'x', MUCH);
	pair(gone);
	pair(full);
	pair(well);
	close(gone[1]);
	fill(full[0]);
	send_batch_add(s, gone[0], "a", 1);
	send_batch_add(s, full[0], "b", 1);
	send_batch_add(s, -1, "c", 1);
	send_batch_add(s, well[0], "d", 1);
	taken = send_batch_run(s);
	assert_true(taken[0] < 0);
	assert_true(taken[1] < 0);
	assert_true(taken[2] < 0);
	assert_int_equal(taken[3], 1);
	assert_string_equal(heard(*state, well[1], &len), "d");
	send_batch_add(s, well[0], much, MUCH);
	taken = send_batch_run(s);
	assert_true(taken[0] < MUCH);
	heard(*state, well[1], &len);
	assert_int_equal(len, taken[0] < 0 ? 0 : taken[0]);
	close(gone[0]);
	close_pair(full);
	close_pair(well);
	send_batch_free(s);
}

/* A batch that the kernel refuses from now on: its ring's descriptor is closed, and
 * nothing may reuse that number until the batch runs. */
static struct send_batch *
refused_or_skip(void)
{
	int fd = dup(STDIN_FILENO);
	struct send_batch *s;

	close(fd); /* the number that the ring will get */
	s = batch_or_skip();
	assert_int_equal(close(fd), 0);
	return s;
}

static void
what_the_kernel_refuses_was_not_taken_and_it_is_not_asked_again(void **state)
{
	struct send_batch *s;
	int ends[2];
	const int *taken;
	size_t len;

	pair(ends);
	s = refused_or_skip();
	send_batch_add(s, ends[0], "a", 1);
	taken = send_batch_run(s);
	assert_true(taken[0] < 0);
	assert_false(send_batch_works(s));
	assert_string_equal(heard(*state, ends[1], &len), "");
	close_pair(ends);
	send_batch_free(s);
}

static void
no_batch_is_no_error(void **state)
{
	(void)state;
	assert_false(send_batch_works(NULL));
	send_batch_free(NULL);
}

/* ---- connections --------------------------------------------------------- */

static struct {
	struct fake_wire wires[MANY];
	struct conn *conns[MANY];
	int ends[MANY][2];
} crowd;

static void
enter(void)
{
	fake.config.max_connections_per_address = MANY;
	for (int i = 0; i < MANY; i++) {
		crowd.conns[i] = fake_conn(&crowd.wires[i], i % 2 ? ANN : BOB);
		pair(crowd.ends[i]);
		crowd.wires[i].socket = crowd.ends[i][0];
	}
}

static void
leave(void)
{
	for (int i = 0; i < MANY; i++)
		close_pair(crowd.ends[i]);
}

static void
tell_all(const char *text)
{
	for (int i = 0; i < MANY; i++)
		outbox_push(crowd.conns[i], frame_text(fake.arena, text, strlen(text)));
	do
		fake_turn_ends();
	while (outboxes_have_more(&fake.broker.outboxes));
}

/* Expects these texts at the socket first, and then at the wire. */
static void
expect(int i, const char *const *texts)
{
	struct fake_wire *w = &crowd.wires[i];
	size_t rest = w->len - w->seen, len;
	const char *first = heard(fake.arena, crowd.ends[i][1], &len);
	char *all = arena_alloc(fake.arena, len + rest + 1);

	memcpy(all, first, len);
	if (rest > 0)
		memcpy(all + len, w->got + w->seen, rest);
	w->got = all;
	w->len = w->cap = len + rest;
	w->seen = 0;
	for (; *texts; texts++)
		EXPECT(w, *texts);
	EXPECT_NOTHING(w);
}

static void
a_crowd_hears_by_its_sockets(void **state)
{
	bool works = send_batch_works(fake.broker.outboxes.batch);

	(void)state;
	enter();
	tell_all("one");
	tell_all("two");
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(crowd.wires[i].writes, works ? 0 : 2);
		expect(i, (const char *[]){ "one", "two", NULL });
	}
	assert_int_equal(fake.broker.metrics.writes, 2 * MANY);
	leave();
}

static void
without_a_batch_a_crowd_hears_the_same(void **state)
{
	(void)state;
	send_batch_free(fake.broker.outboxes.batch);
	fake.broker.outboxes.batch = NULL;
	enter();
	tell_all("one");
	for (int i = 0; i < MANY; i++)
		expect(i, (const char *[]){ "one", NULL });
	leave();
}

static void
where_the_kernel_refuses_in_mid_turn_a_crowd_hears_the_same(void **state)
{
	char *much = arena_alloc(fake.arena, 4001);

	(void)state;
	memset(much, 'x', 4000);
	much[4000] = '\0';
	if (!send_batch_works(fake.broker.outboxes.batch))
		skip();
	send_batch_free(fake.broker.outboxes.batch);
	enter();
	fake.broker.outboxes.batch = refused_or_skip();
	tell_all(much); /* several batches a turn */
	for (int i = 0; i < MANY; i++)
		expect(i, (const char *[]){ much, NULL });
	leave();
}

static void
what_a_socket_does_not_take_goes_the_wires_way(void **state)
{
	char *much = arena_alloc(fake.arena, 4001);

	(void)state;
	if (!send_batch_works(fake.broker.outboxes.batch))
		skip();
	memset(much, 'x', 4000);
	much[4000] = '\0';
	enter();
	for (int i = 0; i < MANY; i += 3) {
		fill(crowd.ends[i][0]);
		crowd.wires[i].is_stuck = true;
	}
	tell_all(much);
	tell_all("and");
	for (int i = 0; i < MANY; i += 3) {
		size_t len;

		assert_int_equal(crowd.wires[i].writes, 1);
		assert_int_equal(crowd.conns[i]->out.kept, 4004);
		heard(fake.arena, crowd.ends[i][1], &len);
		crowd.wires[i].is_stuck = false;
		conn_on_writable(crowd.conns[i]);
	}
	fake_turn_ends();
	for (int i = 0; i < MANY; i += 3) {
		EXPECT(&crowd.wires[i], much);
		EXPECT_NOTHING(&crowd.wires[i]);
		expect(i, (const char *[]){ "and", NULL });
	}
	for (int i = 1; i < MANY; i += 3)
		expect(i, (const char *[]){ much, "and", NULL });
	leave();
}

static void
who_has_gone_is_put_out_and_the_others_hear(void **state)
{
	(void)state;
	enter();
	for (int i = 0; i < MANY; i += 2) {
		shutdown(crowd.ends[i][1], SHUT_RDWR);
		crowd.wires[i].is_broken = true;
	}
	tell_all("news");
	for (int i = 0; i < MANY; i++)
		fake_turn_ends();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(crowd.wires[i].is_closed, i % 2 == 0);
		if (i % 2)
			expect(i, (const char *[]){ "news", NULL });
	}
	leave();
}

static void
a_close_frame_comes_behind_what_was_said(void **state)
{
	(void)state;
	enter();
	for (int i = 0; i < MANY; i++) {
		outbox_push(crowd.conns[i], frame_text(fake.arena, "news", 4));
		conn_close(crowd.conns[i], CLOSE_NORMAL, "bye");
	}
	fake_turn_ends();
	for (int i = 0; i < MANY; i++)
		expect(i, (const char *[]){ "news", "close 1000 bye", NULL });
	leave();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_hears_its_own),
		T(who_is_gone_or_full_keeps_nobody_from_hearing),
		T(what_the_kernel_refuses_was_not_taken_and_it_is_not_asked_again),
		T(no_batch_is_no_error),
		B(a_crowd_hears_by_its_sockets),
		B(without_a_batch_a_crowd_hears_the_same),
		B(where_the_kernel_refuses_in_mid_turn_a_crowd_hears_the_same),
		B(what_a_socket_does_not_take_goes_the_wires_way),
		B(who_has_gone_is_put_out_and_the_others_hear),
		B(a_close_frame_comes_behind_what_was_said),
	};

	return cmocka_run_group_tests_name("send_batch", tests, NULL, NULL);
}
