#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/arguments.h"
#include "tests/unit/test.h"

static const char *workers, *openapi;

static const struct argument own[] = {
	{ "workers", "NUMBER", "how many", &workers },
	{ "openapi", NULL, "the reference", &openapi },
	{},
};

/* Runs in a child: its exit status, 99 if the arguments are accepted. */
static int
checked(int argc, char **argv)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		arguments_read(argc, argv, "a test", own);
		_exit(99);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static struct {
	char *argv[5];
	int status;
} rows[] = {
	{ { "test" }, 99 },
	{ { "test", "--config", "/a", "--check-config" }, 99 },
	{ { "test", "--config=/a", "--workers", "4" }, 99 },
	{ { "test", "--openapi" }, 99 },
	{ { "test", "--workers", "--help" }, 99 }, /* the value of --workers */
	{ { "test", "--help" }, 0 },
	{ { "test", "--config", "/a", "--help" }, 0 },
	{ { "test", "--confg", "/a" }, 2 },
	{ { "test", "/a" }, 2 },
	{ { "test", "--config" }, 2 },
	{ { "test", "--workers" }, 2 },
	{ { "test", "-h" }, 2 },
	{ { "test", "--sample-config" }, 0 },
};

static void
what_is_unknown_or_lacks_its_value_starts_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int argc = 0;

		while (rows[i].argv[argc])
			argc++;
		CASE(checked(argc, rows[i].argv) == rows[i].status,
		     argc > 1 ? rows[i].argv[1] : "nothing");
	}
}

static void
what_is_there_is_told(void **state)
{
	char *argv[] = {
		"test", "--check-config", "--workers=4", "--config", "/a", NULL
	};
	struct arguments asked = arguments_read(5, argv, "a test", own);

	(void)state;
	assert_string_equal(asked.config, "/a");
	assert_true(asked.only_check);
	assert_string_equal(workers, "4");
	assert_null(openapi);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_there_is_told),
		T(what_is_unknown_or_lacks_its_value_starts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
