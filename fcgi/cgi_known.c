/* cgi_known.c -- see cgi_known.h. */
#include "fcgi/cgi_known.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/text.h"

/* A file that changed this recently may have changed again after it was read, with the
 * same modification time. */
enum { FRESH_S = 2 };

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A missing file counts as zeros. */
static struct stat
look_at(const char *path)
{
	struct stat st;

	return *path && stat(path, &st) == 0 ? st : (struct stat){};
}

bool
cgi_know(const struct config *c, struct cgi_known *out)
{
	time_t now = time(NULL);

	*out = (struct cgi_known){ .environment = environ,
				   .files = { out->program, c->file, c->keys_dir } };
	if (readlink("/proc/self/exe", out->program, sizeof(out->program) - 1) < 0)
		return false;
	for (int i = 0; i < CGI_FILES; i++) {
		out->seen[i] = look_at(out->files[i]);
		if (out->seen[i].st_mtim.tv_sec > now - FRESH_S)
			return false;
	}
	return true;
}

/* A variable that settings depend on: ours, or libpq's. */
static bool
is_setting(const char *variable)
{
	return text_starts(variable, "FOYER_") || text_starts(variable, "PG") ||
	       text_starts(variable, "HOME=") || text_starts(variable, "TZ=");
}

static bool
has_variable(char *const *environment, const char *variable)
{
	for (; *environment; environment++)
		if (strcmp(*environment, variable) == 0)
			return true;
	return false;
}

/* Are all settings in `other` also in `one`? */
static bool
has_settings_of(char *const *one, char *const *other)
{
	for (; *other; other++)
		if (is_setting(*other) && !has_variable(one, *other))
			return false;
	return true;
}

bool
cgi_is_outdated(const struct cgi_known *known, char *const *environment)
{
	for (int i = 0; i < CGI_FILES; i++) {
		struct stat now = look_at(known->files[i]);

		if (!is_same_file(&now, &known->seen[i]))
			return true;
	}
	return !has_settings_of(known->environment, environment) ||
	       !has_settings_of(environment, known->environment);
}
