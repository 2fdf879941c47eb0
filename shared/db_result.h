/* db_result.h -- what db.c and dbq.c have in common: opening, preparing, and
 * reading PostgreSQL's answers. Nobody else includes it.
 *
 * Both keep their connection in pipeline mode all the time (PostgreSQL manual,
 * "Pipeline Mode"): a batch is its statements and one Sync, which makes it one
 * transaction and one round trip. */
#pragma once

#include <libpq-fe.h>

#include "shared/db.h"

/* Keywords and values for PQconnectdbParams(); texts live in a. */
struct db_params {
	const char *keys[8], *values[8];
};
void db_params_fill(const struct db_settings *s, struct arena *a, struct db_params *out);

/* Queue the statements of a fresh connection, not the Sync: all that is
 * prepared, and the question who the instance is (always the last). */
bool db_send_setup(PGconn *pg, const struct db_settings *s);

/* Take the answer to that question. ERR_INTERNAL on another schema version. */
enum err db_instance_from(const PGresult *r, struct db_instance *out);

bool db_send_prepare(PGconn *pg, const struct stmt *s);
/* Of a statement that is prepared. */
bool db_send_call(PGconn *pg, const struct db_call *call);

/* OK for rows and commands; otherwise logs once and says which err it is. */
enum err db_err_of(const PGresult *r, const char *statement);

/* A connection that could not be had or was lost: logs, ERR_UNAVAILABLE. */
enum err db_err_connection(const PGconn *pg, const char *what);
