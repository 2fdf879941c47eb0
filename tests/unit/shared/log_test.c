#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/die.h"
#include "shared/log.h"
#include "tests/unit/test.h"

static char folder[] = "/tmp/foyer-log-XXXXXX";
static char path[64], moved[64];

/* Returns the file's contents and empties it. */
static const char *
logged(struct arena *a, const char *file)
{
	char buffer[65536] = "";
	int fd = open(file, O_RDWR);
	ssize_t len = read(fd, buffer, sizeof(buffer) - 1);

	assert_true(fd >= 0 && len >= 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	return arena_strdup(a, buffer);
}

/* A line without the part that differs from run to run. */
static const char *
logged_event(struct arena *a)
{
	const char *line = logged(a, path), *event = strstr(line, "event");

	assert_non_null(event);
	return event;
}

static void
start(int json, enum log_level least)
{
	assert_int_equal(log_open("test", path, json, least), OK);
}

static void
an_event_is_one_line_of_keys_and_values(void **state)
{
	char expected[128];
	const char *line;

	start(0, LOG_INFO);
	log_event(LOG_INFO, "request", LOG_S("route", "/rooms"), LOG_I("status", -200));
	line = logged(*state, path);
	snprintf(
		expected, sizeof(expected),
		"Z level=info program=test pid=%d event=request route=/rooms status=-200\n",
		getpid());
	assert_true(strncmp(line, "ts=2", 4) == 0);
	assert_string_equal(strstr(line, "Z level"), expected);
}

static void
by_setting_it_is_a_json_object(void **state)
{
	const char *line;

	start(1, LOG_INFO);
	log_event(LOG_WARN, "request", LOG_S("route", "/rooms"), LOG_I("status", 200));
	line = logged(*state, path);
	assert_true(strncmp(line, "{\"ts\":\"2", 8) == 0);
	assert_non_null(strstr(line, "\"level\":\"warn\",\"program\":\"test\",\"pid\":"));
	assert_non_null(strstr(
		line, "\"event\":\"request\",\"route\":\"/rooms\",\"status\":200}\n"));
}

static const struct {
	const char *value, *text, *json;
} values[] = {
	{ "plain", "plain", "\"plain\"" },
	{ "", "\"\"", "\"\"" },
	{ "two words", "\"two words\"", "\"two words\"" },
	{ "a=b", "\"a=b\"", "\"a=b\"" },
	{ "say \"x\"", "\"say \\\"x\\\"\"", "\"say \\\"x\\\"\"" },
	{ "a\\b", "\"a\\\\b\"", "\"a\\\\b\"" },
	{ "a\nevent=b", "\"a\\nevent=b\"", "\"a\\nevent=b\"" },
	{ "\r\x1b[2J", "\"\\u000d\\u001b[2J\"", "\"\\u000d\\u001b[2J\"" },
	{ "\x7f", "\"\\u007f\"", "\"\\u007f\"" },
	{ "\xc2\x85", "\"\\u0085\"", "\"\\u0085\"" },
	{ "привет", "\"привет\"", "\"привет\"" },
	{ "\xe2\x80\xae"
	  "x",
	  "\"\\u202ex\"", "\"\\u202ex\"" },
	{ "a\xff", "\"a\\xff\"", "\"a\\ufffd\"" },
	{ "\xf0\x9f", "\"\\xf0\\x9f\"", "\"\\ufffd\\ufffd\"" },
};

static void
values_are_escaped_so_that_a_line_is_one_line(void **state)
{
	for (size_t i = 0; i < COUNT(values); i++) {
		const char *expected;

		start(0, LOG_INFO);
		log_event(LOG_INFO, "e", LOG_S("k", values[i].value));
		expected = arena_printf(*state, "event=e k=%s\n", values[i].text);
		assert_string_equal(logged_event(*state), expected);
		start(1, LOG_INFO);
		log_event(LOG_INFO, "e", LOG_S("k", values[i].value));
		expected =
			arena_printf(*state, "event\":\"e\",\"k\":%s}\n", values[i].json);
		assert_string_equal(logged_event(*state), expected);
	}
}

static void
a_null_text_leaves_the_field_out(void **state)
{
	start(0, LOG_INFO);
	log_event(LOG_INFO, "e", LOG_S("gone", NULL), LOG_I("n", 1));
	assert_string_equal(logged_event(*state), "event=e n=1\n");
}

static void
what_is_below_the_level_is_not_written(void **state)
{
	start(0, LOG_WARN);
	log_event(LOG_INFO, "quiet", LOG_I("n", 1));
	assert_string_equal(logged(*state, path), "");
	log_event(LOG_WARN, "loud", LOG_I("n", 1));
	assert_string_equal(logged_event(*state), "event=loud n=1\n");
}

static void
long_values_are_cut_at_a_character(void **state)
{
	char text[5000];
	const char *line;

	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "é", 2);
	text[sizeof(text) - 2] = '\0';
	start(1, LOG_INFO);
	log_event(LOG_INFO, "e", LOG_S("k", text), LOG_I("n", 1));
	line = logged_event(*state);
	assert_true(strlen(line) < 1200);
	assert_non_null(strstr(line, "éé…\",\"n\":1}\n"));
}

static void
what_does_not_fit_a_line_is_left_out_whole(void **state)
{
	char text[1000];
	struct log_field fields[20];
	const char *line;

	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < COUNT(fields); i++)
		fields[i] = LOG_S("k", text);
	start(1, LOG_INFO);
	log_write(LOG_INFO, "e", fields, COUNT(fields));
	line = logged(*state, path);
	assert_true(strlen(line) <= 8192);
	assert_string_equal(line + strlen(line) - 5, "\\\"\"}\n");
}

static void
a_moved_file_is_opened_anew(void **state)
{
	start(0, LOG_INFO);
	assert_int_equal(rename(path, moved), 0);
	log_event(LOG_INFO, "before", LOG_I("n", 1));
	log_reopen();
	log_event(LOG_INFO, "after", LOG_I("n", 1));
	assert_non_null(strstr(logged(*state, moved), "event=before"));
	assert_string_equal(logged_event(*state), "event=after n=1\n");
}

static void
a_log_that_cannot_be_opened_changes_nothing(void **state)
{
	start(0, LOG_INFO);
	assert_int_equal(log_open("test", "/nowhere/x.log", 0, LOG_INFO),
			 ERR_UNAVAILABLE);
	log_event(LOG_INFO, "still", LOG_I("n", 1));
	assert_string_equal(logged_event(*state), "event=still n=1\n");
}

static void
dying_is_logged_and_exits_with_1(void **state)
{
	int status;
	pid_t child;

	start(0, LOG_INFO);
	child = fork();
	if (child == 0)
		die("out of %s", "luck");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_string_equal(logged_event(*state), "event=die detail=\"out of luck\"\n");
}

static int
make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(moved, sizeof(moved), "%s/log.1", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(moved);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_event_is_one_line_of_keys_and_values),
		T(by_setting_it_is_a_json_object),
		T(values_are_escaped_so_that_a_line_is_one_line),
		T(a_null_text_leaves_the_field_out),
		T(what_is_below_the_level_is_not_written),
		T(long_values_are_cut_at_a_character),
		T(what_does_not_fit_a_line_is_left_out_whole),
		T(a_moved_file_is_opened_anew),
		T(a_log_that_cannot_be_opened_changes_nothing),
		T(dying_is_logged_and_exits_with_1),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
