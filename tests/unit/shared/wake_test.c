#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/db.h"
#include "shared/wake.h"
#include "tests/unit/test.h"

#define ROOM "0189dc4e-7b1a-4c3e-9f00-00000000abcd"

/* Replaces the database's function; counts and keeps what was sent by it. */
static int notified;
static char last_notice[128];

enum err
db_notify(struct db *db, struct arena *a, const char *channel, const char *payload)
{
	(void)db;
	(void)a;
	notified++;
	snprintf(last_notice, sizeof(last_notice), "%s: %s", channel, payload);
	return OK;
}

static char folder[] = "/tmp/foyer-wake-XXXXXX";
static char path[64];
static struct db *const some_db = (struct db *)&notified;
static const struct uuid room = { ROOM };

static int
broker_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	unlink(path);
	strcpy(at.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void
a_listening_broker_gets_a_datagram_and_no_notify(void **state)
{
	struct wake *w = wake_open(path);
	int broker = broker_socket();
	char text[128] = "";

	notified = 0;
	assert_true(wake_is_up(w));
	wake_room(w, some_db, *state, &room, 42);
	assert_true(recv(broker, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "room " ROOM " 42");
	assert_int_equal(notified, 0);
	close(broker);
	wake_close(w);
}

static void
asking_whether_it_is_up_sends_nothing(void **state)
{
	struct wake *w = wake_open(path);
	int broker = broker_socket();
	char text[8];

	(void)state;
	assert_true(wake_is_up(w));
	assert_true(recv(broker, text, sizeof(text), 0) < 0);
	close(broker);
	wake_close(w);
}

static void
without_a_broker_it_is_a_notify(void **state)
{
	struct wake *w = wake_open(path);
	int broker = broker_socket();

	notified = 0;
	close(broker); /* its socket is left behind */
	assert_false(wake_is_up(w));
	wake_room(w, some_db, *state, &room, 1);
	assert_int_equal(notified, 1);
	assert_string_equal(last_notice, "foyer_wake: room " ROOM " 1");
	unlink(path);
	assert_false(wake_is_up(w));
	wake_room(w, some_db, *state, &room, 2);
	assert_int_equal(notified, 2);
	wake_room(w, NULL, *state, &room, 3); /* nobody to wake: no error */
	wake_close(w);
}

static void
a_full_queue_never_blocks(void **state)
{
	struct wake *w = wake_open(path);
	int broker = broker_socket();

	notified = 0;
	for (int i = 0; i < 100000 && notified == 0; i++)
		wake_room(w, some_db, *state, &room, i);
	assert_int_equal(notified, 1);
	assert_true(wake_is_up(w));
	close(broker);
	wake_close(w);
}

static void
a_restarted_broker_is_found_again(void **state)
{
	struct wake *w = wake_open(path);
	char text[128];

	for (int i = 0; i < 3; i++) {
		int broker = broker_socket();

		notified = 0;
		wake_room(w, some_db, *state, &room, i);
		assert_int_equal(notified, 0);
		assert_true(recv(broker, text, sizeof(text), 0) > 0);
		close(broker);
	}
	wake_close(w);
}

static void
without_a_socket_path_there_is_only_notify(void **state)
{
	char long_path[300];
	const char *const paths[] = { "", long_path };

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct wake *w = wake_open(paths[i]);

		notified = 0;
		wake_room(w, some_db, *state, &room, 1);
		assert_int_equal(notified, 1);
		assert_false(wake_is_up(w));
		wake_close(w);
	}
	wake_close(NULL);
}

static void
a_wake_up_is_read_back_and_nothing_else(void **state)
{
	static const char *const bad[] = {
		"",
		"room",
		"room ",
		"room " ROOM,
		"room " ROOM " ",
		"room " ROOM " x",
		"room " ROOM " -1",
		"room " ROOM "  1",
		"room " ROOM " 1 ",
		" room " ROOM " 1",
		"room x 1",
		"room " ROOM ":1",
		"moor " ROOM " 1",
		"call " ROOM,
		"call room " ROOM " 1",
		ROOM " 1",
	};
	struct wake_up w = { .id = { "untouched" }, .seq = -7 };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		CASE(wake_parse(bad[i], &w) == ERR_INVALID, bad[i]);
	assert_string_equal(w.id.text, "untouched");
	assert_int_equal(w.seq, -7);
	assert_int_equal(wake_parse("room " ROOM " 9223372036854775807", &w), OK);
	assert_int_equal(w.kind, WAKE_ROOM);
	assert_int_equal(wake_parse("call " ROOM " 3", &w), OK);
	assert_int_equal(w.kind, WAKE_CALL);
	assert_int_equal(w.seq, 3);
	assert_int_equal(wake_parse("room " ROOM " 9223372036854775807", &w), OK);
	assert_string_equal(w.id.text, ROOM);
	assert_int_equal(w.seq, INT64_MAX);
}

static int
make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/wake.sock", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_listening_broker_gets_a_datagram_and_no_notify),
		T(asking_whether_it_is_up_sends_nothing),
		T(without_a_broker_it_is_a_notify),
		T(a_full_queue_never_blocks),
		T(a_restarted_broker_is_found_again),
		T(without_a_socket_path_there_is_only_notify),
		T(a_wake_up_is_read_back_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
