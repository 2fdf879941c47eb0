/* bus_words.c -- see bus_words.h. */
#include "broker/bus_words.h"

#include <inttypes.h>
#include <string.h>

#include "shared/json.h"
#include "shared/text.h"

#define TYPING "typing "
#define EVENT "event "

enum { JSON_DEPTH = 130 }; /* more than max_json_depth can be */

/* A word that is an id, and the blank after it. */
static enum err
take_id(const char **at, struct uuid *out)
{
	char id[UUID_TEXT_SIZE] = "";

	if (strnlen(*at, UUID_TEXT_SIZE) < UUID_TEXT_SIZE ||
	    (*at)[UUID_TEXT_SIZE - 1] != ' ')
		return ERR_INVALID;
	memcpy(id, *at, UUID_TEXT_SIZE - 1);
	*at += UUID_TEXT_SIZE;
	return uuid_parse(id, out);
}

const char *
bus_typing_words(struct arena *a, const char *room_id, const char *user_id)
{
	return arena_printf(a, TYPING "%s %s", room_id, user_id);
}

bool
bus_is_typing(const char *line)
{
	return text_starts(line, TYPING);
}

enum err
bus_read_typing(const char *line, struct bus_typing *out)
{
	struct bus_typing said = {};

	if (!bus_is_typing(line))
		return ERR_INVALID;
	line += strlen(TYPING);
	TRY(take_id(&line, &said.room_id));
	TRY(take_id(&line, &said.user_id));
	if ((line[0] != '0' && line[0] != '1') || line[1])
		return ERR_INVALID;
	said.on = line[0] == '1';
	*out = said;
	return OK;
}

/* ---- messages ------------------------------------------------------------ */

const char *
bus_event_line(struct arena *a, const char *room_id, int64_t seq, const char *text,
	       size_t len)
{
	return arena_printf(a, EVENT "%s %" PRId64 " %.*s", room_id, seq, (int)len, text);
}

bool
bus_is_event(const char *line)
{
	return text_starts(line, EVENT);
}

static enum err
take_number(struct arena *a, const char **at, int64_t *out)
{
	const char *blank = strchr(*at, ' ');
	int64_t number;

	if (!blank)
		return ERR_INVALID;
	TRY(text_to_int(arena_strndup(a, *at, (size_t)(blank - *at)), &number));
	if (number < 1)
		return ERR_INVALID;
	*at = blank + 1;
	*out = number;
	return OK;
}

static bool
is_text(const struct json *o, const char *key, const char *expected)
{
	const char *text = json_text_of(json_get(o, key));

	return text && strcmp(text, expected) == 0;
}

static enum err
read_message(struct arena *a, struct bus_event *e)
{
	struct problem ignored = {};
	struct json *o = NULL;
	const char *author;

	TRY(json_parse(a, e->text, strlen(e->text), JSON_DEPTH, &ignored, &o));
	if (json_kind_of(o) != JSON_OBJECT || !is_text(o, "type", "message") ||
	    !is_text(o, "room_id", e->room_id.text) ||
	    json_kind_of(json_get(o, "seq")) != JSON_INT ||
	    json_int_of(json_get(o, "seq")) != e->seq ||
	    json_kind_of(json_get(o, "sender")) != JSON_OBJECT)
		return ERR_INVALID;
	author = json_text_of(json_get(json_get(o, "sender"), "id"));
	return author ? uuid_parse(author, &e->author_id) : ERR_INVALID;
}

enum err
bus_read_event(struct arena *a, const char *line, struct bus_event *out)
{
	struct bus_event e = {};

	if (!bus_is_event(line))
		return ERR_INVALID;
	line += strlen(EVENT);
	TRY(take_id(&line, &e.room_id));
	TRY(take_number(a, &line, &e.seq));
	e.text = line;
	TRY(read_message(a, &e));
	*out = e;
	return OK;
}
