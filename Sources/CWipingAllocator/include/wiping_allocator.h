// Linked into the executable, this target replaces the C library's free, realloc and reallocarray, for the
// executable and for every library that it loads, with ones that wipe a block before it is given back.
// docs/decisions/0001-wiping-allocator.md says why.
#pragma once
#include <stddef.h>

/// 1 when a block that anybody in this process frees is wiped, found out by having one freed; 0 when not, as in a
/// build with a sanitizer, which brings an allocator of its own, or without the GNU C library.
int keyturn_allocator_in_force(void);

/// Overwrites the part of the calling thread's stack that lies below the caller: `bytes` of it, or as much as there
/// is. For threads that go on living after they have worked with secrets.
void keyturn_wipe_stack(size_t bytes);
