/* files_sweep.h -- what files.fcgi clears away in time. */
#pragma once

#include "fcgi/sweep.h"

extern const struct sweep files_sweeps[];
