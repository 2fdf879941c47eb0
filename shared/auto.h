/* auto.h -- handles that must not outlive a function.
 *
 *	AUTO(fd) int fd = open(...);
 *
 * runs auto_fd(&fd) on every way out. Each kind is an auto_<kind>() that
 * accepts an empty handle, defined beside the one module that wraps it. What
 * lives as long as the request belongs into the arena instead. */
#pragma once

#define AUTO(kind) __attribute__((cleanup(auto_##kind)))

/* Hand the value on; the variable is empty afterwards, so AUTO lets it be. */
#define TAKE(p)                               \
	({                                    \
		typeof(p) *take_at_ = &(p);   \
		typeof(p) taken_ = *take_at_; \
		*take_at_ = NULL;             \
		taken_;                       \
	})
