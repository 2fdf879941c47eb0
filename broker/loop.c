/* loop.c -- see loop.h. */
#include "broker/loop.h"

#include <ev.h>
#include <stdlib.h>

#include "shared/die.h"

enum {
	SIGNALS_MAX = 8,
	EARLY = EV_MAXPRI - 1, /* after the turn's beginning, before everything else */
};

struct on_signal {
	ev_signal watcher;
	loop_fn *fn;
	void *arg;
};

struct loop {
	struct ev_loop *ev;
	ev_check begins;
	ev_prepare ends;
	ev_idle again;
	loop_fn *on_begin, *on_end;
	void *arg;
	struct on_signal signals[SIGNALS_MAX];
	int signal_count;
};

struct loop_watch {
	ev_io io;
	struct ev_loop *ev;
	int fd;
	loop_io_fn *fn;
	void *arg;
};

struct loop_timer {
	ev_timer timer;
	struct ev_loop *ev;
	loop_fn *fn;
	void *arg;
};

/* ---- turns --------------------------------------------------------------- */

static void
on_begin(struct ev_loop *ev, ev_check *w, int events)
{
	struct loop *l = w->data;

	(void)ev;
	(void)events;
	l->on_begin(l->arg);
}

static void
on_end(struct ev_loop *ev, ev_prepare *w, int events)
{
	struct loop *l = w->data;

	(void)ev;
	(void)events;
	l->on_end(l->arg);
}

static void
on_again(struct ev_loop *ev, ev_idle *w, int events)
{
	(void)events;
	ev_idle_stop(ev, w);
}

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	l->ev = ev_loop_new(EVFLAG_AUTO);
	if (!l->ev)
		die("no event loop");
	ev_idle_init(&l->again, on_again);
	return l;
}

void
loop_on_turn(struct loop *l, loop_fn *begins, loop_fn *ends, void *arg)
{
	l->on_begin = begins;
	l->on_end = ends;
	l->arg = arg;
	l->begins.data = l->ends.data = l;
	ev_check_init(&l->begins, on_begin);
	ev_set_priority(&l->begins, EV_MAXPRI);
	ev_check_start(l->ev, &l->begins);
	ev_prepare_init(&l->ends, on_end);
	ev_set_priority(&l->ends, EV_MINPRI);
	ev_prepare_start(l->ev, &l->ends);
}

void
loop_again(struct loop *l)
{
	ev_idle_start(l->ev, &l->again);
}

void
loop_run(struct loop *l)
{
	ev_run(l->ev, 0);
}

void
loop_stop(struct loop *l)
{
	ev_break(l->ev, EVBREAK_ALL);
}

void *
loop_native(struct loop *l)
{
	return l->ev;
}

void
loop_free(struct loop *l)
{
	if (!l)
		return;
	for (int i = 0; i < l->signal_count; i++)
		ev_signal_stop(l->ev, &l->signals[i].watcher);
	ev_check_stop(l->ev, &l->begins);
	ev_prepare_stop(l->ev, &l->ends);
	ev_idle_stop(l->ev, &l->again);
	ev_loop_destroy(l->ev);
	free(l);
}

/* ---- file descriptors ---------------------------------------------------- */

static void
on_io(struct ev_loop *ev, ev_io *io, int events)
{
	struct loop_watch *w = io->data;

	(void)ev;
	w->fn(w->arg, events & EV_READ, events & EV_WRITE);
}

struct loop_watch *
loop_watch(struct loop *l, int fd, loop_io_fn *fn, void *arg)
{
	struct loop_watch *w = xcalloc(1, sizeof(*w));

	*w = (struct loop_watch){ .ev = l->ev, .fd = fd, .fn = fn, .arg = arg };
	ev_io_init(&w->io, on_io, fd, 0);
	w->io.data = w;
	return w;
}

void
loop_watch_for(struct loop_watch *w, bool readable, bool writable)
{
	int events = (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);

	ev_io_stop(w->ev, &w->io);
	ev_io_set(&w->io, w->fd, events);
	if (events)
		ev_io_start(w->ev, &w->io);
}

void
loop_watch_early(struct loop_watch *w)
{
	ev_set_priority(&w->io, EARLY);
}

void
loop_unwatch(struct loop_watch *w)
{
	if (!w)
		return;
	ev_io_stop(w->ev, &w->io);
	free(w);
}

/* ---- timers -------------------------------------------------------------- */

static void
on_time(struct ev_loop *ev, ev_timer *timer, int events)
{
	struct loop_timer *t = timer->data;

	(void)ev;
	(void)events;
	t->fn(t->arg);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof(*t));

	t->ev = l->ev;
	t->fn = fn;
	t->arg = arg;
	ev_timer_init(&t->timer, on_time, 0, 0);
	t->timer.data = t;
	return t;
}

void
loop_timer_in(struct loop_timer *t, int64_t ms)
{
	ev_timer_stop(t->ev, &t->timer);
	ev_timer_set(&t->timer, (double)ms / 1000, 0);
	ev_timer_start(t->ev, &t->timer);
}

void
loop_timer_every(struct loop_timer *t, int64_t ms)
{
	ev_timer_stop(t->ev, &t->timer);
	ev_timer_set(&t->timer, (double)ms / 1000, (double)ms / 1000);
	ev_timer_start(t->ev, &t->timer);
}

void
loop_timer_stop(struct loop_timer *t)
{
	ev_timer_stop(t->ev, &t->timer);
}

void
loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	ev_timer_stop(t->ev, &t->timer);
	free(t);
}

/* ---- signals ------------------------------------------------------------- */

static void
on_signal(struct ev_loop *ev, ev_signal *w, int events)
{
	struct on_signal *s = w->data;

	(void)ev;
	(void)events;
	s->fn(s->arg);
}

void
loop_on_signal(struct loop *l, int number, loop_fn *fn, void *arg)
{
	struct on_signal *s = &l->signals[l->signal_count];

	if (l->signal_count++ == SIGNALS_MAX)
		die("too many signals");
	s->fn = fn;
	s->arg = arg;
	ev_signal_init(&s->watcher, on_signal, number);
	s->watcher.data = s;
	ev_signal_start(l->ev, &s->watcher);
}
