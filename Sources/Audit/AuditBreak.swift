/// A place where a log is not whole, and where its chain was taken up again.
package struct AuditBreak: Hashable, Sendable {
    package let problem: AuditFinding.Problem
    /// The last entry before it.
    package let before: AuditHead
    /// The line that is taken as it stands, so that what follows is checked again: its hash, and the last entry up to it.
    ///
    /// For ``AuditFinding/Problem/cut`` and ``AuditFinding/Problem/rewritten``, where the chain is sound, the header that
    /// leaves numbers out.
    package var after: AuditHead?
    /// Of a log that was cut or rewritten: the last entry that is known to have been written and is not there.
    package let through: UInt64?

    package init(_ problem: AuditFinding.Problem, before: AuditHead, after: AuditHead?, through: UInt64? = nil) {
        self.problem = problem
        self.before = before
        self.after = after
        self.through = through
    }

    /// The first entry that is bad or missing.
    package var sequence: UInt64 { before.sequence + 1 }

    /// Whether the chain is sound there: that entries are gone is known from elsewhere.
    var isInNumbers: Bool { problem == .cut || problem == .rewritten }

    /// The last number for which nobody can say any more what stood there.
    var last: UInt64 { max(before.sequence, after?.sequence ?? 0, through ?? 0) }

    /// What is wrong there, in a sentence without a final stop.
    package var explanation: String {
        AuditFinding(problem, sequence, through: through).explanation
    }
}

/// A break of a log that an operator went on with.
package struct AcceptedBreak: Hashable, Sendable {
    package let place: AuditBreak
    /// The entry `log_accepted` that says so.
    package let entry: AuditHead
    /// When, in milliseconds since 1970 UTC.
    package let time: Int64
    /// The key slot that the vault was opened with.
    package let slot: UInt32

    package init(_ place: AuditBreak, entry: AuditHead, time: Int64, slot: UInt32) {
        self.place = place
        self.entry = entry
        self.time = time
        self.slot = slot
    }
}

/// The accepted breaks that a verification is going to meet.
struct AcceptedPlaces {
    /// Where the chain is broken, by the entry before.
    private var inChain: [AuditHead: AcceptedBreak] = [:]
    /// Where entries are known to be gone, by the entry before.
    private var inNumbers: ArraySlice<AcceptedBreak> = []
    /// Headers that leave numbers out.
    private var jumps: Set<AuditHead> = []
    /// The entries that accept them.
    private(set) var entries: [UInt64: AuditHash] = [:]

    init(_ accepted: [AcceptedBreak]) {
        for one in accepted {
            entries[one.entry.sequence] = one.entry.hash
            if one.place.isInNumbers {
                if let jump = one.place.after { jumps.insert(jump) }
            } else {
                inChain[one.place.before] = one
            }
        }
        inNumbers =
            accepted.filter(\.place.isInNumbers).sorted { $0.place.before.sequence < $1.place.before.sequence }[...]
    }

    /// Whether there are none, nor have been.
    var isEmpty: Bool { entries.isEmpty }

    /// The break that follows the entry `head`.
    func inChain(after head: AuditHead) -> AcceptedBreak? { inChain[head] }

    /// Whether the header whose last entry before and hash these are was written by the vault after numbers that it left out.
    func isJump(_ header: AuditHead) -> Bool { jumps.contains(header) }

    /// Those after which entries are gone, up to the entry `head`. Passed over: those whose entry before has another hash.
    mutating func passing(_ head: AuditHead) -> [AcceptedBreak] {
        var passed: [AcceptedBreak] = []
        while let first = inNumbers.first, first.place.before.sequence <= head.sequence {
            if first.place.before.sequence < head.sequence || first.place.before == head { passed.append(first) }
            inNumbers.removeFirst()
        }
        return passed
    }
}
