#include <unistd.h>

#include "shared/auto.h"

void
auto_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void
auto_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

void
auto_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}
