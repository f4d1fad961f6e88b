internal import CProcess
internal import Glibc

/// The service manager that started this process, where it is one that wants to hear of it: sd_notify(3) in a few lines.
struct ServiceManager: Sendable {
    /// Where it listens; nil where nobody does.
    private let socket: String?
    /// How long it waits for a sign of life before it ends this process, in microseconds.
    let watchdog: UInt64?

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of it.
    ///   - process: this process's number: what is meant for another is passed over.
    init(environment: [String: String], process: Int32 = getpid()) {
        let named = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        socket = named
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
        let patience = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
        watchdog = named != nil && isOurs && patience > 0 ? patience : nil
    }

    enum Notice: Sendable {
        /// Requests are answered.
        case ready
        case stopping
        case alive
    }

    /// Says how the server is; `status` is for people, and free of names.
    ///
    /// - Returns: whether it was sent: nobody depends on it.
    @discardableResult
    func say(_ notice: Notice? = nil, status: String? = nil) -> Bool {
        guard let socket else { return false }
        var lines: [String] = []
        switch notice {
        case .ready: lines.append("READY=1")
        case .stopping: lines.append("STOPPING=1")
        case .alive: lines.append("WATCHDOG=1")
        case nil: break
        }
        if let status { lines.append("STATUS=\(status)") }
        return unsafe keyturn_notify(socket, lines.joined(separator: "\n")) == 0
    }
}
