/// What is wrong with a log, and where it begins.
package struct AuditFinding: Equatable, Sendable {
    package enum Problem: String, CaseIterable, Sendable {
        /// The line is there, and its bytes or those of the header before it are not what the chain says.
        case altered
        /// A later entry or file stands where this one should.
        case missing
        /// An earlier entry, or a file that belongs elsewhere, stands where this one should.
        case misplaced
        /// What stands there is not a line of a log.
        case malformed
        /// The log ends before an entry that is known to have been written.
        case cut
        /// Lines follow one another, and are not those that were written: all was made anew.
        case rewritten
    }

    package let problem: Problem
    /// The first entry that is bad or missing. For ``Problem/rewritten``, the first that may be.
    package let sequence: UInt64
    /// For ``Problem/rewritten``, the entry whose hash is known and differs: the first bad one is not after it.
    package let through: UInt64?
    /// The name of the file where it shows.
    package let file: String?

    init(_ problem: Problem, _ sequence: UInt64, through: UInt64? = nil, file: String? = nil) {
        self.problem = problem
        self.sequence = sequence
        self.through = through
        self.file = file
    }
}

extension AuditFinding {
    /// What is wrong, in a sentence without a final stop.
    package var explanation: String {
        switch problem {
        case .altered: "entry \(sequence) was altered"
        case .missing: "entry \(sequence) is missing"
        case .misplaced: "something that belongs elsewhere stands in the place of entry \(sequence)"
        case .malformed: "what stands in the place of entry \(sequence) is no line of a log"
        case .cut: "the log ends before entry \(sequence), which is known to have been written"
        case .rewritten:
            "the log was made anew: entry \(through ?? sequence) is not the one that is known, and those from \(sequence) on may be others, too"
        }
    }
}

/// What a verification comes to, in one word.
package enum AuditOutcome: String, CaseIterable, Sendable {
    /// Every entry is as it was written.
    case whole
    /// So is every entry outside of breaks that an operator has accepted.
    case accepted
    /// There is a problem that nobody has accepted.
    case broken
}

/// The outcome of a verification.
package struct AuditVerification: Equatable, Sendable {
    /// The first problem that nobody has accepted; nil: there is none.
    package var finding: AuditFinding?
    /// The accepted breaks that were met, in the order of the chain.
    package var accepted: [AcceptedBreak] = []
    /// The entries that accept them, by their sequence, as far as they were met.
    package var acceptances: [UInt64: AuditRecord] = [:]
    /// The first entry that the files hold; 1, unless older files were taken away and that was allowed.
    package var first: UInt64 = 1
    /// The last entry that is good.
    package var head: AuditHead = .start
    /// Entries that were checked and are good.
    package var entries: UInt64 = 0
    /// Bytes of the lines that were checked.
    package var bytes: UInt64 = 0
    package var files = 0
    /// Bytes of an unfinished line at the end, which the next start cuts off. No sign of tampering.
    package var unfinishedBytes: UInt64 = 0
    /// How many of the known heads were found in the log.
    package var headsFound = 0
}

extension AuditVerification {
    package var outcome: AuditOutcome { finding != nil ? .broken : accepted.isEmpty ? .whole : .accepted }
}
