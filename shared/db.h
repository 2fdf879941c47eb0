/* db.h -- the blocking door to PostgreSQL (libpq), for the REST programs.
 *
 * A statement is declared once, prepared when the connection opens (so a statement that
 * does not fit the schema stops the program at start with PostgreSQL's own message), and
 * run with text parameters. After a lost connection the next call connects again. dbq.h
 * does the same for an event loop.
 *
 * Owns:     the connection. Results belong to the arena of the piece of work.
 * Lifetime: one struct db a process.
 * Errors:   ERR_UNAVAILABLE: no connection; it was lost in the middle (the
 *           outcome is then unknown: writes carry keys so that they can be
 *           repeated); a lock or statement timeout; or a referenced row was
 *           deleted at this very moment. ERR_INVALID: PostgreSQL refused the
 *           data (SQLSTATE class 22). ERR_CONFLICT: unique or exclusion
 *           constraint. Others are ERR_INTERNAL. All are logged here, once,
 *           without parameters. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shared/arena.h"
#include "shared/err.h"

enum { SCHEMA_VERSION = 1 }; /* instance.schema_version in schema.sql */

struct db;

struct stmt {
	const char *name;
	const char *sql; /* parameters as $1, never built from strings */
};

/* One statement to run. DB_CALL() makes one in place, for a call that runs before the
 * block ends. */
struct db_call {
	const struct stmt *stmt;
	int param_count;
	const char *const *params; /* text format, NULL is SQL null */
};

#define DB_CALL(s, ...)                                                                  \
	((struct db_call){ .stmt = (s),                                                  \
			   .param_count = sizeof((const char *const[]){ __VA_ARGS__ }) / \
					  sizeof(char *),                                \
			   .params = (const char *const[]){ __VA_ARGS__ } })

/* The same with parameters that live in the arena, so that the call can be returned. */
struct db_call db_call_in(struct arena *a, const struct stmt *s, int param_count,
			  const char *const params[]);
#define DB_CALL_IN(a, s, ...)                                     \
	db_call_in((a), (s), DB_CALL(s, __VA_ARGS__).param_count, \
		   (const char *const[]){ __VA_ARGS__ })

struct rows {
	int count;
	const void *result; /* PGresult, owned by an arena */
};

const char *rows_text(const struct rows *r, int row, int col); /* NULL: null */
int64_t rows_int(const struct rows *r, int row, int col);      /* null: 0 */
bool rows_bool(const struct rows *r, int row, int col);
bool rows_is_null(const struct rows *r, int row, int col);

/* What the database says about itself; read at every connect. */
struct db_instance {
	char epoch[17];	 /* hash of the stored string, cluster, timeline and log table */
	uint64_t id_key; /* mixes message ids, see uuid.h */
};

struct db_settings {
	const char *conninfo;
	const char *application; /* pg_stat_activity.application_name */
	int64_t statement_timeout_ms, lock_timeout_ms;
	/* NULL-terminated lists of NULL-terminated lists: each module offers its own.
	 * Prepared at connect, or, with lazy (plain CGI), at first use. */
	const struct stmt *const *const *stmts;
	bool lazy;
};

/* Connects at once. With lazy it only starts to, and the first call waits for the
 * connection. After ERR_UNAVAILABLE there is still a db, which connects at the next call.
 * After ERR_INTERNAL (a statement does not fit, or the wrong schema version; with lazy
 * the first call returns it) the program should stop. settings must outlive db. */
enum err db_open(const struct db_settings *settings, struct db **out);
void db_close(struct db *db); /* NULL is fine */
/* Can libpq read this connection string? What is wrong is printed to stderr. */
enum err db_check_form(const char *setting, const char *conninfo);

/* One statement in a transaction of its own. One round trip. */
enum err db_query(struct db *db, struct arena *a, const struct db_call *call,
		  struct rows *out);

/* Several statements sent together under one Sync: one transaction, one round trip, each
 * with its own snapshot (READ COMMITTED). out has count items; it is filled only if
 * everything was committed. */
enum err db_batch(struct db *db, struct arena *a, const struct db_call *calls, int count,
		  struct rows out[]);

/* Zeros until the first connection. */
const struct db_instance *db_instance(struct db *db);

/* Every list of statements for db_open() begins with this one. */
extern const struct stmt *const db_statements[];

/* NOTIFY by itself, after the work. */
enum err db_notify(struct db *db, struct arena *a, const char *channel,
		   const char *payload);

/* A PostgreSQL array literal of text items, quoted; NULL items are null. */
const char *db_array(struct arena *a, const char *const *items, int count);
const char *db_array_int(struct arena *a, const int64_t *items, int count);
/* A number as a text parameter. */
const char *db_int(struct arena *a, int64_t value);
/* Milliseconds since 1970 as a timestamptz parameter; 0 is null. */
const char *db_time(struct arena *a, int64_t ms);
