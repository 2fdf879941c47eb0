/* members.h -- joining, leaving, roles, mutes and bans: each one an event in the room's
 * log, appended under the same lock as messages.
 *
 * Like roomlog.h these are calls, run by db_batch() or dbq_send(): two statements under
 * one Sync, lock then do. */
#pragma once

#include "shared/db.h"
#include "shared/model.h"
#include "shared/problem.h"

enum { MEMBERS_CALLS = 2 };

enum member_result {
	MEMBER_OK,	  /* done; seq is the event's */
	MEMBER_UNCHANGED, /* it was so already; seq is the room's */
	MEMBER_NO_ROOM,	  /* no such room, or hidden from the caller */
	MEMBER_FULL,
	MEMBER_BANNED,	  /* whoever wants to join is banned */
	MEMBER_FORBIDDEN, /* a member who may not do this */
	MEMBER_NO_USER,	  /* no such person, or not a member */
	MEMBER_IS_BANNED, /* the person to be added is banned */
	MEMBER_TOO_MANY,  /* rooms of that person */
	MEMBER_REFUSED,	  /* the person to be added does not allow it */
	MEMBER_RESULT_COUNT
};

struct member_outcome {
	enum member_result result;
	int64_t room_no, seq;
	bool room_removed; /* leaving: the last member left, and the room is gone */
	int refused;	   /* adding: index, from 1, of who cannot be added; 0 none */
};

/* Join by the room's id: public rooms, and groups with join_by_id. MEMBER_UNCHANGED for a
 * member. */
void members_join_calls(struct arena *a, const char *room_id, const char *user_id,
			int64_t max_rooms, struct db_call out[MEMBERS_CALLS]);

/* Join the room that the invite is for. If the person is a member already, no use is
 * counted. MEMBER_NO_ROOM if the invite is unknown, used up or expired. */
void members_join_invited_calls(struct arena *a, const char *code, const char *user_id,
				int64_t max_rooms, struct db_call out[MEMBERS_CALLS]);

/* An admin adds others, all of them or none. MEMBER_UNCHANGED if all are members
 * already. */
struct member_add {
	const char *room_id, *by_id;
	const char *const *user_ids;
	int user_count;
	const char *login_key; /* or this one person; NULL */
	const char *role;      /* "member"; "admin" only by the owner */
	int64_t max_rooms;
};
void members_add_calls(struct arena *a, const struct member_add *m,
		       struct db_call out[MEMBERS_CALLS]);
void members_add_read(const struct rows rows[MEMBERS_CALLS], struct member_outcome *out);

/* Leave. The last owner hands over to the oldest admin, else the oldest member; an empty
 * room is removed. */
void members_leave_calls(struct arena *a, const char *room_id, const char *user_id,
			 struct db_call out[MEMBERS_CALLS]);

/* Change another's membership, by an admin or the owner. NULL, or false in given_*:
 * keep. */
struct member_change {
	const char *room_id, *by_id, *user_id;
	const char *role; /* "admin", "member", "owner"; NULL keep */
	bool given_muted_until;
	int64_t muted_until; /* 0: unmute */
	int banned;	     /* -1 keep, 0, 1 */
	bool remove;	     /* kick: out, but not banned */
	int64_t max_rooms;   /* the limit for a person whose ban is lifted; 0: none */
};
void members_change_calls(struct arena *a, const struct member_change *c,
			  struct db_call out[MEMBERS_CALLS]);

void members_read(const struct rows rows[MEMBERS_CALLS], struct member_outcome *out);

/* OK for MEMBER_OK and MEMBER_UNCHANGED, otherwise the err with the contract's words. */
enum err member_problem(const struct member_outcome *o, struct problem *p);

extern const struct stmt *const members_statements[];
extern const struct stmt *const members_come_statements[]; /* members_come.c */
