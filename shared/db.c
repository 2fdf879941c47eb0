/* db.c -- see db.h. */
#include <poll.h>
#include <stdlib.h>

#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/db_result.h"
#include "shared/die.h"
#include "shared/log.h"

enum { CONNECT_TIMEOUT_MS = 5000 };

struct db {
	const struct db_settings *settings;
	PGconn *pg;	 /* NULL: not connected */
	bool connecting; /* lazy: connecting, but nobody waits for it yet */
	struct db_instance instance;
	/* lazy: the statements prepared on this connection */
	const struct stmt **prepared;
	size_t prepared_count;
};

static void
clear_result(void *result)
{
	PQclear(result);
}

static void
auto_result(PGresult **r)
{
	PQclear(*r);
}

static void
disconnect(struct db *db)
{
	PQfinish(db->pg);
	db->pg = NULL;
	db->connecting = false;
	db->prepared_count = 0;
}

static enum err
lost(struct db *db)
{
	enum err err = db_err_connection(db->pg, "db.lost");

	disconnect(db);
	return err;
}

/* The answer to one statement of a pipeline; also consumes the NULL that ends it. */
static PGresult *
next_result(PGconn *pg)
{
	PGresult *r = PQgetResult(pg);

	if (r && PQresultStatus(r) != PGRES_PIPELINE_SYNC)
		PQclear(PQgetResult(pg));
	return r;
}

/* Is everything answered and committed? Nothing is committed until the Sync is back. */
static bool
synced(PGconn *pg)
{
	AUTO(result) PGresult *r = PQgetResult(pg);

	return r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
}

static int
count_statements(const struct db_settings *s)
{
	int count = 0;

	for (int i = 0; !s->lazy && s->stmts[i]; i++)
		for (int j = 0; s->stmts[i][j]; j++)
			count++;
	return count;
}

static enum err
set_up(struct db *db)
{
	int left = count_statements(db->settings);
	enum err err = OK, first = OK;

	if (PQenterPipelineMode(db->pg) != 1 || !db_send_setup(db->pg, db->settings) ||
	    PQpipelineSync(db->pg) != 1)
		return ERR_UNAVAILABLE;
	for (; left >= 0; left--) {
		AUTO(result) PGresult *r = next_result(db->pg);

		if (!r)
			return ERR_UNAVAILABLE;
		err = db_err_of(r, "setup");
		if (err == OK && left == 0)
			err = db_instance_from(r, &db->instance);
		if (err != OK && first == OK)
			first = err;
	}
	if (!synced(db->pg))
		return ERR_UNAVAILABLE;
	return first;
}

static enum err
not_connected(struct db *db)
{
	enum err err = db_err_connection(db->pg, "db.connect");

	disconnect(db);
	return err;
}

/* Prepare a new connection for the first statement. */
static enum err
be_set_up(struct db *db)
{
	enum err err = set_up(db);

	if (err != OK)
		disconnect(db);
	return err;
}

static enum err
connect_now(struct db *db)
{
	AUTO(arena) struct arena *a = arena_new();
	struct db_params params;

	db_params_fill(db->settings, a, &params);
	db->pg = PQconnectdbParams(params.keys, params.values, 1);
	if (!db->pg)
		die("out of memory");
	if (PQstatus(db->pg) != CONNECTION_OK)
		return not_connected(db);
	return be_set_up(db);
}

/* A process for one request has about as much to do before its first statement as the
 * server has before it can answer: neither waits for the other. This goes on as long as
 * nothing blocks, or until the deadline (0: do not block). */
static enum err
go_on_connecting(struct db *db, int64_t deadline_us)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (next != PGRES_POLLING_OK) {
		short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		struct pollfd pfd = { .fd = PQsocket(db->pg), .events = events };
		int64_t left_us = deadline_us ? deadline_us - clock_monotonic_us() : 0;
		int ready = poll(&pfd, 1, left_us > 0 ? (int)(left_us / 1000) + 1 : 0);

		if (ready <= 0 && !deadline_us)
			return OK;
		if (ready > 0)
			next = PQconnectPoll(db->pg);
		if (ready == 0 || next == PGRES_POLLING_FAILED)
			return not_connected(db);
	}
	db->connecting = false;
	return be_set_up(db);
}

static enum err
begin_connecting(struct db *db)
{
	AUTO(arena) struct arena *a = arena_new();
	struct db_params params;

	db_params_fill(db->settings, a, &params);
	db->pg = PQconnectStartParams(params.keys, params.values, 1);
	if (!db->pg)
		die("out of memory");
	if (PQstatus(db->pg) == CONNECTION_BAD)
		return not_connected(db);
	db->connecting = true;
	return go_on_connecting(db, 0);
}

/* A server that restarted while we were idle has closed the socket. Noticing it here
 * saves the next request from failing. An idle connection otherwise receives only
 * notices, and losing it over one of those does no harm. */
static enum err
be_connected(struct db *db)
{
	if (db->connecting)
		return go_on_connecting(db,
					clock_monotonic_us() + 1000 * CONNECT_TIMEOUT_MS);
	if (db->pg) {
		struct pollfd pfd = { .fd = PQsocket(db->pg), .events = POLLIN };

		if (poll(&pfd, 1, 0) > 0)
			disconnect(db);
	}
	return db->pg ? OK : connect_now(db);
}

enum err
db_open(const struct db_settings *settings, struct db **out)
{
	struct db *db = xcalloc(1, sizeof(*db));
	enum err err;

	db->settings = settings;
	err = settings->lazy ? begin_connecting(db) : connect_now(db);
	*out = db;
	return err;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	disconnect(db);
	free(db->prepared);
	free(db);
}

/* ---- what is prepared when it is first asked (lazy) ----------------------- */

static bool
is_prepared(const struct db *db, const struct stmt *s)
{
	if (!db->settings->lazy)
		return true;
	for (size_t i = 0; i < db->prepared_count; i++)
		if (db->prepared[i] == s)
			return true;
	return false;
}

static void
note_prepared(struct db *db, const struct stmt *s)
{
	size_t count = db->prepared_count + 1;

	db->prepared = xrealloc(db->prepared, count * sizeof(*db->prepared));
	db->prepared[db->prepared_count++] = s;
}

static void
note_unprepared(struct db *db, const struct stmt *s)
{
	size_t i = 0;

	while (db->prepared[i] != s)
		i++;
	db->prepared[i] = db->prepared[--db->prepared_count];
}

/* ---- asking -------------------------------------------------------------- */

/* is_new[i]: statement i is prepared in this batch; that answer comes before its own. */
static bool
send_batch(struct db *db, const struct db_call *calls, int count, bool is_new[])
{
	for (int i = 0; i < count; i++) {
		const struct stmt *s = calls[i].stmt;

		is_new[i] = !is_prepared(db, s);
		if (is_new[i]) {
			note_prepared(db, s);
			if (!db_send_prepare(db->pg, s))
				return false;
		}
		if (!db_send_call(db->pg, &calls[i]))
			return false;
	}
	return PQpipelineSync(db->pg) == 1;
}

/* If there is no answer to the preparation, there is none to the statement either. */
static enum err
take_prepared(struct db *db, const struct stmt *s)
{
	AUTO(result) PGresult *r = next_result(db->pg);
	enum err err = r ? db_err_of(r, s->name) : OK;

	if (err != OK)
		note_unprepared(db, s);
	return err;
}

enum err
db_batch(struct db *db, struct arena *a, const struct db_call *calls, int count,
	 struct rows out[])
{
	struct rows *rows = ARENA_ARRAY(a, struct rows, (size_t)count);
	bool *is_new = ARENA_ARRAY(a, bool, (size_t)count);
	enum err first = OK;

	TRY(be_connected(db));
	if (!send_batch(db, calls, count, is_new))
		return lost(db);
	for (int i = 0; i < count; i++) {
		const struct stmt *s = calls[i].stmt;
		enum err err = is_new[i] ? take_prepared(db, s) : OK;
		PGresult *r = next_result(db->pg);

		if (!r)
			return lost(db);
		arena_defer(a, clear_result, r);
		if (err == OK)
			err = db_err_of(r, s->name);
		if (err != OK && first == OK)
			first = err;
		rows[i] = (struct rows){ .count = PQntuples(r), .result = r };
	}
	if (!synced(db->pg))
		return lost(db);
	for (int i = 0; first == OK && i < count; i++)
		out[i] = rows[i];
	return first;
}

enum err
db_query(struct db *db, struct arena *a, const struct db_call *call, struct rows *out)
{
	return db_batch(db, a, call, 1, out);
}

const struct db_instance *
db_instance(struct db *db)
{
	if (db->connecting)
		(void)be_connected(db); /* already logged, and the next statement fails */
	return &db->instance;
}

static const struct stmt notify = { "notify", "SELECT pg_notify($1, $2)" };
const struct stmt *const db_statements[] = { &notify, NULL };

enum err
db_notify(struct db *db, struct arena *a, const char *channel, const char *payload)
{
	struct rows rows;

	return db_query(db, a, &DB_CALL(&notify, channel, payload), &rows);
}
