/* resume.h -- catching up: from where a listener was to what is live.
 *
 * While somebody catches up, nothing is queued for them: pages of the log are read as
 * their outbox drains, one page for all who ask for the same. A page's reader notes
 * where the room's ring ended when it asked; a page that came to the end of the log
 * therefore meets the ring, and the listener goes over to it in that turn, without a
 * gap and without a double.
 *
 * A page is read for what its first reader may see (roomlog_veil). It is good for whoever
 * would be told the same of it, which is everybody where nothing old was edited.
 *
 * Nobody waits for who does not take their page: whoever has not taken what was sent
 * before has one page at most to be sent, and where as much is kept as may be, those that
 * were kept for long are put back, to be read again from where they were sent to.
 *
 * Owns:     pages; they hang on their room, and go with their last reader, but not
 *           while they are being read: the query's answer finds its page.
 * Contract: pages of different rooms are read side by side, RESUME_READS_MAX at a time,
 *           on a line of their own; nobody else waits for them. */
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
	RESUME_BYTES_MAX = 64 * 1024 * 1024, /* in pages that are not sent yet */
	RESUME_SHARE_MS = 1000, /* as long is a page good enough for somebody else */
	RESUME_HOLD_MS = 1000,	/* as long is one kept even if others wait */
	RESUME_PIN_MAX = 1024 * 1024,
};

enum page_state { PAGE_QUEUED, PAGE_READING, PAGE_READ };

/* Somebody was put out of the room in this page. */
struct page_exit {
	struct uuid user_id;
	int64_t seq;
	const char *reason; /* a literal */
};

struct page {
	struct broker *broker;
	struct live_room *room;	       /* NULL: the room has gone */
	struct link in_room, in_queue; /* or in kept */
	struct link readers;	       /* listeners that wait for it, or send it */
	enum page_state state;
	bool is_end;	      /* the log ended here */
	bool is_stale;	      /* good for its readers, but for nobody else */
	bool is_busy;	      /* being handed to its readers, who may leave it */
	int64_t visible_from; /* of whom it is read for */
	int64_t veiled_to;    /* the newest message whose edit is veiled in it; 0: none */
	int64_t shown_from;   /* the oldest whose edit is not */
	int64_t after, last;  /* its events: after this one, up to and including that */
	int64_t read_ms;
	bool has_pin; /* where the ring ended when the log was asked */
	struct ring_cursor pin;
	uint8_t *data;
	size_t len;
	struct page_exit *exits;
	int exit_count;
};

struct resumes {
	struct link queue; /* pages to be read */
	struct link kept;  /* those that were, oldest first */
	int reads;	   /* under way */
	size_t bytes;	   /* in pages that were read */
};

void resumes_init(struct resumes *rs);

/* Send what comes after l->seq: from the ring if it reaches back so far, else by
 * reading. */
void resume_go(struct broker *b, struct listener *l);
/* The ring reaches back so far: nothing is to be read. */
bool resume_is_recent(const struct listener *l);
/* What the listener's page still has to be sent; and that it was. */
struct bytes resume_peek(const struct listener *l);
void resume_advance(struct broker *b, struct listener *l, size_t bytes);
/* The connection takes more: what waited for that is to be read. */
void resume_unpark(struct conn *c);
/* The listener needs no page any more. */
void resume_leave(struct listener *l);
/* The room goes; nobody listens to it. */
void resume_room_gone(struct live_room *room);
/* The ring grew: what is kept for readers must not grow without end. */
void resume_check_pins(struct live_room *room);
/* What was read is out of date: nobody else may share it. */
void resume_forget(struct live_room *room);
/* Read what waits to be read. */
void resumes_kick(struct broker *b);
