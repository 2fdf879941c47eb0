/* auto.h -- handles that must not outlive a function.
 *
 *	AUTO(fd) int fd = open(...);
 *
 * runs auto_fd(&fd) on every way out. Each kind is an auto_<kind>() that
 * accepts an empty handle (NULL, for descriptors -1), defined beside the one
 * module that wraps it; those of libc are here. What lives as long as the
 * request belongs into the arena instead. */
#pragma once

#include <dirent.h>
#include <stdio.h>

#define AUTO(kind) __attribute__((cleanup(auto_##kind)))

/* Hand the value on; the variable is empty afterwards, so AUTO lets it be. */
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
