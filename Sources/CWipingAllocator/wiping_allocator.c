// Wiping what is freed, by interposition: the executable's definitions of these three functions come first in the
// dynamic linker's search, so that calls from any library end here. Memory itself still comes from the GNU C library,
// under the names that it exports for this purpose; nothing here keeps state, so start, threads and fork need no care.
#define _GNU_SOURCE
#include "wiping_allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ANOTHER_ALLOCATOR 1
#endif
#endif

/// memset that stays although the memory is not read again.
static inline void wipe(void *start, size_t count) {
    memset(start, 0, count);
    __asm__ volatile("" : : "r"(start) : "memory");
}

#if defined(__GLIBC__) && !defined(ANOTHER_ALLOCATOR)

#define EXPORTED __attribute__((visibility("default"), used))

extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void __libc_free(void *block);

EXPORTED void free(void *block) {
    if (block == NULL) return;
    wipe(block, malloc_usable_size(block));
    __libc_free(block);
}

EXPORTED void *realloc(void *block, size_t size) {
    if (block == NULL) return __libc_malloc(size);
    if (size == 0) {  // As in the GNU C library.
        free(block);
        return NULL;
    }
    size_t usable = malloc_usable_size(block);
    if (size <= usable) {
        // It stays where it is, and what is cut off may be given to somebody else.
        wipe((char *)block + size, usable - size);
        return __libc_realloc(block, size);
    }
    // The C library would free the old block by itself where it cannot grow in place.
    void *larger = __libc_malloc(size);
    if (larger == NULL) return NULL;
    memcpy(larger, block, usable);
    wipe(block, usable);
    __libc_free(block);
    return larger;
}

EXPORTED void *reallocarray(void *block, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, bytes);
}

int keyturn_allocator_in_force(void) {
    // What a library's call would be bound to.
    void (*volatile found)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "free");
    if (found != free) return 0;
    enum { size = 512 };
    volatile unsigned char *block = malloc(size);
    if (block == NULL) return 0;
    for (size_t index = 0; index < size; index++) block[index] = 0xa5;
    found((void *)block);
    // A small block stays mapped and with its thread; the C library links freed ones through their first words.
    for (size_t index = 64; index < size; index++)
        if (block[index] != 0) return 0;
    return 1;
}

#else

int keyturn_allocator_in_force(void) { return 0; }

#endif

/// How many bytes of the calling thread's stack are left below `here`, less a margin for what is called from here.
static size_t stack_below(const char *here) {
    const size_t margin = 16384;
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    int status = pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    if (status != 0) return 0;
    size_t left = (size_t)(here - (const char *)lowest);
    return left > margin ? left - margin : 0;
}

__attribute__((noinline)) void keyturn_wipe_stack(size_t bytes) {
    char here;
    size_t left = stack_below(&here);
    size_t count = bytes < left ? bytes : left;
    if (count == 0) return;
    wipe(__builtin_alloca(count), count);
}
