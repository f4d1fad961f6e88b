/// One request to one origin.
package struct OutboundRequest: Sendable {
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    package var method: Method
    package var origin: Origin
    /// Path and query, percent-encoded; begins with `/`.
    package var target: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?

    package init(
        _ method: Method, _ origin: Origin, _ target: String, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.origin = origin
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// What came back.
package struct OutboundReply: Sendable {
    package var status: Int
    /// What `Retry-After` asked for, in milliseconds, at most a day; nil where there was none, or a date.
    package var retryAfter: Int64?
    package var body: [UInt8]
}

/// How far one request may go.
package struct OutboundLimits: Sendable, Equatable {
    /// Milliseconds for all of it: finding the address, connecting, sending, reading.
    package var time: Int64
    /// The most bytes of a reply's body.
    package var reply: Int
    /// Whether addresses of this machine and of private networks may be reached. Link-local ones never are.
    package var allowsPrivate: Bool
    /// A PEM file of certificates to trust instead of the system's.
    package var authorities: String?

    package init(time: Int64 = 20_000, reply: Int = 64 << 10, allowsPrivate: Bool = false, authorities: String? = nil) {
        self.time = time
        self.reply = reply
        self.allowsPrivate = allowsPrivate
        self.authorities = authorities
    }
}

/// Why there is no reply.
package struct OutboundFailure: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        case unreachable
        case timedOut
        case tlsFailed
        /// The name leads to an address that may not be reached.
        case hostRefused
        case replyTooLarge
        /// The connection broke before the reply was whole.
        case broken
        case cancelled
        /// The certificates to trust cannot be read.
        case authoritiesUnreadable
    }

    package let reason: Reason
    /// Whether the other side may have acted on the request.
    package let mayHaveArrived: Bool
}
