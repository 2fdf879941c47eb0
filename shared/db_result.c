/* db_result.c -- see db_result.h, and the rows and arrays of db.h. */
#include "shared/db_result.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/clock.h"
#include "shared/log.h"
#include "shared/text.h"

/* The epoch must change when a backup is restored or a standby is promoted, so it hashes
 * the stored string with the cluster, its timeline, and the log table. */
static const char ask_instance[] =
	"SELECT schema_version, id_key, left(encode(sha256(convert_to(concat_ws('/', epoch,"
	"  (SELECT system_identifier FROM pg_control_system()),"
	"  left(pg_walfile_name(pg_current_wal_lsn()), 8),"
	"  'log'::regclass::oid), 'UTF8')), 'hex'), 16)"
	" FROM instance";

/* A plan must not depend on when it was made: a statement prepared on empty tables would
 * choose a sequential scan, and keep it when the tables hold millions of rows. */
static const char session_options[] =
	"-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off"
	" -c idle_in_transaction_session_timeout=10000 -c timezone=UTC";

enum err
db_check_form(const char *setting, const char *conninfo)
{
	PQconninfoOption *options;
	char *said = NULL;

	/* as libpq: anything else is the name of a database */
	if (!strchr(conninfo, '=') && !strstr(conninfo, "://"))
		return OK;
	options = PQconninfoParse(conninfo, &said);
	if (!options)
		fprintf(stderr, "%s: %s", setting, said ? said : "out of memory\n");
	PQfreemem(said);
	PQconninfoFree(options);
	return options ? OK : ERR_INVALID;
}

void
db_params_fill(const struct db_settings *s, struct arena *a, struct db_params *out)
{
	*out = (struct db_params){
		.keys = { "dbname", "application_name", "client_encoding",
			  "connect_timeout", "options" },
		.values = { s->conninfo, s->application, "UTF8", "5",
			    arena_printf(a,
					 "%s -c statement_timeout=%" PRId64
					 " -c lock_timeout=%" PRId64,
					 session_options, s->statement_timeout_ms,
					 s->lock_timeout_ms) },
	};
}

bool
db_send_prepare(PGconn *pg, const struct stmt *s)
{
	return PQsendPrepare(pg, s->name, s->sql, 0, NULL) == 1;
}

bool
db_send_setup(PGconn *pg, const struct db_settings *s)
{
	for (int i = 0; !s->lazy && s->stmts[i]; i++)
		for (int j = 0; s->stmts[i][j]; j++)
			if (!db_send_prepare(pg, s->stmts[i][j]))
				return false;
	return PQsendQueryParams(pg, ask_instance, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

enum err
db_instance_from(const PGresult *r, struct db_instance *out)
{
	const struct rows rows = { .count = PQntuples(r), .result = r };

	if (rows.count != 1 || rows_int(&rows, 0, 0) != SCHEMA_VERSION) {
		log_event(LOG_ERROR, "db.schema", LOG_I("expected", SCHEMA_VERSION),
			  LOG_I("found", rows.count == 1 ? rows_int(&rows, 0, 0) : 0),
			  LOG_S("message",
				"the tables are of another version than the program"));
		return ERR_INTERNAL;
	}
	out->id_key = (uint64_t)rows_int(&rows, 0, 1);
	memset(out->epoch, 0, sizeof(out->epoch));
	memcpy(out->epoch, rows_text(&rows, 0, 2), sizeof(out->epoch) - 1);
	return OK;
}

bool
db_send_call(PGconn *pg, const struct db_call *c)
{
	return PQsendQueryPrepared(pg, c->stmt->name, c->param_count, c->params, NULL,
				   NULL, 0) == 1;
}

struct db_call
db_call_in(struct arena *a, const struct stmt *s, int param_count,
	   const char *const params[])
{
	return (struct db_call){
		.stmt = s,
		.param_count = param_count,
		.params = arena_memdup(a, params, sizeof(char *) * (size_t)param_count)
	};
}

static enum err
err_of_sqlstate(const char *state)
{
	static const struct {
		const char *prefix;
		enum err err;
	} table[] = {
		{ "22", ERR_INVALID },	      /* data exception */
		{ "23503", ERR_UNAVAILABLE }, /* foreign_key: just deleted */
		{ "23505", ERR_CONFLICT },    /* unique_violation */
		{ "23P01", ERR_CONFLICT },    /* exclusion_violation */
		{ "40", ERR_UNAVAILABLE },    /* deadlock, serialization */
		{ "53", ERR_UNAVAILABLE },    /* out of disk, memory, connections */
		{ "55P03", ERR_UNAVAILABLE }, /* lock_timeout */
		{ "57", ERR_UNAVAILABLE },    /* statement_timeout, shutting down */
		{ "08", ERR_UNAVAILABLE },    /* connection */
		{ "25006", ERR_UNAVAILABLE }, /* read-only: a standby */
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_starts(state, table[i].prefix))
			return table[i].err;
	return ERR_INTERNAL;
}

enum err
db_err_of(const PGresult *r, const char *statement)
{
	const char *state;
	enum err err;

	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		return OK;
	case PGRES_PIPELINE_ABORTED: /* an earlier statement of the batch has the reason
				      */
		return ERR_UNAVAILABLE;
	default:
		break;
	}
	state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	if (!state)
		return ERR_UNAVAILABLE; /* the connection is gone; its owner logs that */
	err = err_of_sqlstate(state);
	/* Messages of class 22 quote the value, which may be a user's text. */
	log_event(LOG_WARN, "db.refused", LOG_S("statement", statement),
		  LOG_S("sqlstate", state),
		  LOG_S("message",
			err == ERR_INVALID
				? NULL
				: PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY)));
	return err;
}

enum err
db_err_connection(const PGconn *pg, const char *what)
{
	log_event(LOG_ERROR, what, LOG_S("message", pg ? PQerrorMessage(pg) : NULL));
	return ERR_UNAVAILABLE;
}

const char *
rows_text(const struct rows *r, int row, int col)
{
	return PQgetisnull(r->result, row, col) ? NULL : PQgetvalue(r->result, row, col);
}

int64_t
rows_int(const struct rows *r, int row, int col)
{
	return strtoll(PQgetvalue(r->result, row, col), NULL, 10);
}

bool
rows_bool(const struct rows *r, int row, int col)
{
	return *PQgetvalue(r->result, row, col) == 't';
}

bool
rows_is_null(const struct rows *r, int row, int col)
{
	return PQgetisnull(r->result, row, col) == 1;
}

/* PostgreSQL manual, "Array Input and Output Syntax". */
static void
add_quoted(struct strbuf *b, const char *s)
{
	strbuf_add(b, "\"", 1);
	for (const char *end; *s; s = end) {
		end = s + strcspn(s, "\"\\");
		strbuf_add(b, s, (size_t)(end - s));
		if (*end) {
			strbuf_add(b, "\\", 1);
			strbuf_add(b, end++, 1);
		}
	}
	strbuf_add(b, "\"", 1);
}

const char *
db_array(struct arena *a, const char *const *items, int count)
{
	struct strbuf b = { .arena = a };

	strbuf_puts(&b, "{");
	for (int i = 0; i < count; i++) {
		if (i)
			strbuf_add(&b, ",", 1);
		if (items[i])
			add_quoted(&b, items[i]);
		else
			strbuf_puts(&b, "NULL");
	}
	strbuf_puts(&b, "}");
	return b.data;
}

const char *
db_array_int(struct arena *a, const int64_t *items, int count)
{
	struct strbuf b = { .arena = a };

	strbuf_puts(&b, "{");
	for (int i = 0; i < count; i++)
		strbuf_printf(&b, i ? ",%" PRId64 : "%" PRId64, items[i]);
	strbuf_puts(&b, "}");
	return b.data;
}

const char *
db_int(struct arena *a, int64_t value)
{
	return arena_printf(a, "%" PRId64, value);
}

const char *
db_time(struct arena *a, int64_t ms)
{
	if (ms == 0)
		return NULL;
	return clock_format(ms, arena_alloc(a, CLOCK_TEXT_SIZE));
}
