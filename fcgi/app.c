/* app.c -- see app.h. */
#include "fcgi/app.h"

#include <stdio.h>
#include <string.h>

#include "fcgi/serve.h"
#include "shared/limits.h"
#include "shared/log.h"
#include "shared/model.h"
#include "shared/session.h"
#include "shared/text.h"
#include "shared/wake.h"

enum { PATH_BYTES = 4096 };

enum err
app_open_log(const struct program *program, const struct app *app)
{
	const struct config *c = &app->config;
	static const char *const levels[] = { "debug", "info", "warn", "error", NULL };
	int least = name_index(levels, c->log_level);

	return log_open(program->name, c->log_file, strcmp(c->log_format, "json") == 0,
			least < 0 ? LOG_INFO : (enum log_level)least);
}

static enum err
open_database(const struct program *program, struct app *app)
{
	static struct db_settings settings;
	const struct config *c = &app->config;

	settings = (struct db_settings){
		.conninfo = program->database ? program->database(c) : c->database,
		.application = program->name,
		.statement_timeout_ms = c->statement_timeout_ms,
		.lock_timeout_ms = c->lock_timeout_ms,
		.stmts = program->statements,
		.lazy = app->one_request,
	};
	/* If the database is away, the program starts all the same; if the schema does
	 * not fit, it does not, except under CGI, where the one request gets the
	 * error. */
	return db_open(&settings, &app->db) == ERR_INTERNAL && !app->one_request
		       ? ERR_INTERNAL
		       : OK;
}

enum err
app_open(const struct program *program, struct app *app)
{
	const struct config *c = &app->config;
	char path[PATH_BYTES];

	snprintf(app->base, sizeof(app->base), "%s/api/v1", c->prefix);
	body_set_max_text(c->max_text_chars);
	model_set_base(app->base);
	snprintf(path, sizeof(path), "%s/limits.map", c->run_dir);
	TRY(keys_open(c->keys_dir, c->signing_key, &app->keys));
	TRY(limits_open(path, &app->limits));
	app->wake = wake_open(c->wake_socket);
	app->revoked = revoked_new();
	return open_database(program, app);
}

void
app_close(struct app *app)
{
	db_close(app->db);
	revoked_free(app->revoked);
	wake_close(app->wake);
	limits_close(app->limits);
	keys_close(app->keys);
	config_free(&app->config);
}
