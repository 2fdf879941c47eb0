#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/config.h"
#include "shared/config_rows.h"
#include "shared/db.h"
#include "tests/unit/test.h"

static char folder[] = "/tmp/foyer-config-XXXXXX";
static char file[64], said_file[64];

static void
write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const char *
read_file(struct arena *a, const char *path)
{
	static char text[65536];
	FILE *f = fopen(path, "r");
	size_t len;

	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	return arena_strndup(a, text, len);
}

/* Redirects stderr or stdout into said_file. */
static int
redirected(int fd)
{
	int kept = dup(fd), to = open(said_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	dup2(to, fd);
	close(to);
	return kept;
}

static void
restored(int fd, int kept)
{
	dup2(kept, fd);
	close(kept);
}

/* Loads this text as the file; messages on stderr go to said_file. */
static enum err
load(const char *yaml, struct config *out)
{
	int kept;
	enum err e;

	write_file(yaml);
	kept = redirected(STDERR_FILENO);
	e = config_load(file, out);
	restored(STDERR_FILENO, kept);
	return e;
}

static struct config
loaded(const char *yaml)
{
	struct config c = {};

	assert_int_equal(load(yaml, &c), OK);
	return c;
}

static void
an_empty_file_gives_the_defaults(void **state)
{
	static const char *const empty[] = { "", "# nothing\n", "---\n", "{}\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(empty); i++) {
		struct config c = loaded(empty[i]);

		assert_string_equal(c.prefix, "");
		assert_string_equal(c.run_dir, "/run/foyer");
		assert_string_equal(c.wake_socket, "/run/foyer/wake.sock");
		assert_string_equal(c.registration, "open");
		assert_int_equal(c.access_token_s, 900);
		assert_int_equal(c.session_s, 7776000);
		assert_int_equal(c.max_outbox_bytes, 1 << 20);
		assert_int_equal(c.trusted_proxies.count, 3);
		assert_string_equal(c.trusted_proxies.items[2], "::1");
		assert_int_equal(c.allowed_origins.count, 0);
		assert_string_equal(config_database_auth(&c), "dbname=foyer");
		config_free(&c);
	}
}

static void
the_file_sets_what_it_names(void **state)
{
	struct config c =
		loaded("prefix: /chat\n"
		       "run_dir: /tmp/x\n"
		       "access_token_s: 60\n"
		       "log_level: debug\n"
		       "database_auth: 'dbname=foyer user=foyer_auth'\n"
		       "allowed_origins: [\"https://a.example\", http://b.example:8080]\n"
		       "trusted_proxies:\n  - 10.0.0.0/8\n");

	(void)state;
	assert_string_equal(c.prefix, "/chat");
	assert_string_equal(c.wake_socket, "/tmp/x/wake.sock");
	assert_int_equal(c.access_token_s, 60);
	assert_string_equal(c.log_level, "debug");
	assert_int_equal(c.allowed_origins.count, 2);
	assert_string_equal(c.allowed_origins.items[1], "http://b.example:8080");
	assert_int_equal(c.trusted_proxies.count, 1);
	assert_string_equal(config_database_auth(&c), "dbname=foyer user=foyer_auth");
	assert_string_equal(config_database_broker(&c), "dbname=foyer");
	assert_string_equal(c.file, file);
	config_free(&c);
}

static void
the_environment_goes_before_the_file(void **state)
{
	struct config c;

	(void)state;
	setenv("FOYER_PREFIX", "/env", 1);
	setenv("FOYER_MAX_PAGE", "77", 1);
	setenv("FOYER_TRUSTED_PROXIES", "unix, 10.0.0.0/8", 1);
	setenv("FOYER_ALLOWED_ORIGINS", "", 1);
	c = loaded(
		"prefix: /file\nmax_page: 66\nallowed_origins: [\"https://a.example\"]\n");
	assert_string_equal(c.prefix, "/env");
	assert_int_equal(c.max_page, 77);
	assert_int_equal(c.trusted_proxies.count, 2);
	assert_string_equal(c.trusted_proxies.items[1], "10.0.0.0/8");
	assert_int_equal(c.allowed_origins.count, 0);
	config_free(&c);
	unsetenv("FOYER_PREFIX");
	unsetenv("FOYER_MAX_PAGE");
	unsetenv("FOYER_TRUSTED_PROXIES");
	unsetenv("FOYER_ALLOWED_ORIGINS");
}

static const struct {
	const char *yaml, *said;
} bad[] = {
	{ "prefx: /chat\n", ":1: unknown setting: prefx\n" },
	{ "memory: 1\n", ":1: unknown setting: memory\n" },
	{ "a: [\n", ":2: " },
	{ "just text\n", ":1: must be lines of `name: value`\n" },
	{ "- a\n", ":1: must be lines of `name: value`\n" },
	{ "{[a]: b}\n", ":1: unknown setting: ?\n" },
	{ "max_page: 5\ndefault_page: 5\nmax_page: 6\n", ":3: max_page is set twice\n" },
	{ "max_page: many\n", ":1: max_page must be a whole number, 1 to 1000\n" },
	{ "max_page: 0\n", ":1: max_page must be a whole number, 1 to 1000\n" },
	{ "max_page: 1001\n", ":1: max_page must be a whole number, 1 to 1000\n" },
	{ "max_page: 1_0\n", ":1: max_page must be a whole number, 1 to 1000\n" },
	{ "max_page: 99999999999999999999\n", ":1: max_page must be a whole number" },
	{ "max_page:\n", ":1: max_page must be a whole number" },
	{ "max_page: [5]\n", ":1: max_page must be a single value\n" },
	{ "registration: maybe\n",
	  ":1: registration must be one of open,invite,closed\n" },
	{ "registration: open,invite\n", ":1: registration must be one of" },
	{ "prefix: chat\n", ":1: prefix must be empty or a path like /chat\n" },
	{ "prefix: /chat/\n", ":1: prefix must be" },
	{ "prefix: //chat\n", ":1: prefix must be" },
	{ "prefix: '/a b'\n", ":1: prefix must be" },
	{ "prefix: {a: b}\n", ":1: prefix must be a single value or a list\n" },
	{ "run_dir: ''\n", ":1: run_dir must be a whole path\n" },
	{ "keys_dir: keys\n", ":1: keys_dir must be a whole path\n" },
	{ "files_dir: files\n", ":1: files_dir must be a whole path\n" },
	{ "log_file: rest.log\n", ":1: log_file must be empty or a whole path\n" },
	{ "issuer: ''\n", ":1: issuer must be something\n" },
	{ "run_dir: \"a\\nb\"\n", ":1: run_dir must be one line of UTF-8\n" },
	{ "run_dir: \"a\\0b\"\n", ":1: run_dir must be" },
	{ "broker_listen: 8081\n", ":1: broker_listen must be an address and a port\n" },
	{ "broker_listen: 127.0.0.1:0\n", ":1: broker_listen must be" },
	{ "broker_listen: 127.0.0.1:65536\n", ":1: broker_listen must be" },
	{ "broker_listen: localhost:8081\n", ":1: broker_listen must be" },
	{ "metrics_listen: '::1:9102'\n", ":1: metrics_listen must be" },
	{ "signing_key: ../main\n", ":1: signing_key must be" },
	{ "public_url: example.org\n", ":1: public_url must be" },
	{ "public_url: https://example.org/\n", ":1: public_url must be" },
	{ "public_url: https://\n", ":1: public_url must be" },
	{ "allowed_origins: ['https://a.example/x']\n",
	  ":1: allowed_origins must be like" },
	{ "allowed_origins: ['*']\n", ":1: allowed_origins must be like" },
	{ "allowed_origins: [[a]]\n", ":1: allowed_origins must be a list of texts\n" },
	{ "trusted_proxies: [localhost]\n", ":1: trusted_proxies must be an address" },
	{ "ice_servers: ['https://turn.example.org']\n",
	  ":1: ice_servers must be like stun:host:3478" },
	{ "ice_servers: ['turn:']\nturn_secret: s\n", ":1: ice_servers must be" },
	{ "ice_servers: ['turn:a b']\nturn_secret: s\n", ":1: ice_servers must be" },
	{ "ice_servers: ['turn:a?transport=sctp']\nturn_secret: s\n",
	  ":1: ice_servers must be" },
	{ "ice_servers: ['stun:a?transport=udp']\n", ":1: ice_servers must be" },
	{ "ice_servers: ['stun:a', 'turns:b:443?transport=tcp']\n",
	  "config: ice_servers[1] needs a turn_secret\n" },
	{ "default_page: 60\nmax_page: 50\n",
	  "config: default_page is above max_page\n" },
	{ "access_token_s: 86400\nrefresh_token_s: 600\n", "access_token_s is above" },
};

static void
what_is_wrong_is_said_by_name_and_line(void **state)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct config c = { .prefix = "untouched" };

		CASE(load(bad[i].yaml, &c) == ERR_INVALID, bad[i].yaml);
		CASE(strstr(read_file(*state, said_file), bad[i].said) != NULL,
		     bad[i].yaml);
		CASE(strcmp(c.prefix, "untouched") == 0, bad[i].yaml);
	}
}

static int
lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void
everything_that_is_wrong_is_said_at_once(void **state)
{
	struct config c;

	setenv("FOYER_LOG_FORMAT", "xml", 1);
	assert_int_equal(load("prefx: a\nmax_page: x\nregistration: maybe\n", &c),
			 ERR_INVALID);
	unsetenv("FOYER_LOG_FORMAT");
	assert_int_equal(lines(read_file(*state, said_file)), 4);
	assert_non_null(strstr(read_file(*state, said_file),
			       "config: FOYER_LOG_FORMAT must be one of text,json\n"));
}

static void
a_file_that_was_named_must_be_there(void **state)
{
	struct config c;
	int kept = redirected(STDERR_FILENO);

	assert_int_equal(config_load("/nowhere.yaml", &c), ERR_INVALID);
	restored(STDERR_FILENO, kept);
	assert_non_null(strstr(read_file(*state, said_file), "/nowhere.yaml"));
}

static void
the_file_is_named_by_the_environment_too(void **state)
{
	struct config c;

	(void)state;
	write_file("prefix: /by-env\n");
	setenv("FOYER_CONFIG", file, 1);
	assert_int_equal(config_load(NULL, &c), OK);
	assert_string_equal(c.prefix, "/by-env");
	config_free(&c);
	unsetenv("FOYER_CONFIG");
}

static void
without_a_file_the_defaults_hold(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(config_load(NULL, &c), OK);
	assert_int_equal(c.max_page, 100);
	config_free(&c);
	config_free(NULL);
}

static void
what_the_places_lack_is_named(void **state)
{
	struct config c = loaded("log_file: /none/rest.log\nrun_dir: /none\n");
	struct config good = loaded("");
	int kept = redirected(STDERR_FILENO);

	assert_int_equal(config_check_folder("run_dir", c.run_dir), ERR_INVALID);
	assert_int_equal(config_check_folder("files_dir", file), ERR_INVALID);
	assert_int_equal(config_check_log(&c), ERR_INVALID);
	assert_int_equal(config_check_folder("keys_dir", folder), OK);
	assert_int_equal(config_check_log(&good), OK);
	restored(STDERR_FILENO, kept);
	assert_string_equal(read_file(*state, said_file),
			    arena_printf(*state,
					 "run_dir: /none: No such file or directory\n"
					 "files_dir: %s: is no folder\n"
					 "log_file: /none/: No such file or directory\n",
					 file));
	config_free(&c);
	config_free(&good);
}

static void
a_connection_string_that_is_none_is_named(void **state)
{
	int kept = redirected(STDERR_FILENO);

	assert_int_equal(db_check_form("database", "dbname=foyer"), OK);
	assert_int_equal(db_check_form("database", "foyer"), OK);
	assert_int_equal(db_check_form("database", "postgresql://db/foyer"), OK);
	assert_int_equal(db_check_form("database", ""), OK);
	assert_int_equal(db_check_form("database", "dbnam=foyer"), ERR_INVALID);
	restored(STDERR_FILENO, kept);
	assert_string_equal(read_file(*state, said_file),
			    "database: invalid connection option \"dbnam\"\n");
}

static void
reloading_takes_over_what_may_change(void **state)
{
	struct config c = loaded("registration: open\nrun_dir: /tmp/a\nmax_page: 70\n");
	const char *before = c.registration;

	write_file("registration: closed\nrun_dir: /tmp/b\n");
	assert_int_equal(config_reload(&c), OK);
	assert_string_equal(c.registration, "closed");
	assert_string_equal(before, "open");
	assert_string_equal(c.run_dir, "/tmp/a");
	assert_string_equal(c.wake_socket, "/tmp/a/wake.sock");
	assert_int_equal(c.max_page, 100);
	config_free(&c);
	(void)state;
}

static void
a_bad_file_changes_nothing_on_reload(void **state)
{
	struct config c = loaded("registration: invite\n");
	int kept;

	(void)state;
	write_file("registration: closed\nmax_page: x\n");
	kept = redirected(STDERR_FILENO);
	assert_int_equal(config_reload(&c), ERR_INVALID);
	restored(STDERR_FILENO, kept);
	assert_string_equal(c.registration, "invite");
	config_free(&c);
}

static void
the_sample_means_the_defaults(void **state)
{
	struct config sample = loaded(config_sample(*state)), defaults = loaded("");

	for (size_t i = 0; i < setting_count; i++)
		CASE(setting_equal(&settings[i], &sample, &defaults), settings[i].name);
	config_free(&sample);
	config_free(&defaults);
}

/* Runs from the top of the tree, as in `make test`. */
static void
foyer_yaml_is_the_current_sample(void **state)
{
	assert_string_equal(read_file(*state, "foyer.yaml"), config_sample(*state));
}

/* Every pointer and number of struct config has a row, except two that are config.c's
 * own. */
static void
every_setting_has_a_row(void **state)
{
	size_t bytes = 0;

	(void)state;
	for (size_t i = 0; i < setting_count; i++) {
		bytes += settings[i].kind == SETTING_LIST ? sizeof(struct text_list) : 8;
		for (size_t j = 0; j < i; j++)
			CASE(settings[i].offset != settings[j].offset, settings[i].name);
	}
	assert_int_equal(bytes, offsetof(struct config, file));
}

static int
start(void **state)
{
	(void)state;
	unsetenv("FOYER_CONFIG");
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/foyer.yaml", folder);
	snprintf(said_file, sizeof(said_file), "%s/said", folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	unlink(file);
	unlink(said_file);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_file_gives_the_defaults),
		T(the_file_sets_what_it_names),
		T(the_environment_goes_before_the_file),
		T(what_is_wrong_is_said_by_name_and_line),
		T(everything_that_is_wrong_is_said_at_once),
		T(a_file_that_was_named_must_be_there),
		T(the_file_is_named_by_the_environment_too),
		T(without_a_file_the_defaults_hold),
		T(what_the_places_lack_is_named),
		T(a_connection_string_that_is_none_is_named),
		T(reloading_takes_over_what_may_change),
		T(a_bad_file_changes_nothing_on_reload),
		T(the_sample_means_the_defaults),
		T(foyer_yaml_is_the_current_sample),
		T(every_setting_has_a_row),
	};

	return cmocka_run_group_tests(tests, start, end);
}
