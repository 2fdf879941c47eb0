/* ground.h -- what the tests against a real database have in common.
 *
 * One connection as the owner, with every statement of shared/ prepared, to the database
 * that $FOYER_TEST_DATABASE names (database.test.sh makes it). Each test creates its own
 * people and rooms, so that tests do not meet. */
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

/* Opens a second connection, as this role. */
struct db *ground_connect(const char *role);

/* Runs any SQL as the owner, on a connection of its own; returns the first column of the
 * first row, or NULL. sql_fails(): the SQLSTATE with which it is refused, NULL if it is
 * not; role NULL is the owner. */
const char *sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *sql_fails(const char *role, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

const char *new_user(void);
/* A session of this user, i.e. a device. */
const char *new_session(const char *user_id);
const char *random_id(void);
/* "@login" of this user. */
const char *at(const char *user_id);
void block(const char *user_id, const char *other_id);
/* A room of this kind, with its owner in it and seq 1. */
const char *new_room(const char *kind, const char *owner_id, int max_members);

struct member_outcome do_join(struct db *db, const char *room, const char *user);
struct member_outcome do_leave(struct db *db, const char *room, const char *user);
struct member_outcome do_change(struct db *db, const struct member_change *c);

struct draft draft(const char *room, const char *sender, const char *key,
		   const char *text);
/* Posts one message. Its mentions are found in the text, as compose() does. */
struct appended post(struct db *db, const struct draft *d, bool skip_locked);
/* Posts several at once. */
void post_batch(struct db *db, const struct draft *drafts, int count, bool skip_locked,
		struct appended out[]);

/* Runs fn in a process of its own; join_child() returns its exit status. */
int fork_child(int (*fn)(void *arg), void *arg);
int join_child(int pid);
/* Waits until a backend of this application sleeps in pg_sleep(). */
void wait_until_asleep(const char *application);
