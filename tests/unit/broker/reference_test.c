#include <stdio.h>

#include "broker/commands.h"
#include "broker/frame_rows.h"
#include "broker/reference.h"
#include "shared/body.h"
#include "shared/config.h"
#include "tests/unit/test.h"

static const struct frame_row *
row_of(const char *type)
{
	for (const struct frame_row *f = frame_rows; f->type; f++)
		if (strcmp(f->type, type) == 0)
			return f;
	return NULL;
}

static void
every_frame_of_a_client_has_words_and_an_answer_that_there_is(void **state)
{
	(void)state;
	for (const struct command *const *t = command_tables; *t; t++)
		for (const struct command *c = *t; c->name; c++) {
			CASE(c->about && *c->about, c->name);
			CASE(!c->answer || row_of(c->answer), c->name);
			CASE(!c->answer || row_of(c->answer)->sort != FRAME_EVENT,
			     c->name);
		}
}

static void
every_frame_of_ours_has_one_row_with_words(void **state)
{
	(void)state;
	for (const struct frame_row *f = frame_rows; f->type; f++) {
		CASE(row_of(f->type) == f, f->type);
		CASE(*f->about, f->type);
		CASE((f->members == NULL) == (f->sort == FRAME_EVENT), f->type);
	}
}

static void
every_event_of_the_log_is_a_frame_with_a_schema(void **state)
{
	struct json *schemas =
		json_get(json_get(reference_document(*state), "components"), "schemas");

	for (int i = 0; event_type_names[i]; i++) {
		const struct frame_row *f = row_of(event_type_names[i]);

		CASE(f && f->sort == FRAME_EVENT, event_type_names[i]);
		CASE(json_get(schemas, frame_event_schema(*state, f)),
		     event_type_names[i]);
	}
}

static const char *
read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = arena_alloc(a, 1 << 20);

	assert_non_null(f);
	assert_in_range(fread(text, 1, (1 << 20) - 1, f), 1, (1 << 20) - 2);
	fclose(f);
	return text;
}

/* Runs from the top of the tree, as in `make test`. If it fails: `make
 * docs/asyncapi.json`. */
static void
the_document_in_the_tree_is_the_current_one(void **state)
{
	struct config defaults;

	assert_int_equal(config_load(NULL, &defaults), OK);
	body_set_max_text(defaults.max_text_chars);
	config_free(&defaults);
	assert_string_equal(
		read_file(*state, "docs/asyncapi.json"),
		arena_printf(*state, "%s\n",
			     json_print_readable(*state, reference_document(*state))));
}

/* `make docs/asyncapi.json` updates both. */
static void
the_page_for_readers_ends_with_the_current_frames(void **state)
{
	static const char begins[] = "\n## Every frame\n";
	const char *page = read_file(*state, "docs/live.md"), *at = strstr(page, begins);

	assert_non_null(at);
	assert_string_equal(at + strlen(begins), reference_text(*state));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_frame_of_a_client_has_words_and_an_answer_that_there_is),
		T(every_frame_of_ours_has_one_row_with_words),
		T(every_event_of_the_log_is_a_frame_with_a_schema),
		T(the_document_in_the_tree_is_the_current_one),
		T(the_page_for_readers_ends_with_the_current_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
