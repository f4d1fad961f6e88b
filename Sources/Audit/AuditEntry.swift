/// What one line of the log may say, and nothing else.
///
/// The fields are an allow-list: there is no place for a body, a header, a value or free text, and so no step
/// that would have to find and remove a secret. `docs/audit.md` gives each field's name and limit in the line.
package struct AuditEntry: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// A request and how it ended.
        case request
        /// A change that is about to be committed with head ``AuditEntry/generation``.
        case intent
        /// An intended change that was not committed.
        case failed
        /// An intent that was found uncommitted at unseal.
        case aborted
        /// Something that Keyturn did by itself: a start, a reload, a rotation's step.
        case event
    }

    package enum Outcome: String, CaseIterable, Sendable {
        /// Permitted, and done or about to be done.
        case allowed
        /// Not permitted, or not recognised.
        case refused
        /// Permitted, and went wrong; ``AuditEntry/code`` says how.
        case failed
        /// Permitted, and nobody knows: a commit whose outcome is in doubt.
        case unknown
    }

    /// Milliseconds since 1970 UTC.
    package var time: Int64
    package var kind: Kind
    package var outcome: Outcome
    package var action: AuditToken
    package var caller: AuditCaller
    /// Where the request came from: an IP address, or `unix` for the local socket.
    package var address: String?
    /// The key's path.
    package var key: String?
    /// The issuer's name.
    package var issuer: String?
    /// The public id of an issued key that was acted on.
    package var issuedKey: String?
    /// The version that was served or made.
    package var version: UInt64?
    /// What outside is meant: a credential by its provider's name for it, or by its mark; the receiver of a notice.
    package var target: String?
    /// The error's code.
    package var code: AuditToken?
    /// The id of the decision, by which it can be explained.
    package var decision: String?
    /// How long it took, in microseconds.
    package var duration: Int64?
    /// For an intent, and what becomes of it: the generation of the store's head that will cover it.
    package var generation: UInt64?
    package var route: AuditRoute?
    /// How many refusals an aggregated line stands for.
    package var count: UInt64?
    /// A further word from a closed set: a stage, a step of a rotation.
    package var detail: AuditToken?
    /// The digest of something public, such as the loaded policies.
    package var digest: AuditHash?

    package init(
        time: Int64, kind: Kind = .request, outcome: Outcome, action: AuditToken, caller: AuditCaller,
        address: String? = nil, key: String? = nil, issuer: String? = nil, issuedKey: String? = nil,
        version: UInt64? = nil, code: AuditToken? = nil, decision: String? = nil, duration: Int64? = nil,
        generation: UInt64? = nil, route: AuditRoute? = nil, count: UInt64? = nil, detail: AuditToken? = nil,
        digest: AuditHash? = nil, target: String? = nil
    ) {
        self.time = time
        self.kind = kind
        self.outcome = outcome
        self.action = action
        self.caller = caller
        self.address = address
        self.key = key
        self.issuer = issuer
        self.issuedKey = issuedKey
        self.version = version
        self.code = code
        self.decision = decision
        self.duration = duration
        self.generation = generation
        self.route = route
        self.count = count
        self.detail = detail
        self.digest = digest
        self.target = target
    }
}
