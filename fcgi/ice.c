/* ice.c -- see ice.h. */
#include "fcgi/ice.h"

#include <inttypes.h>
#include <string.h>

#include "shared/digest.h"
#include "shared/ice_url.h"
#include "shared/text.h"

const char *
ice_password(struct arena *a, const char *secret, const char *name)
{
	unsigned char mac[SHA1_BYTES];

	hmac_sha1(secret, strlen(secret), name, strlen(name), mac);
	return text_base64(a, mac, sizeof(mac));
}

/* The servers of one kind, as one entry; NULL: there are none. */
static struct json *
servers(struct arena *a, const struct text_list *urls, bool with_password)
{
	struct json *entry = json_object_in(a), *list = json_array_in(a);

	for (size_t i = 0; i < urls->count; i++)
		if (ice_url_needs_password(urls->items[i]) == with_password)
			json_push_text(list, urls->items[i]);
	json_put(entry, "urls", list);
	return json_count(list) > 0 ? entry : NULL;
}

struct json *
ice_answer(struct arena *a, const struct config *c, const char *user_id, int64_t now_s)
{
	struct json *answer = json_object_in(a), *list = json_array_in(a);
	struct json *stun = servers(a, &c->ice_servers, false),
		    *turn = servers(a, &c->ice_servers, true);
	int64_t until_s = now_s + ICE_CREDENTIAL_S;
	const char *name = arena_printf(a, "%" PRId64 ":%s", until_s, user_id);

	if (stun)
		json_push(list, stun);
	if (turn) {
		json_put_text(turn, "username", name);
		json_put_text(turn, "credential", ice_password(a, c->turn_secret, name));
		json_push(list, turn);
	}
	json_put(answer, "ice_servers", list);
	json_put_time(answer, "expires_at", until_s * 1000);
	return answer;
}
