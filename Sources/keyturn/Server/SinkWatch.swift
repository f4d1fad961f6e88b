internal import Logging
internal import ServiceLifecycle
internal import Vault

/// Says in the server's log when a further sink of the audit log goes away, comes back, or has lost lines.
struct SinkWatch: Service {
    let vault: Vault
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var news = SinkNews()
            while !Task.isCancelled {
                do { try await Ticks.second() } catch { break }
                tell(&news)
            }
            tell(&news)
        }
    }

    private func tell(_ news: inout SinkNews) {
        for (isGood, line) in news.lines(vault.auditStanding().further) {
            if isGood { logger.notice("\(line)") } else { logger.warning("\(line)") }
        }
    }
}

extension AuditStanding.Further {
    fileprivate var isWell: Bool { isUp && !isRefusing && failure == nil }
}

/// What there is to say of further sinks since it was said last.
struct SinkNews {
    private var known: [String: AuditStanding.Further] = [:]

    /// One line for each change, and whether it is a good one. Of a sink that keeps losing lines there is one at each call.
    mutating func lines(_ sinks: [AuditStanding.Further]) -> [(isGood: Bool, line: String)] {
        var lines: [(isGood: Bool, line: String)] = []
        for sink in sinks {
            let before = known[sink.name]
            let name = "audit sink \(sink.name) (\(sink.need))"
            if let failure = sink.failure, before?.failure != failure {
                lines.append((false, "\(name): \(failure)" + (sink.isRefusing ? "; requests are refused" : "")))
            } else if sink.isRefusing, before?.isRefusing != true {
                lines.append((false, "\(name): requests are refused"))
            } else if sink.isWell, before?.isWell != true {
                lines.append((true, "\(name): takes lines"))
            }
            let lost = sink.dropped - (before?.dropped ?? 0)
            if lost > 0 { lines.append((false, "\(name): dropped \(lost) lines, \(sink.dropped) in all")) }
            known[sink.name] = sink
        }
        return lines
    }
}
