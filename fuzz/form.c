/* form.c -- query strings and posted forms. */
#include "fcgi/form.h"
#include "fuzz/fuzz.h"

enum { PAIRS_MAX = 8 };

struct post {
	struct body_head head;
	const char *text;
	int64_t limit;
	struct id_list ids;
};

static const struct body post_body =
	BODY(struct post, FIELD_TEXT(struct post, text, OPTIONAL, 1, 100),
	     FIELD_INT(struct post, limit, OPTIONAL, 1, 100),
	     FIELD_IDS(struct post, ids, OPTIONAL, 0, 3));

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = arena_memdup(a, data, len);
	struct body_pair pairs[PAIRS_MAX];
	struct problem p = {};
	struct post post = {};
	size_t count = 0;

	form_is_meant(a, &post_body, text, len);
	if (form_parse(a, text, len, PAIRS_MAX, pairs, &count) == OK) {
		CLAIM(count <= PAIRS_MAX);
		for (size_t i = 0; i < count; i++)
			CLAIM(fuzz_is_sound(pairs[i].name) &&
			      fuzz_is_sound(pairs[i].value));
		if (body_read_pairs(&post_body, a, pairs, count, &p, &post) == OK)
			CLAIM(!post.text || text_length(post.text) <= 100);
	}
	arena_free(a);
	return 0;
}
