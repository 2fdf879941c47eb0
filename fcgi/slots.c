#include <fcntl.h>

#include "fcgi/slots.h"
#include "shared/auto.h"
#include "shared/log.h"

enum err
slots_take(const char *path, int count, int *out_fd)
{
	AUTO(fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		log_event(LOG_ERROR, "slots.open", LOG_S("path", path));
		return ERR_UNAVAILABLE;
	}
	for (int i = 0; i < count; i++) {
		struct flock byte = {
			.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = i, .l_len = 1
		};

		if (fcntl(fd, F_OFD_SETLK, &byte) == 0) {
			*out_fd = TAKE_FD(fd);
			return OK;
		}
	}
	return ERR_UNAVAILABLE;
}
