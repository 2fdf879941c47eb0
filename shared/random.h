/* random.h -- unguessable bytes from the kernel. */
#pragma once

#include <stddef.h>

/* Never fails: without random numbers the process ends. */
void random_bytes(void *out, size_t len);
