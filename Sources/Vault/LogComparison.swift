internal import Audit

/// Holds the audit log against the vault head: whether it still has the entry that was its last when the head was
/// sealed, and whether what it says of later changes can be of this store.
struct LogComparison {
    /// What is wrong; none: the log and the store belong together.
    private(set) var damage: [String] = []
    /// In one word, for the log.
    private(set) var problem: AuditToken?
    /// Where the chain is sound, and the sealed head says that entries are gone: the first of them.
    private(set) var lost: (problem: AuditFinding.Problem, first: UInt64)?
    /// Lines of the one change that was intended and neither committed nor closed.
    private(set) var uncommitted: [AuditRecord] = []
    /// Intents that the log holds after the head.
    private(set) var intents: UInt64 = 0

    private let generation: UInt64

    /// The problem of a store that was put back to an older state.
    static let putBack: AuditToken = "put_back"

    /// Reads the entry at the head and those after it.
    ///
    /// - Parameters:
    ///   - begun: the last entry before those of this process; nil: the vault has been open since.
    ///   - end: the last entry that there is.
    init(
        _ log: any AuditLog, head: Session.HeadState, begun: UInt64?, end: UInt64
    ) throws(VaultError) {
        generation = head.generation
        do throws(AuditError) {
            if let finding = try log.tail(after: head.audit, accepted: head.accepted, { take($0) }) {
                // What was read on the way there says nothing.
                problem = AuditToken(finding.problem)
                damage = ["audit log: \(finding.explanation)"]
                if finding.problem == .cut || finding.problem == .rewritten {
                    lost = (finding.problem, finding.sequence)
                }
                if [.cut, .rewritten].contains(finding.problem),
                    let first = try Self.firstMissing(log, head, begun: begun, end: end)
                {
                    problem = AuditToken(AuditFinding.Problem.cut)
                    lost = (.cut, first)
                    damage = [
                        "audit log: the log ends before entry \(first), which is known to have been written; what stands there was written after that"
                    ]
                }
            }
        } catch {
            throw VaultError(audit: error)
        }
        if !damage.isEmpty { (uncommitted, intents) = ([], 0) }
    }

    /// The first entry that is missing from a log whose end was cut off, where others stand in its place by now: each start
    /// of the server writes one.
    ///
    /// They are known by their time, since all that the head covers was written before it was sealed; and where the clock
    /// was put back, by what this process found as it began. Nil: the log was not cut before the head.
    private static func firstMissing(
        _ log: any AuditLog, _ head: Session.HeadState, begun: UInt64?, end: UInt64
    ) throws(AuditError) -> UInt64? {
        let covered = head.audit.sequence
        let start = max(min(covered, end), mostInPlace) - mostInPlace + 1
        var run: UInt64?
        try log.forEach(from: start) { record in
            guard record.sequence <= covered else { return false }
            run = record.time > head.timeMark ? run ?? record.sequence : nil
            return true
        }
        // Where all that was read came later, nobody knows how far it goes on.
        if run == start, start > 1 { run = nil }
        return [begun.map { $0 + 1 }, run].compactMap { $0 }.filter { $0 <= covered }.min()
    }

    /// Entries that are looked at for the first that is missing.
    private static let mostInPlace: UInt64 = 1_024

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
            route: record.route.map { AuditRoute(ofTable: $0) }, target: record.target)
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
