/* presence.h -- who is here and how they are, for those who may know.
 *
 * A person is here while a device of theirs is connected (stay.h), other than one that
 * came by an API token: what a script does is not its owner seen. Other brokers, and
 * REST, read of it in the table presence, where each broker keeps rows of its own; they
 * count as long as it lives (shared/brokers.h).
 *
 * Changes are gathered, and every PRESENCE_EVERY_MS written and told, PRESENCE_BATCH
 * people at a time, the next when the last are done. Each time the database says who may
 * be told: whom they hold as a contact and who shares a room with them that is not public
 * and has at most presence_room_members members, unless there is a block; so the cost
 * goes with changes, and nothing that it says is out of date. Told is who is connected
 * here, by an ephemeral frame; other brokers tell theirs (WAKE_PERSON). People's own
 * devices are told what they chose.
 *
 * A wake-up that is lost is made up for by the next change, or when they come again; a
 * lost frame by whatever the client reads of REST. Statements that fail are made again.
 *
 * Owns: its attendees, who go when they are not here and nothing of them is due. */
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
	/* What one turn tells a connection at most is less than OUTBOX_EPHEMERAL_MAX; and
	 * a turn must be short where each of these is told to a hundred others. */
	PRESENCE_BATCH = 16,
	PRESENCE_EVERY_MS = 250,
	PRESENCE_SWEEP_S = 5, /* rows of brokers that are no more */
};

/* What the table has of them, as far as we know. */
enum presence_row { ROW_NONE, ROW_HERE, ROW_AWAY };

/* What was last said of somebody. */
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
	bool must_note; /* when they were seen */
	bool is_asked;	/* in flight */
	bool was_lost;	/* their row: who knows what other brokers have told */
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
	uint64_t tellings; /* tells those apart who have been told */
};

void presence_init(struct presence *p, int64_t now_s);
void presence_done(struct broker *b);

/* A connection has become somebody's, and goes. */
void presence_enter(struct conn *c, const struct user *user);
void presence_leave(struct conn *c);
/* It said something that a person would. */
void presence_act(struct conn *c);

/* Are they here, and to be shown to this one? */
bool presence_shows(const struct broker *b, const struct visitor *who,
		    const struct visitor *viewer);

/* Somebody changed: status, profile, settings. Told again if it shows. */
void presence_changed(struct broker *b, const char *user_id);
/* How the two stand to each other changed: each is told how the other is, as far as they
 * may know, and whom they may not know of any more as offline. */
void presence_pair_changed(struct broker *b, const char *user_id, const char *other_id);

/* The table has lost what we wrote. */
void presence_write_again(struct broker *b);

/* Every PRESENCE_EVERY_MS. */
void presence_tick(struct broker *b);
/* Write and tell what is due. At the end of a turn. */
void presence_kick(struct broker *b);

/* ---- between its files ---------------------------------------------------- */

struct attendee *presence_find(const struct broker *b, const char *user_id); /* or NULL */
/* What the table should have of somebody. */
enum presence_row presence_row_of(const struct stay *s);
/* Time has passed, or something has changed: is there anything to do? May end it. */
void presence_look(struct broker *b, struct attendee *a);
/* presence_write.c: rows of brokers that are no more, every PRESENCE_SWEEP_S. */
void presence_sweep_due(struct broker *b);

/* presence_tell.c: to those who may know, and the person's own devices. False: nothing
 * changed that shows. */
bool presence_tell(struct broker *b, struct attendee *a, const struct presence_read *now);
