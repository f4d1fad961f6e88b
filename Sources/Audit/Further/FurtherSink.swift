/// A place beside the file that gets every line of the log as well.
package struct FurtherSink: Equatable, Sendable {
    package enum Target: Equatable, Sendable {
        /// The system's log, or another program that takes messages as RFC 5424 has them, at this local socket: of
        /// datagrams, or a stream where it takes no datagrams.
        case syslog(path: String)
        /// A local stream socket: the lines as they are, each ended by a line feed.
        case socket(path: String)
    }

    package enum Need: String, CaseIterable, Sendable {
        /// What waits for an entry waits for this sink too, and is refused where it does not take the line.
        case mandatory
        /// What the sink does not take is dropped and counted.
        case bestEffort = "best-effort"
    }

    package var target: Target
    package var need: Need

    package init(_ target: Target, _ need: Need) {
        self.target = target
        self.need = need
    }

    /// Its name in errors and metrics.
    package var name: String {
        switch target {
        case .syslog: "syslog"
        case .socket: "socket"
        }
    }

    var path: String {
        switch target {
        case .syslog(let path), .socket(let path): path
        }
    }
}

/// How a further sink is; numbers and words from closed sets alone.
package struct FurtherHealth: Equatable, Sendable {
    /// `syslog` or `socket`.
    package var name: String
    package var need: FurtherSink.Need
    /// Whether it is connected.
    package var isUp: Bool
    /// Lines that wait for it.
    package var waiting: Int
    /// Lines that it has taken since the start, and lines that were dropped.
    package var taken: UInt64
    package var dropped: UInt64
    /// Why the last attempt failed, or why requests are refused where none was made yet; nil once lines are taken again.
    package var failure: AuditError.Reason?
    /// Whether requests are refused on its account.
    package var isRefusing: Bool
}
