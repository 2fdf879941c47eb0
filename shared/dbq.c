/* dbq.c -- see dbq.h.
 *
 * A batch in flight waits for the answers of its calls and then for its Sync;
 * only the Sync says that it was committed. */
#include "shared/dbq.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "shared/arena.h"
#include "shared/auto.h"
#include "shared/db_result.h"
#include "shared/die.h"
#include "shared/log.h"

struct batch {
	struct batch *next;
	dbq_done *on_done;
	void *arg;
	enum err err; /* the first failure among the calls */
	int count, answered;
	const char **names; /* of the statements, for the log; NULL: the setup */
	struct rows rows[];
};

struct dbq {
	const struct db_settings *settings;
	struct dbq_owner owner;
	const char *listen;
	PGconn *pg;
	enum dbq_state state;
	bool setting_up; /* connected; the head of the queue is the setup batch */
	bool watching_write;
	struct db_instance instance;
	struct batch *head, **tail;
	int in_flight;
};

struct dbq *
dbq_new(const struct db_settings *settings, const struct dbq_owner *owner,
	const char *listen)
{
	struct dbq *q = xcalloc(1, sizeof(*q));

	q->settings = settings;
	q->owner = *owner;
	q->listen = listen;
	q->tail = &q->head;
	return q;
}

static void
watch(struct dbq *q, bool readable, bool writable)
{
	q->watching_write = writable;
	q->owner.on_watch(q->owner.arg, PQsocket(q->pg), readable, writable);
}

static struct batch *
push(struct dbq *q, dbq_done *on_done, void *arg, int count)
{
	struct batch *b = xcalloc(1, sizeof(*b) + sizeof(b->rows[0]) * (size_t)count);

	b->on_done = on_done;
	b->arg = arg;
	b->count = count;
	*q->tail = b;
	q->tail = &b->next;
	q->in_flight++;
	return b;
}

static struct batch *
pop(struct dbq *q)
{
	struct batch *b = q->head;

	q->head = b->next;
	if (!q->head)
		q->tail = &q->head;
	q->in_flight--;
	return b;
}

static void
free_batch(struct batch *b)
{
	for (int i = 0; i < b->answered; i++)
		PQclear((PGresult *)(uintptr_t)b->rows[i].result);
	free(b->names);
	free(b);
}

/* End the oldest batch. It leaves the queue before on_done runs, since on_done may send
 * the next one. */
static void
finish(struct dbq *q, enum err err)
{
	struct batch *b = pop(q);

	b->on_done(b->arg, err, err == OK ? b->rows : NULL);
	free_batch(b);
}

static void
disconnect(struct dbq *q)
{
	if (!q->pg)
		return;
	q->owner.on_watch(q->owner.arg, -1, false, false);
	PQfinish(q->pg);
	q->pg = NULL;
	q->state = DBQ_DOWN;
}

static void
go_down(struct dbq *q, enum err why)
{
	disconnect(q);
	q->setting_up = false;
	while (q->head)
		finish(q, ERR_UNAVAILABLE);
	q->owner.on_down(q->owner.arg, why);
}

static void
lost(struct dbq *q, const char *what)
{
	go_down(q, db_err_connection(q->pg, what));
}

void
dbq_cut(struct dbq *q)
{
	if (q->pg)
		go_down(q, ERR_UNAVAILABLE);
}

void
dbq_free(struct dbq *q)
{
	if (!q)
		return;
	disconnect(q);
	while (q->head)
		finish(q, ERR_UNAVAILABLE);
	free(q);
}

/* ---- connecting ---------------------------------------------------------- */

void
dbq_connect(struct dbq *q)
{
	AUTO(arena) struct arena *a = arena_new();
	struct db_params params;

	db_params_fill(q->settings, a, &params);
	q->pg = PQconnectStartParams(params.keys, params.values, 1);
	if (!q->pg)
		die("out of memory");
	q->state = DBQ_CONNECTING;
	if (PQstatus(q->pg) == CONNECTION_BAD)
		lost(q, "db.connect");
	else
		watch(q, false, true);
}

static void
on_set_up(void *arg, enum err err, const struct rows *rows)
{
	(void)arg;
	(void)err;
	(void)rows;
}

static int
count_setup(const struct db_settings *s)
{
	int count = 1; /* asks which instance this is */

	for (int i = 0; s->stmts[i]; i++)
		for (int j = 0; s->stmts[i][j]; j++)
			count++;
	return count;
}

static bool
send_setup(struct dbq *q)
{
	AUTO(arena) struct arena *a = arena_new();
	int count = count_setup(q->settings);

	if (PQsetnonblocking(q->pg, 1) != 0 || PQenterPipelineMode(q->pg) != 1)
		return false;
	if (q->listen) {
		/* LISTEN takes no parameter; the channel is one of our own names. */
		const char *sql = arena_printf(a, "LISTEN %s", q->listen);

		if (PQsendQueryParams(q->pg, sql, 0, NULL, NULL, NULL, NULL, 0) != 1)
			return false;
		count++;
	}
	if (!db_send_setup(q->pg, q->settings) || PQpipelineSync(q->pg) != 1)
		return false;
	q->setting_up = true;
	push(q, on_set_up, NULL, count);
	return true;
}

static void
connect_step(struct dbq *q)
{
	switch (PQconnectPoll(q->pg)) {
	case PGRES_POLLING_READING:
		watch(q, true, false);
		break;
	case PGRES_POLLING_WRITING:
		watch(q, false, true);
		break;
	case PGRES_POLLING_OK:
		if (!send_setup(q))
			lost(q, "db.connect");
		else
			watch(q, true, PQflush(q->pg) == 1);
		break;
	default:
		lost(q, "db.connect");
	}
}

/* The setup batch is answered; its last row describes the instance. */
static void
end_setup(struct dbq *q)
{
	struct batch *b = pop(q);
	enum err err = b->err;

	if (err == OK)
		err = db_instance_from(b->rows[b->count - 1].result, &q->instance);
	free_batch(b);
	q->setting_up = false;
	if (err != OK) {
		go_down(q, err);
		return;
	}
	q->state = DBQ_UP;
	q->owner.on_up(q->owner.arg);
}

/* ---- answers ------------------------------------------------------------- */

/* False: the connection has ended, and every batch with it. */
static bool
take_result(struct dbq *q, PGresult *r)
{
	struct batch *b = q->head;
	enum err err;

	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		if (q->setting_up)
			end_setup(q);
		else
			finish(q, b->err);
		return q->pg != NULL;
	}
	if (b->answered == b->count) { /* the commit itself failed */
		b->err = db_err_of(r, "commit");
		PQclear(r);
		return true;
	}
	err = db_err_of(r, b->names ? b->names[b->answered] : "setup");
	if (b->err == OK)
		b->err = err;
	b->rows[b->answered++] = (struct rows){ .count = PQntuples(r), .result = r };
	return true;
}

/* PostgreSQL also returns this connection's own notifications; skip them. */
static void
take_notifications(struct dbq *q)
{
	for (PGnotify *n; (n = PQnotifies(q->pg)); PQfreemem(n))
		if (q->owner.on_notify && n->be_pid != PQbackendPID(q->pg))
			q->owner.on_notify(q->owner.arg, n->relname, n->extra);
}

/* Each statement's answer is followed by a NULL, the Sync's is not. Two NULLs in a row
 * mean that there is nothing more to read now. */
static void
read_answers(struct dbq *q)
{
	int nulls = 0;

	if (PQconsumeInput(q->pg) != 1) {
		lost(q, "db.lost");
		return;
	}
	while (q->head && nulls < 2 && !PQisBusy(q->pg)) {
		PGresult *r = PQgetResult(q->pg);

		nulls = r ? 0 : nulls + 1;
		if (r && !take_result(q, r))
			return;
		if (PQstatus(q->pg) == CONNECTION_BAD) {
			lost(q, "db.lost");
			return;
		}
	}
	take_notifications(q);
}

static void
flush(struct dbq *q)
{
	bool more = PQflush(q->pg) == 1;

	if (more != q->watching_write)
		watch(q, true, more);
}

void
dbq_step(struct dbq *q, bool readable, bool writable)
{
	if (q->state == DBQ_CONNECTING && !q->setting_up) {
		connect_step(q);
		return;
	}
	if (readable)
		read_answers(q);
	if (q->pg && (writable || q->watching_write))
		flush(q);
}

/* ---- sending ------------------------------------------------------------- */

/* Half a batch may have been sent, so the connection is useless. The next step notices
 * its end and fails the batches in flight. */
static enum err
break_off(struct dbq *q)
{
	shutdown(PQsocket(q->pg), SHUT_RDWR);
	return db_err_connection(q->pg, "db.send");
}

enum err
dbq_send(struct dbq *q, const struct db_call *calls, int count, dbq_done *on_done,
	 void *arg)
{
	struct batch *b;

	if (q->state != DBQ_UP)
		return ERR_UNAVAILABLE;
	for (int i = 0; i < count; i++)
		if (!db_send_call(q->pg, &calls[i]))
			return break_off(q);
	if (PQpipelineSync(q->pg) != 1)
		return break_off(q);
	b = push(q, on_done, arg, count);
	b->names = xcalloc((size_t)count, sizeof(*b->names));
	for (int i = 0; i < count; i++)
		b->names[i] = calls[i].stmt->name;
	flush(q);
	return OK;
}

enum dbq_state
dbq_state(const struct dbq *q)
{
	return q->state;
}

const struct db_instance *
dbq_instance(const struct dbq *q)
{
	return &q->instance;
}
