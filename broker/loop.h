/* loop.h -- the event loop: the door to libev.
 *
 * File descriptors, timers, signals, and a call when a turn begins and when it ends,
 * that is before the loop waits again. ws.c lends the same loop to libwebsockets.
 *
 * Owns: its watches and timers until they are given back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;
struct loop_timer;

typedef void loop_fn(void *arg);
typedef void loop_io_fn(void *arg, bool readable, bool writable);

struct loop *loop_new(void);
void loop_free(struct loop *l); /* NULL is fine */
void loop_run(struct loop *l);	/* until loop_stop() */
void loop_stop(struct loop *l);
void *loop_native(struct loop *l); /* struct ev_loop *, for ws.c */

void loop_on_turn(struct loop *l, loop_fn *begins, loop_fn *ends, void *arg);
/* Do not wait: the next turn has work to do. */
void loop_again(struct loop *l);

/* Watches for nothing until loop_watch_for(). Giving it back does not close fd. */
struct loop_watch *loop_watch(struct loop *l, int fd, loop_io_fn *fn, void *arg);
void loop_watch_for(struct loop_watch *w, bool readable, bool writable);
/* Called before other watches of the same descriptor; set it while the watch is
 * inactive. If those others stop watching, events of this turn that are pending for
 * them are dropped. */
void loop_watch_early(struct loop_watch *w);
void loop_unwatch(struct loop_watch *w); /* NULL is fine */

struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *arg);
void loop_timer_in(struct loop_timer *t, int64_t ms);	 /* once */
void loop_timer_every(struct loop_timer *t, int64_t ms); /* repeatedly, from now on */
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is fine */

/* Until loop_free(). */
void loop_on_signal(struct loop *l, int number, loop_fn *fn, void *arg);
