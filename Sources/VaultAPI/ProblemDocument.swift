/// An error reply, `application/problem+json` (RFC 9457).
///
/// `detail` says what happened this time. Nothing in it comes from the request unless it is known to be no secret.
package struct ProblemDocument: Codable, Hashable, Sendable {
    /// `urn:keyturn:problem:` and the code.
    package var type: String
    /// The sentence that belongs to the code.
    package var title: String
    /// The HTTP status, repeated.
    package var status: Int
    /// The word of ``ProblemCode``; a newer server may send one that this build does not know.
    package var code: String
    /// What happened this time.
    package var detail: String
    /// The id of the decision that refused, to be explained by an operator.
    package var decision: String?
    /// The action that the caller lacks.
    package var missing: String?
    /// The member, parameter or key path at fault.
    package var field: String?
    /// Every error of a refused set, such as policy files.
    package var errors: [String]?

    enum CodingKeys: String, CodingKey {
        case type, title, status, code, detail, decision, missing, field, errors
    }

    package init(
        _ code: ProblemCode, detail: String? = nil, decision: String? = nil, missing: String? = nil,
        field: String? = nil, errors: [String]? = nil
    ) {
        self.type = code.type
        self.title = code.title
        self.status = code.status
        self.code = code.rawValue
        self.detail = detail ?? code.title
        self.decision = decision
        self.missing = missing
        self.field = field
        self.errors = errors
    }

    /// The code, where this build knows it.
    package var problemCode: ProblemCode? { ProblemCode(rawValue: code) }
}
