#include <errno.h>
#include <sys/random.h>

#include "shared/die.h"
#include "shared/random.h"

void
random_bytes(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			die("getrandom: %m");
		at += got;
		len -= (size_t)got;
	}
}
