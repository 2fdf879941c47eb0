#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "shared/auto.h"
#include "shared/db.h"
#include "shared/die.h"
#include "shared/log.h"
#include "shared/text.h"
#include "shared/wake.h"

#define CHANNEL "foyer_wake"

struct wake {
	int fd; /* -1: only NOTIFY */
	struct sockaddr_un broker;
};

static int
datagram_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

struct wake *
wake_open(const char *socket_path)
{
	struct wake *w = xcalloc(1, sizeof(*w));
	size_t len = strlen(socket_path);

	*w = (struct wake){ .fd = -1, .broker.sun_family = AF_UNIX };
	if (len >= sizeof(w->broker.sun_path)) {
		log_event(LOG_WARN, "wake_socket_name_too_long",
			  LOG_S("path", socket_path));
	} else if (len > 0) {
		memcpy(w->broker.sun_path, socket_path, len);
		w->fd = datagram_socket();
	}
	return w;
}

void
wake_close(struct wake *w)
{
	if (!w)
		return;
	auto_fd(&w->fd);
	free(w);
}

static const struct sockaddr *
address(const struct wake *w)
{
	return (const struct sockaddr *)&w->broker;
}

/* True if sent or queued: the broker will read it. False if the queue is full, there is
 * no broker, or the socket is left over from a dead one. */
static bool
send_datagram(const struct wake *w, const char *text)
{
	return w->fd >= 0 && sendto(w->fd, text, strlen(text), MSG_NOSIGNAL, address(w),
				    sizeof(w->broker)) >= 0;
}

static void
tell(struct wake *w, struct db *db, struct arena *a, const char *text)
{
	/* If NOTIFY fails, db.c logs it; the broker also looks by itself. */
	if (!send_datagram(w, text) && db)
		(void)db_notify(db, a, CHANNEL, text);
}

void
wake_room(struct wake *w, struct db *db, struct arena *a, const struct uuid *room_id,
	  int64_t seq)
{
	tell(w, db, a, arena_printf(a, "room %s %lld", room_id->text, (long long)seq));
}

void
wake_read(struct wake *w, struct db *db, struct arena *a, const struct uuid *room_id,
	  const struct uuid *user_id)
{
	tell(w, db, a, arena_printf(a, "read %s %s", room_id->text, user_id->text));
}

void
wake_call(struct wake *w, struct db *db, struct arena *a, const char *call_id,
	  int64_t version)
{
	tell(w, db, a, arena_printf(a, "call %s %lld", call_id, (long long)version));
}

void
wake_person(struct wake *w, struct db *db, struct arena *a, const char *user_id)
{
	tell(w, db, a, arena_printf(a, "person %s", user_id));
}

void
wake_pair(struct wake *w, struct db *db, struct arena *a, const char *user_id,
	  const char *other_id)
{
	tell(w, db, a, arena_printf(a, "pair %s %s", user_id, other_id));
}

bool
wake_is_up(struct wake *w)
{
	AUTO(fd) int fd = *w->broker.sun_path ? datagram_socket() : -1;

	return fd >= 0 && connect(fd, address(w), sizeof(w->broker)) == 0;
}

static enum err
take_word(const char **at, const char *word)
{
	if (!text_starts(*at, word))
		return ERR_INVALID;
	*at += strlen(word);
	return OK;
}

static enum err
take_id(const char **at, struct uuid *out)
{
	char id[UUID_TEXT_SIZE] = "";

	if (strlen(*at) < sizeof(id) - 1)
		return ERR_INVALID;
	memcpy(id, *at, sizeof(id) - 1);
	*at += sizeof(id) - 1;
	return uuid_parse(id, out);
}

static enum err
parse_numbered(const char *at, struct wake_up *out)
{
	TRY(take_id(&at, &out->id));
	TRY(take_word(&at, " "));
	TRY(text_to_int(at, &out->seq));
	return out->seq < 0 ? ERR_INVALID : OK;
}

static enum err
parse_person(const char *at, struct wake_up *out)
{
	TRY(take_id(&at, &out->id));
	return *at ? ERR_INVALID : OK;
}

/* Two ids: a room and a person, or two people. */
static enum err
parse_pair(const char *at, struct wake_up *out)
{
	TRY(take_id(&at, &out->id));
	TRY(take_word(&at, " "));
	TRY(take_id(&at, &out->user_id));
	return *at ? ERR_INVALID : OK;
}

static const struct {
	const char *word;
	enum err (*parse)(const char *at, struct wake_up *out);
} kinds[] = {
	[WAKE_ROOM] = { "room ", parse_numbered },
	[WAKE_READ] = { "read ", parse_pair },
	[WAKE_CALL] = { "call ", parse_numbered },
	[WAKE_PERSON] = { "person ", parse_person },
	[WAKE_PAIR] = { "pair ", parse_pair },
};

enum err
wake_parse(const char *text, struct wake_up *out)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct wake_up w = { .kind = (enum wake_kind)i };

		if (!text_starts(text, kinds[i].word))
			continue;
		TRY(kinds[i].parse(text + strlen(kinds[i].word), &w));
		*out = w;
		return OK;
	}
	return ERR_INVALID;
}
