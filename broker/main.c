/* main.c -- foyer-broker: the live side. Reads its settings, opens everything, and runs
 * until SIGTERM or SIGINT. On SIGHUP it reloads the settings that may change, and
 * reopens the log; if the settings are invalid, all stay as they are.
 *
 * --asyncapi, --frames: print the reference instead, as a document and as text. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "broker/broker.h"
#include "broker/loop.h"
#include "broker/reference.h"
#include "shared/arguments.h"
#include "shared/body.h"
#include "shared/die.h"
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

static enum err
serve(struct broker *b)
{
	enum err e = open_log(b->config);

	if (e == OK)
		e = open_parts(b);
	if (e == OK)
		e = run(b);
	if (b->loop)
		broker_close(b);
	close_parts(b);
	return e;
}

static void
print_reference(const struct config *config, bool as_text)
{
	body_set_max_text(config->max_text_chars);
	if (as_text)
		reference_print_text();
	else
		reference_print();
}

int
main(int argc, char **argv)
{
	const char *asyncapi = NULL, *frames = NULL;
	const struct argument own[] = {
		{ "asyncapi", NULL, "print the AsyncAPI reference of the live side",
		  &asyncapi },
		{ "frames", NULL, "print the reference of its frames as text", &frames },
		{},
	};
	struct arguments asked = arguments_read(
		argc, argv,
		"the live side, for WebSocket and event streams; see docs/operating.md",
		own);
	struct config config = {};
	struct broker b = { .config = &config };
	enum err e = config_load(asked.config, &config);

	if (e == OK && asked.only_check)
		e = config_check(&config, "", NULL);
	else if (e == OK && (asyncapi || frames))
		print_reference(&config, frames);
	else if (e == OK)
		e = serve(&b);
	config_free(&config);
	return e == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
