/* address.c -- the client's address as proxies report it; also address ranges, times and
 * ids. */
#include "fuzz/fuzz.h"
#include "shared/address.h"
#include "shared/clock.h"
#include "shared/uuid.h"

static const char *const proxies[] = { "127.0.0.0/8", "2001:db8::/32" };

int
fuzz_one(const uint8_t *data, size_t len)
{
	static const struct text_list trusted = { 2, proxies };
	struct arena *a = arena_new();
	const char *text = fuzz_text(a, data, len);
	const char *client = address_of_client(a, &trusted, "127.0.0.1", text);
	char printed[CLOCK_TEXT_SIZE];
	struct uuid id;
	int64_t ms, again;

	CLAIM(client && *client && address_counted(a, client));
	address_is_range(text);
	if (clock_parse(text, &ms) == OK)
		CLAIM(clock_parse(clock_format(ms, printed), &again) == OK &&
		      again == ms);
	if (uuid_parse(text, &id) == OK)
		CLAIM(strlen(id.text) == 36);
	arena_free(a);
	return 0;
}
