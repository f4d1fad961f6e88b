internal import Dispatch

/// Tells when a session, and with it every key it held, is gone from memory.
final class SessionEnd: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func signal() { semaphore.signal() }

    /// Waits for requests that still hold the session.
    ///
    /// - Returns: false where some still did after `seconds`.
    func wait(seconds: Int) -> Bool {
        semaphore.wait(timeout: .now() + .seconds(seconds)) == .success
    }
}
