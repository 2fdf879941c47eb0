/* db_result.h -- what db.c and dbq.c have in common: connecting, preparing, and reading
 * PostgreSQL's answers. Nothing else includes it.
 *
 * Both keep their connection in pipeline mode all the time (PostgreSQL manual, "Pipeline
 * Mode"): a batch is its statements and one Sync, which makes it one transaction and one
 * round trip. */
#pragma once

#include <libpq-fe.h>

#include "shared/db.h"

/* Keywords and values for PQconnectdbParams(); the texts live in a. */
struct db_params {
	const char *keys[8], *values[8];
};
void db_params_fill(const struct db_settings *s, struct arena *a, struct db_params *out);

/* Queue the first statements of a new connection, without the Sync: prepare everything,
 * then ask which instance this is (always last). */
bool db_send_setup(PGconn *pg, const struct db_settings *s);

/* Read the answer to that question. ERR_INTERNAL if the schema version differs. */
enum err db_instance_from(const PGresult *r, struct db_instance *out);

bool db_send_prepare(PGconn *pg, const struct stmt *s);
/* The statement must be prepared. */
bool db_send_call(PGconn *pg, const struct db_call *call);

/* OK for rows and commands; otherwise logs once and returns the err. */
enum err db_err_of(const PGresult *r, const char *statement);

/* For a connection that failed or was lost: logs, returns ERR_UNAVAILABLE. */
enum err db_err_connection(const PGconn *pg, const char *what);
