#include <argon2.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fcgi/password.h"
#include "fcgi/slots.h"
#include "shared/auto.h"
#include "tests/unit/test.h"

/* Configures the folder of the slots, and a cost that a test can afford. */
static struct config
cheap(struct arena *a)
{
	char *dir = arena_strdup(a, "/tmp/foyer-password-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return (struct config){ .run_dir = dir,
				.password_memory_kib = 64,
				.password_passes = 1,
				.password_slots = 2 };
}

static void
remove_dir(struct arena *a, const struct config *c)
{
	unlink(arena_printf(a, "%s/hashing.slots", c->run_dir));
	assert_int_equal(rmdir(c->run_dir), 0);
}

static void
the_right_password_is_right_and_another_is_not(void **state)
{
	struct config c = cheap(*state);
	struct password_check check = {};
	struct problem p = {};
	const char *phc;

	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &phc), OK);
	assert_memory_equal(phc, "$argon2id$v=19$m=64,t=1,p=1$", 28);
	assert_int_equal(password_verify(&c, *state, "zq8-Lw4e", phc, &p, &check), OK);
	assert_true(check.right);
	assert_false(check.is_cheap);
	assert_int_equal(password_verify(&c, *state, "zq8-Lw4f", phc, &p, &check), OK);
	assert_false(check.right);
	remove_dir(*state, &c);
}

static void
libargon2_reads_what_is_written_here_and_the_other_way_round(void **state)
{
	struct config c = cheap(*state);
	struct password_check check = {};
	struct problem p = {};
	const char *phc;
	char other[128];

	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &phc), OK);
	assert_int_equal(argon2id_verify(phc, "zq8-Lw4e", 8), ARGON2_OK);
	assert_int_equal(argon2id_hash_encoded(3, 96, 2, "zq8-Lw4e", 8,
					       "\xfb\xef\xff salt", 8, 24, other,
					       sizeof(other)),
			 ARGON2_OK);
	assert_int_equal(password_verify(&c, *state, "zq8-Lw4e", other, &p, &check), OK);
	assert_true(check.right && !check.is_cheap);
	remove_dir(*state, &c);
}

static void
what_is_no_hash_is_an_error(void **state)
{
	static const char *const broken[] = {
		"",
		"x",
		"$argon2id$v=19$m=64,t=1,p=1$",
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ",
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$!!!!!!!!!!!!!!!!!!!!!!!!",
		"$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	struct config c = cheap(*state);

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct password_check check = {};
		struct problem p = {};

		assert_int_equal(
			password_verify(&c, *state, "zq8-Lw4e", broken[i], &p, &check),
			ERR_INTERNAL);
		assert_false(check.right);
	}
	remove_dir(*state, &c);
}

static void
the_same_password_hashes_to_something_else_each_time(void **state)
{
	struct config c = cheap(*state);
	struct problem p = {};
	const char *one, *two;

	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &one), OK);
	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &two), OK);
	assert_string_not_equal(one, two);
	remove_dir(*state, &c);
}

static void
a_hash_is_cheap_once_the_settings_ask_for_more(void **state)
{
	struct config c = cheap(*state);
	struct password_check check;
	struct problem p = {};
	const char *phc;

	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &phc), OK);
	c.password_passes = 2;
	assert_int_equal(password_verify(&c, *state, "zq8-Lw4e", phc, &p, &check), OK);
	assert_true(check.right && check.is_cheap);
	c.password_passes = 1;
	c.password_memory_kib = 128;
	assert_int_equal(password_verify(&c, *state, "zq8-Lw4e", phc, &p, &check), OK);
	assert_true(check.right && check.is_cheap);
	c.password_memory_kib = 32;
	assert_int_equal(password_verify(&c, *state, "zq8-Lw4e", phc, &p, &check), OK);
	assert_true(check.right && !check.is_cheap);
	remove_dir(*state, &c);
}

static void
nobody_s_password_is_never_right(void **state)
{
	struct config c = cheap(*state);
	struct password_check check = { .right = true };
	struct problem p = {};

	assert_int_equal(password_verify(&c, *state, "zq8-Lw4e", NULL, &p, &check), OK);
	assert_false(check.right || check.is_cheap);
	remove_dir(*state, &c);
}

static void
when_all_slots_are_taken_nobody_waits(void **state)
{
	struct config c = cheap(*state);
	const char *path = arena_printf(*state, "%s/hashing.slots", c.run_dir), *phc;
	struct problem p = {};
	int one, two;

	assert_int_equal(slots_take(path, 2, &one), OK);
	assert_int_equal(slots_take(path, 2, &two), OK);
	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &phc),
			 ERR_UNAVAILABLE);
	assert_int_equal(p.retry_after_s, 1);
	close(two);
	assert_int_equal(password_hash(&c, *state, "zq8-Lw4e", &p, &phc), OK);
	close(one);
	remove_dir(*state, &c);
}

static void
a_killed_process_gives_its_slot_back(void **state)
{
	struct config c = cheap(*state);
	const char *path = arena_printf(*state, "%s/hashing.slots", c.run_dir);
	int ready[2], fd;
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (slots_take(path, 1, &fd) == OK && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(slots_take(path, 1, &fd), ERR_UNAVAILABLE);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(slots_take(path, 1, &fd), OK);
	close(fd);
	close(ready[0]);
	close(ready[1]);
	remove_dir(*state, &c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_right_password_is_right_and_another_is_not),
		T(libargon2_reads_what_is_written_here_and_the_other_way_round),
		T(what_is_no_hash_is_an_error),
		T(the_same_password_hashes_to_something_else_each_time),
		T(a_hash_is_cheap_once_the_settings_ask_for_more),
		T(nobody_s_password_is_never_right),
		T(when_all_slots_are_taken_nobody_waits),
		T(a_killed_process_gives_its_slot_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
