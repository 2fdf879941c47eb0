#include "tests/sql/ground.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "shared/mentions.h"
#include "shared/ticket.h"
#include "shared/uuid.h"

struct ground ground;

static PGconn *owner;

static const struct stmt *const *const lists[] = {
	db_statements,		 roomlog_append_statements,
	roomlog_read_statements, members_statements,
	members_come_statements, session_statements,
	ticket_statements,	 edits_statements,
	marks_statements,	 calls_statements,
	calls_read_statements,	 calls_live_statements,
	calls_look_statements,	 calls_tell_statements,
	calls_seen_statements,	 removal_account_statements,
	removal_statements,	 NULL,
};

static const char *
conninfo(const char *role)
{
	const char *base = getenv("FOYER_TEST_DATABASE");

	assert_non_null(base);
	return role ? arena_printf(ground.arena, "%s user=%s", base, role) : base;
}

struct db *
ground_connect(const char *role)
{
	struct db_settings *s = ARENA_NEW(ground.arena, struct db_settings);
	struct db *db;

	*s = (struct db_settings){ .conninfo = conninfo(role),
				   .application = role ? role : "ground",
				   .statement_timeout_ms = 20000,
				   .lock_timeout_ms = 20000,
				   .stmts = lists };
	assert_int_equal(db_open(s, &db), OK);
	return db;
}

int
ground_setup(void **state)
{
	static struct db_settings settings;

	(void)state;
	ground.arena = arena_new();
	settings = (struct db_settings){ .conninfo = conninfo(NULL),
					 .application = "ground",
					 .statement_timeout_ms = 20000,
					 .lock_timeout_ms = 20000,
					 .stmts = lists };
	owner = PQconnectdb(conninfo(NULL));
	return db_open(&settings, &ground.db) == OK ? 0 : -1;
}

int
ground_teardown(void **state)
{
	(void)state;
	PQfinish(owner);
	db_close(ground.db);
	arena_free(ground.arena);
	return 0;
}

int
ground_clean(void **state)
{
	(void)state;
	arena_reset(ground.arena);
	return 0;
}

const char *
sql(const char *fmt, ...)
{
	va_list ap;
	PGresult *r;
	const char *value = NULL;

	va_start(ap, fmt);
	r = PQexec(owner, arena_vprintf(ground.arena, fmt, ap));
	va_end(ap);
	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s", PQerrorMessage(owner));
	if (PQntuples(r) > 0 && !PQgetisnull(r, 0, 0))
		value = arena_strdup(ground.arena, PQgetvalue(r, 0, 0));
	PQclear(r);
	return value;
}

const char *
sql_fails(const char *role, const char *fmt, ...)
{
	va_list ap;
	PGconn *pg = PQconnectdb(conninfo(role));
	PGresult *r;
	const char *state;

	va_start(ap, fmt);
	r = PQexec(pg, arena_vprintf(ground.arena, fmt, ap));
	va_end(ap);
	state = arena_strdup(ground.arena, PQresultErrorField(r, PG_DIAG_SQLSTATE));
	PQclear(r);
	PQfinish(pg);
	return state;
}

const char *
new_user(void)
{
	static int count;
	const char *login = arena_printf(ground.arena, "p%d-%d", (int)getpid(), count++);

	return sql(
		"INSERT INTO users (login, login_key) VALUES ('%s', '%s') RETURNING id",
		login, login);
}

const char *
random_id(void)
{
	struct uuid id;

	uuid_random(&id);
	return arena_strdup(ground.arena, id.text);
}

const char *
new_session(const char *user_id)
{
	return sql("INSERT INTO sessions (user_id, refresh_hash, refresh_expires_at,"
		   " expires_at) VALUES ('%s', sha256('%s'), now() + interval '1 day',"
		   " now() + interval '1 day') RETURNING id",
		   user_id, random_id());
}

const char *
at(const char *user_id)
{
	return sql("SELECT '@' || login FROM users WHERE id = '%s'", user_id);
}

void
block(const char *user_id, const char *other_id)
{
	sql("INSERT INTO contacts (user_id, contact_id, blocked) VALUES ('%s', '%s', true)"
	    " ON CONFLICT (user_id, contact_id) DO UPDATE SET blocked = true",
	    user_id, other_id);
}

const char *
new_room(const char *kind, const char *owner_id, int max_members)
{
	return sql(
		"WITH r AS (INSERT INTO rooms (kind, name, name_key, max_members)"
		"  VALUES ('%s', 'a room', 'a room', %d) RETURNING no, id),"
		" h AS (INSERT INTO room_heads (room_no, seq, member_count)"
		"  SELECT no, 1, 1 FROM r),"
		" m AS (INSERT INTO members (room_no, user_id, role, joined_seq, read_seq)"
		"  SELECT no, '%s', 'owner', 1, 1 FROM r),"
		" l AS (INSERT INTO log (room_no, seq, ordinal, created_at, actor_id,"
		"  subject_id, type, data) SELECT no, 1, 0, now(), '%s', '%s', 'member',"
		"  '{\"action\": \"joined\", \"role\": \"owner\"}' FROM r)"
		" SELECT id FROM r",
		kind, max_members, owner_id, owner_id, owner_id);
}

static struct member_outcome
run_members(struct db *db, const struct db_call calls[MEMBERS_CALLS])
{
	struct rows rows[MEMBERS_CALLS];
	struct member_outcome out;

	assert_int_equal(db_batch(db, ground.arena, calls, MEMBERS_CALLS, rows), OK);
	members_read(rows, &out);
	return out;
}

struct member_outcome
do_join(struct db *db, const char *room, const char *user)
{
	struct db_call calls[MEMBERS_CALLS];

	members_join_calls(ground.arena, room, user, 1000, calls);
	return run_members(db, calls);
}

struct member_outcome
do_leave(struct db *db, const char *room, const char *user)
{
	struct db_call calls[MEMBERS_CALLS];

	members_leave_calls(ground.arena, room, user, calls);
	return run_members(db, calls);
}

struct member_outcome
do_change(struct db *db, const struct member_change *c)
{
	struct db_call calls[MEMBERS_CALLS];

	members_change_calls(ground.arena, c, calls);
	return run_members(db, calls);
}

struct draft
draft(const char *room, const char *sender, const char *key, const char *text)
{
	struct draft d = { .room_id = room,
			   .sender_id = sender,
			   .client_id = key ? key : roomlog_key(ground.arena),
			   .text = text,
			   .logins = mentions_find(ground.arena, text) };

	d.fingerprint = draft_fingerprint(&d);
	return d;
}

void
post_batch(struct db *db, const struct draft *drafts, int count, bool skip_locked,
	   struct appended out[])
{
	struct db_call calls[ROOMLOG_APPEND_CALLS];
	struct rows rows[ROOMLOG_APPEND_CALLS];

	roomlog_append_calls(ground.arena, drafts, count, skip_locked, calls);
	assert_int_equal(db_batch(db, ground.arena, calls, ROOMLOG_APPEND_CALLS, rows),
			 OK);
	roomlog_append_read(ground.arena, rows, drafts, count, out);
}

struct appended
post(struct db *db, const struct draft *d, bool skip_locked)
{
	struct appended out;

	post_batch(db, d, 1, skip_locked, &out);
	return out;
}

int
fork_child(int (*fn)(void *arg), void *arg)
{
	int pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn(arg));
	return pid;
}

int
join_child(int pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void
wait_until_asleep(const char *application)
{
	for (int tries = 0; tries < 1000; tries++) {
		if (sql("SELECT pid FROM pg_stat_activity WHERE application_name = '%s'"
			" AND wait_event = 'PgSleep'",
			application))
			return;
		poll(NULL, 0, 10);
	}
	fail_msg("%s never slept", application);
}
