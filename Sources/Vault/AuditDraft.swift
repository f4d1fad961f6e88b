internal import Audit
internal import IssuedKeys
internal import Policy

/// What the audit log will say of an operation, from what is known when it is admitted.
struct AuditDraft: Sendable {
    var caller: AuditCaller
    var action: AuditToken
    var address: String?
    var route: AuditRoute?
    var key: String?
    var issuer: String?
    var issuedKey: String?
    var version: UInt32?
    var decision: String?
    var began: ContinuousClock.Instant
    /// Paths of further keys that the same change touches: each has a line of its own.
    var others: [String] = []
    /// Whether the operation promises that nothing is left of what it deletes.
    var erases = false
    /// Whether it comes from the operator's socket, whose entries may use the space that is set aside for a full disk.
    var isOperators = false
    /// Whether nothing is written of it where it comes to nothing.
    var isQuiet = false
    /// Lines in the place of the one that it has: what a rotation did, step by step.
    var steps: [Staging.Note.Line] = []
    /// A further code from a closed set, which is none of the vault's own.
    var fault: AuditToken?
    /// The digest of the policy files that the operation puts in force.
    var digest: AuditHash?
    /// What became of the issued key that was verified, as the line's `detail`.
    var verified: AuditToken?
    /// The line of the caller's access key; empty for others.
    var lineage = ""
    /// The generation that the vault was opened or closed at.
    var generation: UInt64?
    /// A further word from a closed set.
    var detail: AuditToken?
    /// What outside is meant: a credential at a provider, the receiver of a notice.
    var target: String?

    init(caller: Caller, requester: Requester, action: String, target: PolicyTarget) {
        self.caller = AuditCaller(caller)
        lineage = caller.lineage
        self.action = AuditToken(checking: action)
        address = requester.auditAddress
        route = AuditRoute(ofTable: requester.route)
        began = requester.began
        isOperators = requester.door == .operatorSocket
        switch target {
        case .key(let path): key = path.text
        case .keyPrefix(let prefix): key = prefix.isEmpty ? nil : prefix
        case .issuer(let name): issuer = name
        case .policy, .host, .vault: break
        }
    }

    /// Something that Keyturn does by itself.
    init(system action: AuditToken, key: String? = nil) {
        caller = .system
        self.action = action
        self.key = key
        began = .now
    }

    /// An attempt on the seal, by somebody who need not be known.
    init(attempt action: AuditToken, _ requester: Requester) {
        switch requester.credential {
        case .unixUser(let id, let name): caller = .unixUser(id: id, name: name ?? "")
        default: caller = .stranger
        }
        self.action = action
        address = requester.auditAddress
        route = AuditRoute(ofTable: requester.route)
        began = requester.began
        isOperators = requester.door == .operatorSocket
    }

    /// Adds what the change made.
    mutating func note(_ note: Staging.Note) {
        issuedKey = issuedKey ?? note.issuedKey
        version = note.version ?? version
        steps = note.lines
    }

    static func purge(_ path: ResourcePath) -> AuditDraft { AuditDraft(system: "purge", key: path.text) }
    static var erasure: AuditDraft { AuditDraft(system: "erase_traces") }
    static var leases: AuditDraft { AuditDraft(system: "lease") }
    static var rotations: AuditDraft {
        var draft = AuditDraft(system: "rotation")
        draft.isQuiet = true
        return draft
    }
    static var usage: AuditDraft { AuditDraft(system: "record_usage") }
    static var policies: AuditDraft { AuditDraft(system: "reload_policies") }
}

extension Requester {
    private var writtenAddress: String? { addressText ?? address?.description }

    /// Where a key is used from, as text.
    var placeOfUseText: String { door == .network ? writtenAddress ?? "" : "127.0.0.1" }

    var auditAddress: String { door == .network ? writtenAddress ?? "unknown" : "unix" }
}

extension AuditCaller {
    init(_ caller: Caller) {
        switch caller.kind {
        case .accessKey: self = .accessKey(id: caller.id, name: caller.name)
        case .unixUser, .operatorSocket: self = .unixUser(id: UInt32(caller.id) ?? .max, name: caller.name)
        }
    }
}
