internal import CProcess
internal import Glibc

/// What keeps the secrets of this process out of swap, core files and other processes' hands, as found by trying.
///
/// ``harden()`` is the first thing that a process with secrets does. It never fails: what could not be had is in
/// the ``report``, and whoever starts the process decides whether that is good enough.
package struct ProcessProtection: Sendable, Equatable {
    /// No core file is written when the process dies.
    package var coreDumpsDenied: Bool
    /// Other processes of the same user can neither attach to this one nor read its memory.
    package var attachingDenied: Bool
    /// A page could be locked against being swapped out.
    package var canLock: Bool
    /// How many bytes may be locked; nil for no limit.
    package var lockLimit: UInt64?
    /// Whether the system has swap space in use by its configuration; nil where that could not be found out.
    package var systemSwaps: Bool?

    package init(
        coreDumpsDenied: Bool, attachingDenied: Bool, canLock: Bool, lockLimit: UInt64?, systemSwaps: Bool?
    ) {
        self.coreDumpsDenied = coreDumpsDenied
        self.attachingDenied = attachingDenied
        self.canLock = canLock
        self.lockLimit = lockLimit
        self.systemSwaps = systemSwaps
    }

    /// Not one page can be locked, so every key may reach the swap space. A server refuses to start on this unless
    /// a setting says that it may.
    package var canLockNothing: Bool { !canLock }

    /// Turns core dumps, attaching and the Swift runtime's crash reports off, raises the soft limit on locked memory
    /// to the hard one, tries to lock a page, and says what came of it.
    package static func harden() -> ProcessProtection {
        _ = keyturn_deny_dumps()
        dieQuietly()
        raiseLockLimit()
        return observed()
    }

    /// What holds now, with nothing changed.
    package static func observed() -> ProcessProtection {
        ProcessProtection(
            coreDumpsDenied: limit(keyturn_limit_core())?.soft == 0,
            attachingDenied: keyturn_is_dumpable() == 0,
            canLock: lockingWorks(),
            lockLimit: limit(keyturn_limit_memlock()).flatMap { $0.soft == keyturn_limit_infinity() ? nil : $0.soft },
            systemSwaps: swapIsConfigured())
    }

    private static func limit(_ resource: CInt) -> (soft: UInt64, hard: UInt64)? {
        var soft: CUnsignedLongLong = 0
        var hard: CUnsignedLongLong = 0
        guard unsafe keyturn_get_limit(resource, &soft, &hard) == 0 else { return nil }
        return (soft, hard)
    }

    private static func raiseLockLimit() {
        guard let found = limit(keyturn_limit_memlock()), found.soft < found.hard else { return }
        _ = keyturn_set_soft_limit(keyturn_limit_memlock(), found.hard)
    }

    /// A crash ends the process as the system does by itself. The handlers that the Swift runtime may have installed
    /// would start a program to read this one's memory, which it may not, and would wait for it for ever.
    private static func dieQuietly() {
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
    }

    /// Locks one fresh page and lets it go again.
    private static func lockingWorks() -> Bool {
        let size = Int(sysconf(Int32(_SC_PAGESIZE)))
        let page = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let page = unsafe page, unsafe page != MAP_FAILED else { return false }
        defer { unsafe munmap(page, size) }
        return unsafe mlock(page, size) == 0
    }

    /// `/proc/swaps` is a line of headings and a line for each area.
    private static func swapIsConfigured() -> Bool? {
        let file = unsafe open("/proc/swaps", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(file, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        return buffer.prefix(count).count { $0 == UInt8(ascii: "\n") } > 1
    }
}
