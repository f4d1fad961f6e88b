package import VaultAPI

/// A request that the door turns away itself, before or instead of the vault: the problem, and what goes with it.
///
/// Nothing in it comes from the request but names of members and parameters that are safe to repeat.
package struct Refusal: Error, Equatable, Sendable {
    package var problem: ProblemDocument
    /// Seconds after which to try again.
    package var retryAfter: Int?
    /// The methods that the path has, for `unsupported_method`.
    package var allow: [String]

    package init(
        _ code: ProblemCode, _ detail: String? = nil, field: String? = nil, retryAfter: Int? = nil, allow: [String] = []
    ) {
        problem = ProblemDocument(code, detail: detail, field: field)
        self.retryAfter = retryAfter
        self.allow = allow
    }

    package init(_ refusal: WireRefusal) {
        problem = refusal.problem
        allow = []
    }

    package var code: String { problem.code }
    package var status: Int { problem.status }
}

extension Refusal {
    /// A header that may be there once is there more often.
    static func repeated(header name: String) -> Refusal {
        Refusal(.malformed, "the header \(name) may be given once", field: name)
    }
}
