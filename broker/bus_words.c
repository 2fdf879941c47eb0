/* bus_words.c -- see bus_words.h. */
#include "broker/bus_words.h"

#include <string.h>

#include "shared/text.h"

#define TYPING "typing "

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
