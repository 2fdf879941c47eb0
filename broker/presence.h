/* presence.h -- who is here and how they are, told to people who may know.
 *
 * A person is here while a device of theirs is connected (stay.h). Connections by API
 * token do not count: a script at work is not a sign of its owner. Other brokers, and
 * REST, read presence from the table of that name, where each broker keeps rows of its
 * own; they count as long as the broker lives (shared/brokers.h).
 *
 * Changes are gathered, and every PRESENCE_EVERY_MS written and told, PRESENCE_BATCH
 * people at a time, the next batch when the last is done. Each time the database says
 * who may be told: the person's contacts, and people who share a room with them that is
 * not public and has at most presence_room_members members, unless there is a block. So
 * the cost follows the number of changes, and no answer is out of date. People
 * connected here are told by an ephemeral frame; other brokers tell theirs
 * (WAKE_PERSON). People's own devices are told what they chose.
 *
 * A lost wake-up is made up for by the next change, or when the person comes again; a
 * lost frame by what the client reads over REST. Failed statements are repeated.
 *
 * Owns: its attendees, who are freed when they are not here and have nothing due. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "broker/list.h"
#include "broker/stay.h"
#include "broker/table.h"
#include "broker/wheel.h"
#include "shared/uuid.h"

struct broker;
struct conn;
struct presence_read;
struct user;
struct visitor;

enum {
	/* The frames of one turn to one connection must stay below
	 * OUTBOX_EPHEMERAL_MAX; and a turn must be short even if each of these is told
	 * to a hundred others. */
	PRESENCE_BATCH = 16,
	PRESENCE_EVERY_MS = 250,
	PRESENCE_SWEEP_S = 5, /* deletes rows of dead brokers */
};

/* What the table has for them, as far as we know. */
enum presence_row { ROW_NONE, ROW_HERE, ROW_AWAY };

/* What was last told of somebody. */
struct announced {
	bool is_known;
	char status[8], chosen[8]; /* as others see it; as they chose it */
	char *text;		   /* NULL: none */
};

/* Somebody who is here, or was until a moment ago, or changed elsewhere. */
struct attendee {
	struct table_node node;
	struct uuid id;
	struct stay stay;
	struct wheel_timer timer;
	struct link in_queue; /* fresh, due or in flight */
	enum presence_row row;
	bool is_hidden; /* chose to be shown as offline */
	bool must_read; /* something changed that we have to read */
	bool must_note; /* last_seen_at is to be written */
	bool is_asked;	/* in flight */
	bool was_lost;	/* their row was; unknown what other brokers have told */
	int64_t noted_s;
	struct announced told;
};

struct presence {
	struct table people;
	struct wheel wheel;
	struct link fresh; /* changed since the last tick */
	struct link due;   /* to be written and told */
	struct link asked; /* in flight */
	bool is_sweeping;
	int64_t sweep_s;
	uint64_t tellings; /* the serial number of the last telling */
};

void presence_init(struct presence *p, int64_t now_s);
void presence_done(struct broker *b);

/* A connection now belongs to somebody; a connection goes. */
void presence_enter(struct conn *c, const struct user *user);
void presence_leave(struct conn *c);
/* It sent something that a person would. */
void presence_act(struct conn *c);

/* Are they here, and may this viewer be shown that? */
bool presence_shows(const struct broker *b, const struct visitor *who,
		    const struct visitor *viewer);

/* Somebody changed: status, profile, settings. Told again if others can see it. */
void presence_changed(struct broker *b, const char *user_id);
/* The relation between the two changed: each is told how the other is, as far as they
 * may know, and `offline` if they may no longer know. */
void presence_pair_changed(struct broker *b, const char *user_id, const char *other_id);

/* The table has lost what we wrote. */
void presence_write_again(struct broker *b);

/* Every PRESENCE_EVERY_MS. */
void presence_tick(struct broker *b);
/* Write and tell what is due. At the end of a turn. */
void presence_kick(struct broker *b);

/* ---- between its files ---------------------------------------------------- */

struct attendee *presence_find(const struct broker *b, const char *user_id); /* or NULL */
/* What the table should have for somebody. */
enum presence_row presence_row_of(const struct stay *s);
/* Time has passed, or something has changed: is there anything to do? May free it. */
void presence_look(struct broker *b, struct attendee *a);
/* presence_write.c: deletes rows of dead brokers, every PRESENCE_SWEEP_S. */
void presence_sweep_due(struct broker *b);

/* presence_tell.c: tells people who may know, and the person's own devices. False:
 * nothing changed that others can see. */
bool presence_tell(struct broker *b, struct attendee *a, const struct presence_read *now);
