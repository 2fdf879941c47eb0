/* json.c -- a request body or a frame: JSON, and the tables that validate it. */
#include "fuzz/fuzz.h"
#include "shared/body.h"
#include "shared/json.h"

static const char *const words[] = { "text", "image", NULL };

struct all {
	struct body_head head;
	const char *text, *key;
	struct uuid id;
	int word;
	int64_t number, at;
	bool on;
	struct id_list ids;
	struct body_texts texts;
	struct json *data;
};

static const struct body all_body =
	BODY(struct all,
	     FIELD_TEXT(struct all, text, REQUIRED, 1, 100, .also = "content,body"),
	     FIELD_KEY(struct all, key, OPTIONAL), FIELD_ID(struct all, id, OPTIONAL),
	     FIELD_ENUM(struct all, word, OPTIONAL, words, .names_also = "voice=image"),
	     FIELD_INT(struct all, number, OPTIONAL, -5, 1000000),
	     FIELD_TIME(struct all, at, OPTIONAL), FIELD_BOOL(struct all, on, OPTIONAL),
	     FIELD_IDS(struct all, ids, OPTIONAL, 0, 4, .also = "user_ids"),
	     FIELD_TEXTS(struct all, texts, OPTIONAL, 0, 4),
	     FIELD_JSON(struct all, data, OPTIONAL));

static void
check_problem(const struct problem *p)
{
	for (size_t i = 0; i < p->error_count; i++) {
		CLAIM(fuzz_is_sound(p->errors[i].field));
		CLAIM(fuzz_is_sound(p->errors[i].message));
	}
}

static void
check_all(const struct all *all)
{
	CLAIM(fuzz_is_sound(all->text) && text_length(all->text) <= 100);
	CLAIM(!all->key || text_is_key(all->key));
	CLAIM(all->word >= 0 && all->word < 2);
	CLAIM(all->number >= -5 && all->number <= 1000000);
	CLAIM(all->ids.count <= 4 && all->texts.count <= 4);
	for (size_t i = 0; i < all->texts.count; i++)
		CLAIM(fuzz_is_sound(all->texts.items[i]));
}

static void
check_body(struct arena *a, const struct json *value)
{
	struct problem p = {};
	struct all all = {};
	enum err e;

	if (json_kind_of(value) != JSON_OBJECT)
		return;
	e = body_read_json(&all_body, a, value, "type,ref", &p, &all);
	CLAIM(e == OK || e == ERR_INVALID);
	CLAIM(e == OK || p.error_count > 0);
	check_problem(&p);
	if (e == OK)
		check_all(&all);
}

int
fuzz_one(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new();
	const char *text = arena_memdup(a, data, len);
	struct json *value = NULL, *again = NULL;
	struct problem p = {};
	enum err e = json_parse(a, text, len, 16, &p, &value);

	CLAIM(e == OK || e == ERR_MALFORMED || e == ERR_INVALID);
	check_problem(&p);
	if (e == OK) {
		size_t printed_len, again_len;
		const char *printed = json_print(a, value, &printed_len);

		/* we parse what we print, and get the same */
		CLAIM(json_parse(a, printed, printed_len, 16, NULL, &again) == OK);
		CLAIM(strcmp(json_print(a, again, &again_len), printed) == 0);
		check_body(a, value);
	}
	arena_free(a);
	return 0;
}
