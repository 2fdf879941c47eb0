/* auto.h -- handles that must not outlive a function.
 *
 *	AUTO(fd) int fd = open(...);
 *
 * runs auto_fd(&fd) on every way out. Each kind is an auto_<kind>() that accepts an empty
 * handle (NULL, or -1 for descriptors), defined in the module that wraps the handle;
 * those of libc are here. A handle that lives as long as the request belongs in the arena
 * instead. */
#pragma once

#include <dirent.h>
#include <stdio.h>

#define AUTO(kind) __attribute__((cleanup(auto_##kind)))

/* Hand the value on. The variable is empty afterwards, so AUTO does nothing. */
#define TAKE(p)                               \
	({                                    \
		typeof(p) *take_at_ = &(p);   \
		typeof(p) taken_ = *take_at_; \
		*take_at_ = NULL;             \
		taken_;                       \
	})

/* The same for a descriptor. */
#define TAKE_FD(fd)                     \
	({                              \
		int *take_at_ = &(fd);  \
		int taken_ = *take_at_; \
		*take_at_ = -1;         \
		taken_;                 \
	})

void auto_fd(int *fd);
void auto_file(FILE **file);
void auto_dir(DIR **dir);
