internal import Audit

/// Holds the audit log against the vault head: whether it still has the entry that was its last when the head was
/// sealed, and whether what it says of later changes can be of this store.
struct LogComparison {
    /// What is wrong; none: the log and the store belong together.
    private(set) var damage: [String] = []
    /// In one word, for the log.
    private(set) var problem: AuditToken?
    /// Lines of the one change that was intended and neither committed nor closed.
    private(set) var uncommitted: [AuditRecord] = []
    /// Intents that the log holds after the head.
    private(set) var intents: UInt64 = 0

    private let generation: UInt64

    /// The problem of a store that was put back to an older state.
    static let putBack: AuditToken = "put_back"

    /// Reads the entry at the head and those after it.
    init(_ log: any AuditLog, head: Session.HeadState) throws(VaultError) {
        generation = head.generation
        let finding: AuditFinding?
        do throws(AuditError) {
            finding = try log.tail(after: head.audit) { take($0) }
        } catch {
            throw VaultError(audit: error)
        }
        if let finding {
            // What was read on the way there says nothing.
            damage = ["audit log: \(finding.explanation)"]
            problem = AuditToken(finding.problem)
        }
        if !damage.isEmpty { (uncommitted, intents) = ([], 0) }
    }

    /// Takes an entry after the head; false: there is no need for more.
    private mutating func take(_ record: AuditRecord) -> Bool {
        guard let told = record.generation else { return true }
        switch AuditEntry.Kind(rawValue: record.kind) {
        case .intent:
            // The next commit has the next generation, and seals a head over its intents: no other can follow this one.
            // Of several who make a vault at once all but one come too late.
            guard told == generation + 1 || told == 1 && told == generation else { return putBack(record, told) }
            intents += 1
            uncommitted.append(record)
        case .failed, .aborted:
            guard told <= generation + 1 else { return putBack(record, told) }
            if let index = uncommitted.firstIndex(where: { $0.isOfSameChange(as: record) }) {
                uncommitted.remove(at: index)
            }
        default:
            // The vault was opened or closed at this generation.
            guard told <= generation else { return putBack(record, told) }
        }
        return true
    }

    private mutating func putBack(_ record: AuditRecord, _ told: UInt64) -> Bool {
        damage = [
            "audit log: entry \(record.sequence) tells of generation \(told), and the store is of generation \(generation): the store was put back to an older state, or belongs to another log"
        ]
        problem = Self.putBack
        return false
    }
}

extension AuditRecord {
    fileprivate func isOfSameChange(as other: AuditRecord) -> Bool {
        generation == other.generation && action == other.action && caller == other.caller && key == other.key
            && issuedKey == other.issuedKey
    }
}

extension AuditEntry {
    /// What is written of an intent that was found uncommitted.
    init(aborted record: AuditRecord, time: Timestamp) {
        self.init(
            time: time, kind: .aborted, outcome: .failed, action: AuditToken(checking: record.action),
            caller: AuditCaller(of: record), address: record.address, key: record.key, issuer: record.issuer,
            issuedKey: record.issuedKey, version: record.version, generation: record.generation,
            route: record.route.map { AuditRoute(ofTable: $0) })
    }
}

extension AuditCaller {
    /// Who an entry that was read back is about.
    fileprivate init(of record: AuditRecord) {
        let (id, name) = (record.caller ?? "", record.callerName ?? "")
        switch record.callerKind {
        case "access_key": self = .accessKey(id: id, name: name)
        case "unix_user": self = .unixUser(id: UInt32(id) ?? .max, name: name)
        case "certificate": self = .certificate(id: id, name: name)
        case "system": self = .system
        default: self = .stranger
        }
    }
}
