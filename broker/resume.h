/* resume.h -- catching up: bringing a listener from its last seq to the live end.
 *
 * While a listener catches up, nothing is queued for it: pages of the log are read as
 * its outbox drains, one page for all listeners that ask for the same. A page notes
 * where the room's ring ended when the log was queried, so a page that reached the end
 * of the log meets the ring, and the listener moves to the ring in that turn, without a
 * gap or a duplicate.
 *
 * A page is read for what its first reader may see (roomlog_veil). Readers who would be
 * shown the same bytes share it: everybody, unless an old message was edited.
 *
 * A reader that does not take its page delays nobody: a connection that has not taken
 * what it was sent before has at most one page queued, and once the pages fill
 * RESUME_BYTES_MAX, those held for long are put back, to be read again from where
 * sending stopped.
 *
 * Owns:     pages; they belong to their room and are freed with their last reader, but
 *           not while being read: the query's answer has to find its page.
 * Contract: pages of different rooms are read concurrently, RESUME_READS_MAX at a time,
 *           on a database line of their own; nothing else waits for them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/frame.h"
#include "broker/list.h"
#include "broker/ring.h"
#include "shared/uuid.h"

struct broker;
struct conn;
struct listener;
struct live_room;

enum {
	RESUME_PAGE_EVENTS = 200,
	RESUME_READS_MAX = 8,
	RESUME_BYTES_MAX = 64 * 1024 * 1024, /* in pages not sent yet */
	RESUME_SHARE_MS = 1000, /* how long others may share a page once it is read */
	RESUME_HOLD_MS = 1000,	/* how long a page is kept although others wait */
	RESUME_PIN_MAX = 1024 * 1024,
};

enum page_state { PAGE_QUEUED, PAGE_READING, PAGE_READ };

/* A user was removed from the room by an event in this page. */
struct page_exit {
	struct uuid user_id;
	int64_t seq;
	const char *reason; /* a string literal */
};

struct page {
	struct broker *broker;
	struct live_room *room;	       /* NULL: the room is gone */
	struct link in_room, in_queue; /* in_queue: or in resumes.kept */
	struct link readers;	       /* listeners that wait for it or send it */
	enum page_state state;
	bool is_end;	      /* the log ended here */
	bool is_stale;	      /* its readers may use it; no new listener may */
	bool is_busy;	      /* its readers are being called, and may leave it */
	int64_t visible_from; /* listener_visible_from() of its first reader */
	/* the newest message with an edit or a reaction that is veiled here; 0: none */
	int64_t veiled_to;
	int64_t shown_from;  /* the oldest message with one that is shown */
	int64_t after, last; /* its events: after `after`, up to and including `last` */
	int64_t read_ms;
	bool has_pin; /* pin: where the ring ended when the log was queried */
	struct ring_cursor pin;
	uint8_t *data;
	size_t len;
	struct page_exit *exits;
	int exit_count;
};

struct resumes {
	struct link queue; /* pages to read */
	struct link kept;  /* pages that were read, oldest first */
	int reads;	   /* in flight */
	size_t bytes;	   /* in pages that were read */
};

void resumes_init(struct resumes *rs);

/* Send what comes after l->seq: from the ring if it reaches back that far, else from
 * the log. */
void resume_go(struct broker *b, struct listener *l);
/* The ring reaches back far enough: no page is needed. */
bool resume_is_recent(const struct listener *l);
/* The unsent rest of the listener's page; and mark this much of it as sent. */
struct bytes resume_peek(const struct listener *l);
void resume_advance(struct broker *b, struct listener *l, size_t bytes);
/* The connection takes data again: read pages for its parked listeners. */
void resume_unpark(struct conn *c);
/* The listener no longer needs its page. */
void resume_leave(struct listener *l);
/* The room goes; it has no listeners. */
void resume_room_gone(struct live_room *room);
/* The ring grew: unpin pages that would keep too much of it. */
void resume_check_pins(struct live_room *room);
/* The pages that were read are out of date: no new listener may share them. */
void resume_forget(struct live_room *room);
/* Read the queued pages. */
void resumes_kick(struct broker *b);
