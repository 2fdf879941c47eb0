/* app.h -- the state that a REST program holds for as long as it runs.
 *
 * Owns:     all of it; serve.c opens it at start and closes it at the end.
 * Lifetime: the process. A request treats it as const, except for the connection and
 *           the counters behind its pointers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/config.h"
#include "shared/err.h"

struct db;
struct keys;
struct limits;
struct revoked;
struct wake;

struct app {
	char base[128];	  /* "<prefix>/api/v1" */
	bool one_request; /* plain CGI: this process answers once */
	struct config config;
	struct db *db;
	struct keys *keys;
	struct limits *limits;
	struct wake *wake;
	struct revoked *revoked;
	int64_t revoked_read_ms; /* when revoked was last read; 0 never */
};

struct program;

/* Both use app->config, which is loaded already; open the log first. On failure the
 * reason is in the log; a database that is away is no failure. */
enum err app_open_log(const struct program *program, const struct app *app);
enum err app_open(const struct program *program, struct app *app);
void app_close(struct app *app);
