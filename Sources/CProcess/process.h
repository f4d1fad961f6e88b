// What Swift cannot import from the C library because it is variadic, hidden behind a feature macro, or a macro with a cast.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// Core dumps off and the process closed to others' debuggers. 0, or -1 with errno.
static inline int keyturn_deny_dumps(void) {
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// 1 when the process may be dumped, 0 when it may not, -1 with errno.
static inline int keyturn_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

static inline int keyturn_get_limit(int resource, unsigned long long *soft, unsigned long long *hard) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return -1;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

static inline int keyturn_set_soft_limit(int resource, unsigned long long soft) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return -1;
    limit.rlim_cur = soft;
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

static inline int keyturn_limit_memlock(void) { return RLIMIT_MEMLOCK; }
static inline int keyturn_limit_nofile(void) { return RLIMIT_NOFILE; }
static inline int keyturn_limit_core(void) { return RLIMIT_CORE; }
static inline unsigned long long keyturn_limit_infinity(void) { return RLIM_INFINITY; }

/// An exclusive lock that is held until the descriptor closes. 0, or -1 with errno (EWOULDBLOCK: held by another).
static inline int keyturn_lock_exclusively(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

/// Marks every descriptor from `first` up as closed by exec. 0, or -1 with errno.
static inline int keyturn_close_on_exec_from(unsigned int first) {
    return (int)syscall(SYS_close_range, first, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */);
}

extern void *memmem(const void *, size_t, const void *, size_t);
extern void *memrchr(const void *, int, size_t);

/// Where `needle` first stands in `bytes`, or null.
static inline const void *keyturn_find(const void *bytes, size_t count, const void *needle, size_t length) {
    return memmem(bytes, count, needle, length);
}

/// Where `byte` last stands in `bytes`, or null.
static inline const void *keyturn_find_last(const void *bytes, int byte, size_t count) { return memrchr(bytes, byte, count); }
