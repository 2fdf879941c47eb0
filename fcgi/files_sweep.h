/* files_sweep.h -- the sweeps of files.fcgi. */
#pragma once

#include "fcgi/sweep.h"

extern const struct sweep files_sweeps[];
