#define _GNU_SOURCE
#include "storage_faults.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static _Atomic int armed, struck;
static _Atomic int kind;
static _Atomic long target, writes, syncs, later_syncs;

void keyturn_fault_arm(enum keyturn_fault fault, long nth) {
    kind = fault;
    target = nth;
    writes = syncs = later_syncs = 0;
    struck = 0;
    armed = 1;
}

long keyturn_fault_writes(void) { return writes; }
long keyturn_fault_syncs(void) { return syncs; }
int keyturn_fault_struck(void) { return struck; }
long keyturn_fault_later_syncs(void) { return later_syncs; }

static int concerns(int descriptor) {
    char link[64], path[4096];
    if (!armed) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "vault.db") != NULL;
}

// The number of bytes that may be written, or -1 with errno.
static ssize_t allowed(int descriptor, size_t count) {
    if (!concerns(descriptor)) return (ssize_t)count;
    long nth = ++writes;
    switch ((enum keyturn_fault)kind) {
        case KEYTURN_FAULT_FULL:
            if (nth < target) return (ssize_t)count;
            struck = 1;
            errno = ENOSPC;
            return -1;
        case KEYTURN_FAULT_FULL_SHORT:
            if (nth < target) return (ssize_t)count;
            struck = 1;
            if (nth == target && count > 1) return (ssize_t)(count / 2);
            errno = ENOSPC;
            return -1;
        case KEYTURN_FAULT_WRITE:
            if (nth != target) return (ssize_t)count;
            struck = 1;
            errno = EIO;
            return -1;
        default: return (ssize_t)count;
    }
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    ssize_t may = allowed(descriptor, count);
    return may < 0 ? -1 : syscall(SYS_pwrite64, descriptor, bytes, (size_t)may, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    ssize_t may = allowed(descriptor, count);
    return may < 0 ? -1 : syscall(SYS_write, descriptor, bytes, (size_t)may);
}

int ftruncate64(int descriptor, off64_t length) {
    return allowed(descriptor, 1) < 0 ? -1 : (int)syscall(SYS_ftruncate, descriptor, length);
}

int fdatasync(int descriptor) {
    if (concerns(descriptor)) {
        long nth = ++syncs;
        if (struck && kind == KEYTURN_FAULT_SYNC) ++later_syncs;
        if (kind == KEYTURN_FAULT_SYNC && nth == target) {
            struck = 1;
            errno = EIO;
            return -1;
        }
    }
    return (int)syscall(SYS_fdatasync, descriptor);
}
