internal import CProcess
internal import CSupervision
internal import Glibc

/// What of this process another program would inherit, taken before anything changes it.
struct ProcessState {
    /// Whether SIGPIPE was ignored; a process that has just been started can only do that or nothing.
    let ignoresBrokenPipe: Bool
    let coreLimit: CUnsignedLongLong?
    let descriptors: [CInt]

    /// Looks at the process as it was started. Call it before any networking.
    init() {
        var action = sigaction()
        unsafe sigaction(SIGPIPE, nil, &action)
        ignoresBrokenPipe = unsafe action.__sigaction_handler.sa_handler != nil
        var soft: CUnsignedLongLong = 0
        var hard: CUnsignedLongLong = 0
        coreLimit = unsafe keyturn_get_limit(keyturn_limit_core(), &soft, &hard) == 0 ? soft : nil
        descriptors = Self.inheritableDescriptors()
    }

    /// Writes no core file from here on, until ``restore()``.
    func denyCoreFiles() { _ = keyturn_set_soft_limit(keyturn_limit_core(), 0) }

    /// Puts back what this process has changed, and marks every descriptor of its own to be closed.
    func restore() {
        signal(SIGPIPE, ignoresBrokenPipe ? SIG_IGN : SIG_DFL)
        // Not those of this thread: one of a pool blocks them all.
        keyturn_restore_blocked_signals()
        if let coreLimit { _ = keyturn_set_soft_limit(keyturn_limit_core(), coreLimit) }
        _ = keyturn_close_on_exec_from(3)
        for descriptor in descriptors {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags & ~FD_CLOEXEC) }
        }
    }

    /// Descriptors above the standard three that were passed on purpose, as by systemd.
    private static func inheritableDescriptors() -> [CInt] {
        guard let folder = unsafe opendir("/proc/self/fd") else { return [] }
        defer { unsafe closedir(folder) }
        let own = unsafe dirfd(folder)
        var found: [CInt] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            guard let number = CInt(name), number > 2, number != own else { continue }
            let flags = fcntl(number, F_GETFD)
            if flags >= 0, flags & FD_CLOEXEC == 0 { found.append(number) }
        }
        return found
    }
}
