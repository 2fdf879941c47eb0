#include "fcgi/file_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/auto.h"
#include "shared/log.h"
#include "shared/uuid.h"

/* 503 for all: a full disk is temporary, and the rest is for the operator. */
static enum err
fail(const char *what, const char *path)
{
	log_event(LOG_ERROR, "files", LOG_S("what", what), LOG_S("path", path),
		  LOG_S("error", strerror(errno)));
	return ERR_UNAVAILABLE;
}

const char *
file_place(struct arena *a, const char *sha256, enum file_part part)
{
	return arena_printf(a, "%.2s/%s%s", sha256, sha256 + 2,
			    part == FILE_SMALL ? "-thumb" : "");
}

static enum err
make_folder(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return OK;
	return fail("mkdir", path);
}

enum err
file_temporary(struct arena *a, const char *dir, const char **out_path, int *out_fd)
{
	struct uuid name;
	const char *path;
	int fd;

	uuid_random(&name);
	TRY(make_folder(arena_printf(a, "%s/tmp", dir)));
	path = arena_printf(a, "%s/tmp/%s", dir, name.text);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail("open", path);
	*out_path = path;
	*out_fd = fd;
	return OK;
}

enum err
file_lock(struct arena *a, const char *dir, bool alone, int *out_fd)
{
	const char *path = arena_printf(a, "%s/lock", dir);
	AUTO(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail("open", path);
	while (flock(fd, alone ? LOCK_EX : LOCK_SH) != 0)
		if (errno != EINTR)
			return fail("lock", path);
	*out_fd = TAKE_FD(fd);
	return OK;
}

/* A name is durable once its folder is written. */
static enum err
sync_folder(const char *path)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return fail("fsync", path);
	return OK;
}

enum err
file_keep(struct arena *a, const char *dir, const char *path, int fd, const char *sha256,
	  enum file_part part)
{
	const char *folder = arena_printf(a, "%s/%.2s", dir, sha256);
	const char *to = arena_printf(a, "%s/%s", dir, file_place(a, sha256, part));
	bool is_new = access(folder, F_OK) != 0;

	TRY(make_folder(folder));
	if (fsync(fd) != 0)
		return fail("fsync", path);
	if (rename(path, to) != 0)
		return fail("rename", to);
	TRY(sync_folder(folder));
	return is_new ? sync_folder(dir) : OK;
}

void
file_remove(struct arena *a, const char *dir, const char *sha256)
{
	for (int part = FILE_CONTENT; part <= FILE_SMALL; part++) {
		const char *place = file_place(a, sha256, (enum file_part)part);
		const char *path = arena_printf(a, "%s/%s", dir, place);

		if (unlink(path) != 0 && errno != ENOENT)
			(void)fail("unlink", path);
	}
}
