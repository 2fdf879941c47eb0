#include <string.h>

#include "fcgi/form.h"
#include "shared/text.h"

static enum err
read_pair(struct arena *a, const char *pair, size_t len, struct body_pair *out)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals ? (size_t)(equals - pair) : len;
	struct body_pair read = {
		.name = text_url_decode(a, pair, name_len, true),
		.value = "",
	};

	if (equals)
		read.value = text_url_decode(a, equals + 1, len - name_len - 1, true);
	if (!read.name || !read.value)
		return ERR_MALFORMED;
	*out = read;
	return OK;
}

enum err
form_parse(struct arena *a, const char *text, size_t len, size_t max,
	   struct body_pair *out, size_t *out_count)
{
	size_t count = 0;

	while (len > 0) {
		const char *amp = memchr(text, '&', len);
		size_t pair_len = amp ? (size_t)(amp - text) : len;

		if (pair_len > 0) {
			if (count == max)
				return ERR_MALFORMED;
			TRY(read_pair(a, text, pair_len, &out[count++]));
		}
		text += pair_len + (amp != NULL);
		len -= pair_len + (amp != NULL);
	}
	*out_count = count;
	return OK;
}

bool
form_is_meant(struct arena *a, const struct body *table, const char *text, size_t len)
{
	size_t name_len = strcspn(text, "=&");
	const char *name;

	if (name_len >= len || text[name_len] != '=')
		return false;
	name = text_url_decode(a, text, name_len, true);
	return name && body_knows(table, name);
}
