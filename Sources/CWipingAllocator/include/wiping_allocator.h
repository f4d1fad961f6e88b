// Linked into the executable, this target replaces the C library's allocator entry points with ones that
// wipe a block before it is freed, whoever frees it. See docs/decisions/ for why.
#pragma once
#include <stddef.h>

/// Blocks wiped since the process began. Positive in any process in which the wiping allocator is in force.
unsigned long long keyturn_wiped_blocks(void);

/// Overwrites the part of the calling thread's stack that lies below the caller, up to `bytes` of it.
void keyturn_wipe_stack(size_t bytes);
