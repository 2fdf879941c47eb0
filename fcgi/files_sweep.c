/* files_sweep.c -- removes uploads and contents to which nothing refers.
 *
 * The row is deleted first, then the file. A process killed in between leaves a file
 * without a row, which the second sweep finds. While contents are removed, the lock is
 * held exclusively, so nothing is stored: a content that is uploaded again either still
 * has its row, or is stored after its old file is gone. */
#include "fcgi/files_sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fcgi/file_place.h"
#include "fcgi/files_store.h"
#include "shared/auto.h"
#include "shared/clock.h"
#include "shared/log.h"
#include "shared/text.h"

enum {
	HOUR_S = 3600,
	DAY_S = 86400,
	NAMES_MAX = 5000, /* of one folder at once */
	NAME_LEN = 62,	  /* after the folder's two digits */
	FOLDERS = 256,
	PATIENCE_US = 100000,
};

static enum err
sweep_files(struct app *app, struct arena *a, bool *out_more)
{
	const char *dir = app->config.files_dir;
	const char *const *names;
	AUTO(fd) int lock = -1;
	int count;

	TRY(files_forget(app->db, a, out_more));
	TRY(file_lock(a, dir, true, &lock));
	TRY(blobs_forget(app->db, a, &names, &count));
	for (int i = 0; i < count; i++)
		file_remove(a, dir, names[i]);
	if (count > 0)
		log_event(LOG_INFO, "files.swept", LOG_I("count", count));
	return OK;
}

static bool
is_older(int folder, const char *name, int64_t age_s)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_mtime + age_s < clock_now_ms() / 1000;
}

/* Removes what killed uploads have left. */
static void
sweep_temporary(struct arena *a, const char *dir)
{
	AUTO(dir) DIR *folder = opendir(arena_printf(a, "%s/tmp", dir));
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (is_older(dirfd(folder), entry->d_name, DAY_S))
			unlinkat(dirfd(folder), entry->d_name, 0);
}

/* The contents of one folder that are at least a day old, by their whole names. */
static int
list_folder(struct arena *a, const char *dir, int number, const char **out_names)
{
	AUTO(dir) DIR *folder = opendir(arena_printf(a, "%s/%02x", dir, number));
	const struct dirent *entry;
	int count = 0;

	while (folder && count < NAMES_MAX && (entry = readdir(folder))) {
		size_t len = strspn(entry->d_name, "0123456789abcdef");

		if (len != NAME_LEN || !is_older(dirfd(folder), entry->d_name, DAY_S))
			continue;
		out_names[count++] =
			arena_printf(a, "%02x%.*s", number, NAME_LEN, entry->d_name);
	}
	return count;
}

static enum err
sweep_folder(struct app *app, struct arena *a, int number)
{
	const char *dir = app->config.files_dir;
	const char **names = ARENA_ARRAY(a, const char *, NAMES_MAX);
	const char *const *gone;
	AUTO(fd) int lock = -1;
	int count = list_folder(a, dir, number, names);

	if (count == 0)
		return OK;
	TRY(file_lock(a, dir, true, &lock));
	TRY(blobs_unknown(app->db, a, names, count, &gone, &count));
	for (int i = 0; i < count; i++)
		file_remove(a, dir, gone[i]);
	if (count > 0)
		log_event(LOG_INFO, "files.orphans", LOG_I("count", count));
	return OK;
}

/* The folder at which the last sweep stopped, in whichever process; 0 at first. */
static int
read_next(const char *path)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[8] = "";
	int64_t next = 0;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 ||
	    text_to_int(text, &next) != OK || next < 0 || next >= FOLDERS)
		return 0;
	return (int)next;
}

static void
write_next(const char *path, int next)
{
	AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || dprintf(fd, "%d", next) < 0)
		log_event(LOG_ERROR, "files", LOG_S("what", "write"),
			  LOG_S("path", path));
}

/* Looks at every folder once a day, as many at a time as its time allows. */
static enum err
sweep_orphans(struct app *app, struct arena *a, bool *out_more)
{
	const char *path = arena_printf(a, "%s/file_orphans.next", app->config.run_dir);
	int64_t began_us = clock_monotonic_us();
	int next = read_next(path);

	if (next == 0)
		sweep_temporary(a, app->config.files_dir);
	while (next < FOLDERS && clock_monotonic_us() - began_us < PATIENCE_US)
		TRY(sweep_folder(app, a, next++));
	*out_more = next < FOLDERS;
	write_next(path, *out_more ? next : 0);
	return OK;
}

const struct sweep files_sweeps[] = {
	{ "files", HOUR_S, sweep_files },
	{ "file_orphans", DAY_S, sweep_orphans },
	{},
};
