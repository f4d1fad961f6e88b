#define _GNU_SOURCE
#include "supervision.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t inherited;

__attribute__((constructor)) static void remember_signals(void) { pthread_sigmask(SIG_BLOCK, NULL, &inherited); }

void keyturn_restore_blocked_signals(void) { pthread_sigmask(SIG_SETMASK, &inherited, NULL); }

static int relay_end = -1;

static int is_relayed(int number) {
    switch (number) {
    // They cannot be caught.
    case SIGKILL: case SIGSTOP:
    // They tell of a fault of this process.
    case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE: case SIGTRAP: case SIGSYS: case SIGABRT: case SIGPIPE:
    // The kernel stops a process that uses a terminal from the background.
    case SIGTTIN: case SIGTTOU:
        return 0;
    default:
        // Those between belong to the C library.
        return number < 32 || number >= SIGRTMIN;
    }
}

static void relay(int number, siginfo_t *information, void *context) {
    (void)context;
    int before = errno;
    // The kernel's own: SI_KERNEL, and what terminals send. SIGCHLD is for this process alone.
    struct keyturn_relayed entry = {(unsigned char)number, information->si_code <= 0};
    ssize_t ignored = write(relay_end, &entry, sizeof entry);
    (void)ignored;
    errno = before;
}

int keyturn_relay_signals(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    relay_end = ends[1];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = relay;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask);
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction present;
        if (!is_relayed(number) || sigaction(number, NULL, &present) != 0) continue;
        // What is ignored here, as under nohup, is ignored by the program too.
        if (number != SIGCHLD && !(present.sa_flags & SA_SIGINFO) && present.sa_handler == SIG_IGN) continue;
        sigaction(number, &action, NULL);
    }
    return ends[0];
}

static void forget_handlers(void) {
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction present;
        if (sigaction(number, NULL, &present) != 0) continue;
        if ((present.sa_flags & SA_SIGINFO) && present.sa_sigaction == relay) signal(number, SIG_DFL);
    }
}

void keyturn_relay_nothing(void) { forget_handlers(); }

void keyturn_relay_wake(void) {
    struct keyturn_relayed entry = {0, 0};
    ssize_t ignored = write(relay_end, &entry, sizeof entry);
    (void)ignored;
}

// Between fork and exec: nothing but system calls.
static void become(
    const char *path, char *const *arguments, char *const *environment, const struct keyturn_heritage *heritage,
    pid_t parent, int report) {
    int failure = 0;
    forget_handlers();
    signal(SIGPIPE, heritage->ignores_broken_pipe ? SIG_IGN : SIG_DFL);
    if (heritage->has_core_limit) {
        struct rlimit limit;
        if (getrlimit(RLIMIT_CORE, &limit) == 0) {
            limit.rlim_cur = heritage->core_limit;
            setrlimit(RLIMIT_CORE, &limit);
        }
    }
    if (syscall(SYS_close_range, 3, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */) != 0) failure = errno;
    for (size_t index = 0; index < heritage->kept_count; index++) {
        int flags = fcntl(heritage->kept[index], F_GETFD);
        if (flags >= 0) fcntl(heritage->kept[index], F_SETFD, flags & ~FD_CLOEXEC);
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(127);
    if (failure == 0) {
        sigprocmask(SIG_SETMASK, &inherited, NULL);
        execve(path, arguments, environment);
        failure = errno;
    }
    ssize_t ignored = write(report, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

int keyturn_start_program(
    const char *path, char *const *arguments, char *const *environment, const struct keyturn_heritage *heritage,
    int *process) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return errno;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) become(path, arguments, environment, heritage, parent, report[1]);
    int failure = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (failure == 0) {
        int told = 0;
        ssize_t count;
        while ((count = read(report[0], &told, sizeof told)) < 0 && errno == EINTR) {}
        if (count == (ssize_t)sizeof told) {
            failure = told;
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        }
    }
    close(report[0]);
    if (failure == 0) *process = child;
    return failure;
}

int keyturn_collect(int *status) {
    pid_t found;
    while ((found = waitpid(-1, status, WNOHANG)) < 0 && errno == EINTR) {}
    return found;
}

int keyturn_was_killed(int status) { return WIFSIGNALED(status); }
int keyturn_end_number(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status); }

void keyturn_end_by(int number) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
}

void keyturn_hide_memory(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int keyturn_is_in_memory(int descriptor) {
    struct statfs system;
    if (fstatfs(descriptor, &system) != 0) return 0;
    return system.f_type == 0x01021994 /* TMPFS_MAGIC */ || system.f_type == 0x858458f6 /* RAMFS_MAGIC */;
}
