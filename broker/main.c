/* main.c -- foyer-broker: the live side. Reads its settings, makes everything, and runs
 * until it is told to end (SIGTERM, SIGINT). SIGHUP: settings that may change are read
 * again, and the log is opened anew; if they are not right, all stays as it is.
 * --asyncapi, --frames: print the reference instead, as a document and as text. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/reference.h"
#include "shared/arguments.h"
#include "shared/body.h"
#include "shared/die.h"
#include "shared/keys.h"
#include "shared/limits.h"
#include "shared/log.h"
#include "shared/session.h"
#include "shared/token.h"

static enum log_level
level_of(const struct config *config)
{
	static const char *const words[LOG_LEVEL_COUNT] = {
		[LOG_DEBUG] = "debug",
		[LOG_INFO] = "info",
		[LOG_WARN] = "warn",
		[LOG_ERROR] = "error",
	};

	for (int i = 0; i < LOG_LEVEL_COUNT; i++)
		if (strcmp(words[i], config->log_level) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

static enum err
open_log(const struct config *config)
{
	return log_open("foyer-broker", config->log_file,
			strcmp(config->log_format, "json") == 0, level_of(config));
}

static void
on_term(void *arg)
{
	broker_drain(arg);
}

static void
on_hup(void *arg)
{
	struct broker *b = arg;

	if (config_reload(b->config) != OK) {
		log_reopen();
		log_event(LOG_ERROR, "broker.reload_refused");
		return;
	}
	if (open_log(b->config) != OK)
		log_reopen();
	log_event(LOG_INFO, "broker.reload");
}

static enum err
open_parts(struct broker *b)
{
	struct config *config = b->config;
	struct arena *a = arena_new();
	const char *limits_path = arena_printf(a, "%s/limits.map", config->run_dir);
	char *base = xstrdup(arena_printf(a, "%s/api/v1", config->prefix));
	enum err e = limits_open(limits_path, &b->limits);

	arena_free(a);
	b->api_path = base;
	model_set_base(base);
	body_set_max_text(config->max_text_chars);
	b->revoked = revoked_new();
	TRY(e);
	return keys_open(config->keys_dir, "", &b->keys);
}

static void
close_parts(struct broker *b)
{
	keys_close(b->keys);
	limits_close(b->limits);
	revoked_free(b->revoked);
	free(b->api_path);
}

static enum err
run(struct broker *b)
{
	TRY(broker_open(b));
	loop_on_signal(b->loop, SIGTERM, on_term, b);
	loop_on_signal(b->loop, SIGINT, on_term, b);
	loop_on_signal(b->loop, SIGHUP, on_hup, b);
	log_event(LOG_INFO, "broker.start");
	broker_run(b);
	log_event(LOG_INFO, "broker.end");
	return b->is_unfit ? ERR_INTERNAL : OK;
}

/* The reference, if it was asked for. */
static bool
printed(int argc, char **argv, const struct config *config)
{
	static const struct {
		const char *argument;
		void (*print)(void);
	} asked[] = { { "--asyncapi", reference_print },
		      { "--frames", reference_print_text } };

	body_set_max_text(config->max_text_chars);
	for (int i = 1; i < argc; i++)
		for (size_t j = 0; j < sizeof(asked) / sizeof(asked[0]); j++)
			if (strcmp(argv[i], asked[j].argument) == 0) {
				asked[j].print();
				return true;
			}
	return false;
}

/* Would we start? As far as that can be told without the database, and while another
 * one may hold the sockets. */
static enum err
check(const struct config *c)
{
	struct keys *keys = NULL;
	enum err log = config_check_log(c),
		 run_dir = config_check_folder("run_dir", c->run_dir),
		 keys_dir = keys_open(c->keys_dir, "", &keys);

	keys_close(keys);
	if (log != OK || run_dir != OK || keys_dir != OK)
		return ERR_INVALID;
	puts("ok");
	return OK;
}

int
main(int argc, char **argv)
{
	static const struct argument known[] = {
		{ "--asyncapi", NULL, "print the reference of the live side" },
		{ "--frames", NULL, "the same as text" },
		{},
	};
	struct config config = {};
	struct broker b = { .config = &config };
	enum err e;

	arguments_check(argc, argv, "the live side; see docs/operating.md", known);
	e = config_load(argc, argv, &config);
	if (e == OK && config.only_check) {
		e = check(&config);
		config_free(&config);
		return e == OK ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	if (e == OK && printed(argc, argv, &config)) {
		config_free(&config);
		return EXIT_SUCCESS;
	}
	if (e == OK)
		e = open_log(&config);
	if (e == OK)
		e = open_parts(&b);
	if (e == OK)
		e = run(&b);
	if (b.loop)
		broker_close(&b);
	close_parts(&b);
	config_free(&config);
	return e == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
