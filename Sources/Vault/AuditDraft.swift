internal import Audit
internal import IssuedKeys
internal import Policy

/// What the audit log will say of an operation, from what is known when it is admitted. One reference wide, since it is
/// handed on with each request and says much.
@dynamicMemberLookup struct AuditDraft: Sendable {
    struct Fields: Sendable {
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

        fileprivate init(_ caller: AuditCaller, _ action: AuditToken, began: ContinuousClock.Instant) {
            self.caller = caller
            self.action = action
            self.began = began
        }
    }

    /// Never changed, only replaced.
    private final class Box: Sendable {
        let fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }

    private var box: Box

    var fields: Fields { box.fields }

    subscript<Field>(dynamicMember field: WritableKeyPath<Fields, Field>) -> Field {
        get { box.fields[keyPath: field] }
        set { change { $0[keyPath: field] = newValue } }
    }

    /// Changes several fields at once.
    mutating func change(_ change: (inout Fields) -> Void) {
        var fields = box.fields
        change(&fields)
        box = Box(fields)
    }

    init(caller: Caller, requester: Requester, action: String, target: PolicyTarget) {
        var fields = Fields(AuditCaller(caller), AuditToken(checking: action), began: requester.began)
        fields.lineage = caller.lineage
        fields.place(requester)
        switch target {
        case .key(let path): fields.key = path.text
        case .keyPrefix(let prefix): fields.key = prefix.isEmpty ? nil : prefix
        case .issuer(let name): fields.issuer = name
        case .policy, .host, .vault: break
        }
        box = Box(fields)
    }

    /// Something that Keyturn does by itself.
    init(system action: AuditToken, key: String? = nil) {
        var fields = Fields(.system, action, began: .now)
        fields.key = key
        box = Box(fields)
    }

    /// An attempt on the seal, by somebody who need not be known.
    init(attempt action: AuditToken, _ requester: Requester) {
        let caller: AuditCaller
        switch requester.credential {
        case .unixUser(let id, let name): caller = .unixUser(id: id, name: name ?? "")
        default: caller = .stranger
        }
        var fields = Fields(caller, action, began: requester.began)
        fields.place(requester)
        box = Box(fields)
    }

    /// Adds what the change made.
    mutating func note(_ note: Staging.Note) {
        change { fields in
            fields.issuedKey = fields.issuedKey ?? note.issuedKey
            fields.version = note.version ?? fields.version
            fields.steps = note.lines
        }
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

extension AuditDraft.Fields {
    fileprivate mutating func place(_ requester: Requester) {
        address = requester.auditAddress
        route = AuditRoute(ofTable: requester.route)
        isOperators = requester.door == .operatorSocket
    }
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
