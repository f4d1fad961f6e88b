package import Logging
internal import Vault

/// Says of each request what it was for and how it ended, from a short list of things that cannot be secrets: never its
/// target, a header or its body.
package struct AccessLog: Sendable {
    private let logger: Logger
    let metrics = RequestMetrics()

    package init(logger: Logger) { self.logger = logger }

    /// Writes a line at level info, or debug for replies that are no failures.
    func record(_ requester: Requester, route: Route?, status: Int, code: String?, id: RequestID) {
        metrics.count(
            route?.operation, status: status, code: code,
            microseconds: requester.began.duration(to: .now).microseconds)
        let level: Logger.Level = status >= 500 ? .info : .debug
        logger.log(
            level: level, "request",
            metadata: [
                "method": "\(route?.method ?? "-")", "route": "\(route?.template ?? "-")", "status": "\(status)",
                "microseconds": "\(requester.began.duration(to: .now).microseconds)",
                "door": "\(requester.door.rawValue)", "code": "\(code ?? "-")", "request": "\(id)",
            ])
    }

    /// An error that nobody expected. Only its type is told: what it says may hold what was sent.
    func unexpected(_ error: any Error, route: Route?, id: RequestID) {
        logger.error(
            "unexpected error",
            metadata: ["type": "\(type(of: error))", "route": "\(route?.name ?? "-")", "request": "\(id)"])
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000_000) }
}
