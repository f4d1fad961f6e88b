// What a parent needs to stand in front of a program: signals as they come, and a start of the program as if there were
// no parent. docs/applications.md says how `keyturn run` uses it.
//
// It includes nothing of the C library but <stddef.h>, for the reason that process.h gives.
#pragma once
#include <stddef.h>

/// A signal that has come: its number, and 1 where a process sent it, 0 where the kernel did, as for the keys of a
/// terminal, which reach the program by themselves.
struct keyturn_relayed {
    unsigned char number;
    unsigned char was_sent;
};

/// Has every signal that a process can be sent, and that is not ignored now, written as a `struct keyturn_relayed` to a
/// pipe. Once per process.
///
/// - Returns: the end of the pipe to read from, which does not block, or -1 with errno.
int keyturn_relay_signals(void);

/// Puts back what signals do by themselves, for the end.
void keyturn_relay_nothing(void);

/// Adds an entry to the pipe, as a signal would: 0 is no signal and wakes whoever waits for one.
void keyturn_relay_wake(void);

/// Blocks in this thread the signals that were blocked when this process began, before any thread of a library could block
/// others, and no more.
void keyturn_restore_blocked_signals(void);

/// How the program is to find what this process has changed.
struct keyturn_heritage {
    int ignores_broken_pipe;
    int has_core_limit;
    unsigned long long core_limit;
    /// Descriptors above 2 that stay open.
    const int *kept;
    size_t kept_count;
};

/// Starts the program at `path` in the process group, the session and the folder of this process, with the signals blocked
/// that were when this process began. It is asked to end
/// (SIGTERM) when the calling thread ends before it.
///
/// - Returns: 0, or the error number of `execve` or of what came before it.
int keyturn_start_program(
    const char *path, char *const *arguments, char *const *environment, const struct keyturn_heritage *heritage,
    int *process);

/// Collects a process that has ended, whichever it is.
///
/// - Returns: its id; 0 where none has ended; -1 where there is none left.
int keyturn_collect(int *status);

/// Whether a signal ended the process, and its number, or else its exit code.
int keyturn_was_killed(int status);
int keyturn_end_number(int status);

/// Ends this process by a signal, as the program was; returns where that does not end it.
void keyturn_end_by(int number);

/// Closes this process to the debuggers and the `/proc` of others with the same user.
void keyturn_hide_memory(void);

/// Whether the file behind the descriptor is kept in memory alone (tmpfs, ramfs).
int keyturn_is_in_memory(int descriptor);
