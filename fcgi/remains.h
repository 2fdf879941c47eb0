/* remains.h -- see remains.c. */
#pragma once

#include "fcgi/sweep.h"

extern const struct sweep remains_sweeps[];
