/* Where settings come from: the table's defaults, then the file, then the environment.
 * The file is the first of: --config FILE; $FOYER_CONFIG; foyer.yaml beside the program;
 * the same one folder up; /etc/foyer/foyer.yaml. A file that was named must exist. All
 * errors are printed at once, on stderr, a line each. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "shared/auto.h"
#include "shared/config.h"
#include "shared/config_rows.h"
#include "shared/db.h"
#include "shared/ice_url.h"
#include "shared/keys.h"
#include "shared/log.h"
#include "shared/text.h"

struct loading {
	struct config *config;
	struct arena *arena;
	const char *file;
	bool *seen; /* by row: the file had it */
	int errors;
};

__attribute__((format(printf, 3, 4))) static void
complain(struct loading *l, size_t line, const char *fmt, ...)
{
	va_list ap;
	char text[512];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->errors++;
	if (line > 0)
		fprintf(stderr, "%s:%zu: %s\n", l->file, line, text);
	else
		fprintf(stderr, "config: %s\n", text);
}

/* ---- the file ------------------------------------------------------------ */

static void
auto_yaml(yaml_parser_t *parser)
{
	yaml_parser_delete(parser);
}

static void
auto_document(yaml_document_t *document)
{
	yaml_document_delete(document);
}

static size_t
line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

/* A scalar's text; NULL for anything else, or with a NUL in it. */
static const char *
scalar(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

static enum err
set_from_sequence(struct loading *l, const struct setting *s, yaml_document_t *document,
		  const yaml_node_t *node, const char **out_why)
{
	const yaml_node_item_t *at = node->data.sequence.items.start,
			       *end = node->data.sequence.items.top;
	const char **items = ARENA_ARRAY(l->arena, const char *, (size_t)(end - at));
	size_t count = 0;

	for (; at < end; at++) {
		items[count] = scalar(yaml_document_get_node(document, *at));
		if (!items[count++]) {
			*out_why = "a list of texts";
			return ERR_INVALID;
		}
	}
	return setting_set_list(s, l->arena, items, count, l->config, out_why);
}

static enum err
set_from_node(struct loading *l, const struct setting *s, yaml_document_t *document,
	      const yaml_node_t *node, const char **out_why)
{
	const char *text = scalar(node);

	if (node->type == YAML_SEQUENCE_NODE)
		return set_from_sequence(l, s, document, node, out_why);
	if (text && s->kind == SETTING_LIST)
		return setting_set_list(s, l->arena, &text, *text != '\0', l->config,
					out_why);
	if (text)
		return setting_set(s, l->arena, text, l->config, out_why);
	*out_why = "a single value or a list";
	return ERR_INVALID;
}

static void
take_pair(struct loading *l, yaml_document_t *document, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = yaml_document_get_node(document, pair->key);
	const yaml_node_t *value = yaml_document_get_node(document, pair->value);
	const char *name = scalar(key), *why;
	const struct setting *s = name ? setting_find(name) : NULL;

	if (!s) {
		complain(l, line_of(key), "unknown setting: %s", name ? name : "?");
		return;
	}
	if (l->seen[s - settings])
		complain(l, line_of(key), "%s is set twice", name);
	l->seen[s - settings] = true;
	if (set_from_node(l, s, document, value, &why) != OK)
		complain(l, line_of(value), "%s must be %s", name, why);
}

static void
take_document(struct loading *l, yaml_document_t *document)
{
	const yaml_node_t *root = yaml_document_get_root_node(document);

	/* nothing but comments, or "---" */
	if (!root || (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0))
		return;
	if (root->type != YAML_MAPPING_NODE) {
		complain(l, line_of(root), "must be lines of `name: value`");
		return;
	}
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++)
		take_pair(l, document, pair);
}

static void
take_file(struct loading *l)
{
	AUTO(file) FILE *file = fopen(l->file, "re");
	AUTO(yaml) yaml_parser_t parser = {};
	AUTO(document) yaml_document_t document = {};

	if (!file) {
		complain(l, 0, "cannot read %s: %s", l->file, strerror(errno));
		return;
	}
	if (!yaml_parser_initialize(&parser)) {
		complain(l, 0, "out of memory");
		/* cppcheck-suppress resourceLeak ; AUTO closes it */
		return;
	}
	yaml_parser_set_input_file(&parser, file);
	if (yaml_parser_load(&parser, &document))
		take_document(l, &document);
	else
		complain(l, parser.problem_mark.line + 1, "%s",
			 parser.problem ? parser.problem : "not YAML");
}

/* ---- the environment and the whole --------------------------------------- */

static void
take_environment(struct loading *l, const struct setting *s)
{
	char *variable = arena_printf(l->arena, "FOYER_%s", s->name);
	const char *value, *why;

	for (char *p = variable; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	value = getenv(variable);
	if (value && setting_set(s, l->arena, value, l->config, &why) != OK)
		complain(l, 0, "%s must be %s", variable, why);
}

static void
take_default(struct loading *l, const struct setting *s)
{
	const char *why;

	if (setting_set(s, l->arena, s->initial, l->config, &why) != OK)
		complain(l, 0, "the default of %s must be %s", s->name, why);
}

/* Rules that concern several settings. */
static void
check_together(struct loading *l)
{
	const struct config *c = l->config;

	if (c->default_page > c->max_page)
		complain(l, 0, "default_page is above max_page");
	if (c->access_token_s > c->refresh_token_s)
		complain(l, 0, "access_token_s is above refresh_token_s");
	if (c->refresh_token_s > c->session_s)
		complain(l, 0, "refresh_token_s is above session_s");
	for (size_t i = 0; i < c->ice_servers.count && !*c->turn_secret; i++)
		if (ice_url_needs_password(c->ice_servers.items[i]))
			complain(l, 0, "ice_servers[%zu] needs a turn_secret", i);
	if (c->max_text_chars > c->max_body_bytes ||
	    c->max_text_chars > c->max_frame_bytes)
		complain(l, 0, "max_text_chars does not fit a body or a frame");
}

/* A relative wake_socket is in run_dir. */
static void
place_wake_socket(struct loading *l)
{
	struct config *c = l->config;

	if (*c->wake_socket && *c->wake_socket != '/')
		c->wake_socket =
			arena_printf(l->arena, "%s/%s", c->run_dir, c->wake_socket);
}

/* Load everything into out; its strings are in a. file "": none. */
static enum err
load(struct arena *a, const char *file, struct config *out)
{
	struct config c = { .file = arena_strdup(a, file), .memory = a };
	struct loading l = { .config = &c,
			     .arena = a,
			     .file = c.file,
			     .seen = ARENA_ARRAY(a, bool, setting_count) };

	for (size_t i = 0; i < setting_count; i++)
		take_default(&l, &settings[i]);
	if (*file)
		take_file(&l);
	for (size_t i = 0; i < setting_count; i++)
		take_environment(&l, &settings[i]);
	check_together(&l);
	place_wake_socket(&l);
	if (l.errors > 0)
		return ERR_INVALID;
	*out = c;
	return OK;
}

/* ---- finding the file ---------------------------------------------------- */

static const char *
program_folder(struct arena *a)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	return slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
}

static const char *
find_file(struct arena *a, const char *file)
{
	const char *named = file ? file : getenv("FOYER_CONFIG"),
		   *folder = program_folder(a);
	const char *const places[] = {
		arena_printf(a, "%s/foyer.yaml", folder),
		arena_printf(a, "%s/../foyer.yaml", folder),
		"/etc/foyer/foyer.yaml",
	};

	if (named)
		return named;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (access(places[i], F_OK) == 0)
			return places[i];
	return "";
}

enum err
config_load(const char *file, struct config *out)
{
	struct arena *a = arena_new();
	enum err e = load(a, find_file(a, file), out);

	if (e != OK)
		arena_free(a);
	return e;
}

enum err
config_check_folder(const char *setting, const char *folder)
{
	struct stat st;

	errno = 0;
	if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
		return OK;
	fprintf(stderr, "%s: %s: %s\n", setting, folder,
		errno ? strerror(errno) : "is no folder");
	return ERR_INVALID;
}

/* Does not create the file: the program that writes to it will. */
enum err
config_check_log(const struct config *c)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *slash = strrchr(c->log_file, '/');

	if (!slash || faccessat(AT_FDCWD, c->log_file, W_OK, AT_EACCESS) == 0)
		return OK;
	if (errno == ENOENT)
		return config_check_folder(
			"log_file",
			arena_strndup(a, c->log_file, (size_t)(slash - c->log_file + 1)));
	fprintf(stderr, "log_file: %s: %s\n", c->log_file, strerror(errno));
	return ERR_INVALID;
}

enum err
config_check(const struct config *c, const char *signing_key, const char *files_dir)
{
	struct keys *keys = NULL;
	bool is_good = config_check_log(c) == OK;

	is_good = db_check_form("database", c->database) == OK && is_good;
	is_good = db_check_form("database_auth", c->database_auth) == OK && is_good;
	is_good = db_check_form("database_broker", c->database_broker) == OK && is_good;
	is_good = config_check_folder("run_dir", c->run_dir) == OK && is_good;
	if (files_dir)
		is_good = config_check_folder("files_dir", files_dir) == OK && is_good;
	is_good = keys_open(c->keys_dir, signing_key, &keys) == OK && is_good;
	keys_close(keys);
	if (!is_good)
		return ERR_INVALID;
	puts("ok");
	return OK;
}

enum err
config_reload(struct config *c)
{
	struct config fresh;

	TRY(load(c->memory, c->file, &fresh));
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *s = &settings[i];

		if (s->reloads)
			setting_copy(s, &fresh, c);
		else if (!setting_equal(s, &fresh, c))
			log_event(LOG_WARN, "setting_needs_restart",
				  LOG_S("name", s->name));
	}
	return OK;
}

void
config_free(struct config *c)
{
	if (!c)
		return;
	arena_free(c->memory);
	*c = (struct config){};
}

void
config_print_sample(void)
{
	AUTO(arena) struct arena *a = arena_new();

	fputs(config_sample(a), stdout);
}

const char *
config_database_auth(const struct config *c)
{
	return *c->database_auth ? c->database_auth : c->database;
}

const char *
config_database_broker(const struct config *c)
{
	return *c->database_broker ? c->database_broker : c->database;
}
