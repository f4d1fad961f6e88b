// What Swift cannot call in the C library because it is variadic, hidden behind a feature macro, or a macro with a cast.
//
// This header includes nothing of the C library but <stddef.h>: what it included would be this module's as well as
// Glibc's, and whose a `stat` or a `timespec` then is depends on the order in which the compiler meets them.
#pragma once
#include <stddef.h>

/// Core dumps off and the process closed to others' debuggers. 0, or -1 with errno.
int keyturn_deny_dumps(void);

/// 1 when the process may be dumped, 0 when it may not, -1 with errno.
int keyturn_is_dumpable(void);

int keyturn_get_limit(int resource, unsigned long long *soft, unsigned long long *hard);

int keyturn_set_soft_limit(int resource, unsigned long long soft);

int keyturn_limit_memlock(void);

int keyturn_limit_nofile(void);

int keyturn_limit_core(void);

unsigned long long keyturn_limit_infinity(void);

/// An exclusive lock that is held until the descriptor closes. 0, or -1 with errno (EWOULDBLOCK: held by another).
int keyturn_lock_exclusively(int descriptor);

/// Marks every descriptor from `first` up as closed by exec. 0, or -1 with errno.
int keyturn_close_on_exec_from(unsigned int first);

/// Where `needle` first stands in `bytes`, or null.
const void *keyturn_find(const void *bytes, size_t count, const void *needle, size_t length);

/// Where `byte` last stands in `bytes`, or null.
const void *keyturn_find_last(const void *bytes, int byte, size_t count);

/// Starts the program at `path` in a process group of its own: no arguments, no environment, `/` as its folder, the two
/// descriptors as its standard input and output, its standard error nowhere, no other descriptor, signals as a new
/// process has them. 0, or an error number.
int keyturn_spawn(const char *path, int input, int output, int *process);

/// What a process that ended says: its exit code, or 128 and the signal's number.
int keyturn_exit_code(int status);

/// A pipe whose ends are closed by exec. 0, or -1 with errno.
int keyturn_pipe(int ends[2]);

/// Writes to a pipe as `write` does, but a reader that is gone is EPIPE and raises no SIGPIPE in this process, whatever
/// it does with that signal: the signal goes to the thread that writes, which does not let it in.
long keyturn_write_quietly(int descriptor, const void *bytes, size_t count);

/// A connection to the local socket at `path` that is closed by exec and never waits: of datagrams, or a stream. -1 with
/// errno: EPROTOTYPE where the socket is of the other kind, EAGAIN where the other side takes no connection now.
int keyturn_connect_local(const char *path, int datagrams);

/// Sends `text` as one datagram to the socket at `path`, where `@` at its start stands for the zero byte of an abstract
/// name (unix(7)). 0, or -1 with errno.
int keyturn_notify(const char *path, const char *text);

/// What a descriptor is that this process was started with: the family of a stream socket that listens, or 0. It is closed
/// by exec from then on.
int keyturn_listening_family(int descriptor);

/// Where a socket of IPv4 or IPv6 listens, as `127.0.0.1:8200` or `[::1]:8200`. 0, or -1.
int keyturn_listening_address(int descriptor, char *text, size_t size);
