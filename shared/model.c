/* model.c -- see model.h. The words. */
#include "shared/model.h"

#include <string.h>

const char *const room_kind_names[] = {
	[ROOM_PUBLIC] = "public",
	[ROOM_GROUP] = "group",
	[ROOM_DIRECT] = "direct",
	[ROOM_KIND_COUNT] = NULL,
};

const char *const member_role_names[] = {
	[ROLE_MEMBER] = "member",
	[ROLE_ADMIN] = "admin",
	[ROLE_OWNER] = "owner",
	[ROLE_COUNT] = NULL,
};

const char *const message_kind_names[] = {
	[MESSAGE_TEXT] = "text",     [MESSAGE_IMAGE] = "image",
	[MESSAGE_FILE] = "file",     [MESSAGE_AUDIO] = "audio",
	[MESSAGE_VIDEO] = "video",   [MESSAGE_LOCATION] = "location",
	[MESSAGE_SYSTEM] = "system", [MESSAGE_KIND_COUNT] = NULL,
};

const char *const event_type_names[] = {
	[EVENT_MESSAGE] = "message", [EVENT_EDITED] = "edited",
	[EVENT_DELETED] = "deleted", [EVENT_REACTION] = "reaction",
	[EVENT_MEMBER] = "member",   [EVENT_ROOM] = "room",
	[EVENT_TYPE_COUNT] = NULL,
};

bool
message_kind_has_file(enum message_kind kind)
{
	return kind >= MESSAGE_IMAGE && kind <= MESSAGE_VIDEO;
}

int
name_index(const char *const *names, const char *word)
{
	for (int i = 0; word && names[i]; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -1;
}

const char *
person_name(struct arena *a, const struct person *p)
{
	if (p->first_name && p->last_name)
		return arena_printf(a, "%s %s", p->first_name, p->last_name);
	if (p->first_name)
		return p->first_name;
	return p->last_name ? p->last_name : p->login;
}
