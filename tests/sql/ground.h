/* ground.h -- what the tests against a real database stand on.
 *
 * One connection as the owner, with every statement of shared/ prepared, to the
 * database that $FOYER_TEST_DATABASE names (database.test.sh makes it). People
 * and rooms are made anew by each test, so that tests do not meet. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "shared/api_token.h"
#include "shared/calls.h"
#include "shared/calls_live.h"
#include "shared/db.h"
#include "shared/edits.h"
#include "shared/marks.h"
#include "shared/members.h"
#include "shared/removal.h"
#include "shared/roomlog.h"
#include "shared/session.h"

struct ground {
	struct arena *arena; /* reset after each test */
	struct db *db;
};

extern struct ground ground;

int ground_setup(void **state);	   /* of a group */
int ground_teardown(void **state); /* of a group */
int ground_clean(void **state);	   /* after each test */

/* A second connection, as this role. */
struct db *ground_connect(const char *role);

/* Any SQL, as the owner, by its own connection: the first column of the first
 * row, or NULL. sql_fails(): the SQLSTATE with which it is refused, NULL if it
 * is not; as role, NULL for the owner. */
const char *sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *sql_fails(const char *role, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

const char *new_user(void);
/* A sign-in of theirs: a device. */
const char *new_session(const char *user_id);
const char *random_id(void);
/* "@login" of somebody. */
const char *at(const char *user_id);
void block(const char *user_id, const char *other_id);
/* Of this kind, with its owner in it and seq 1. */
const char *new_room(const char *kind, const char *owner_id, int max_members);

struct member_outcome do_join(struct db *db, const char *room, const char *user);
struct member_outcome do_leave(struct db *db, const char *room, const char *user);
struct member_outcome do_change(struct db *db, const struct member_change *c);

struct draft draft(const char *room, const char *sender, const char *key,
		   const char *text);
/* The outcome of one message. Text names people as compose() would find them. */
struct appended post(struct db *db, const struct draft *d, bool skip_locked);
/* Of several at once. */
void post_batch(struct db *db, const struct draft *drafts, int count, bool skip_locked,
		struct appended out[]);

/* Run fn in a process of its own; its exit status is waited for by join_child(). */
int fork_child(int (*fn)(void *arg), void *arg);
int join_child(int pid);
/* Until a backend of this application sleeps in pg_sleep(). */
void wait_until_asleep(const char *application);
