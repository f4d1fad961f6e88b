/// A head of the audit log, signed, for those who verify elsewhere.
package struct CheckpointReport: Sendable, Equatable {
    /// A signed note (C2SP).
    package var note: String
    /// The verifier key: `name+id+key`.
    package var key: String
}

/// What became of a verification of the audit log.
package struct AuditReport: Sendable, Equatable {
    /// What is wrong.
    package struct Problem: Sendable, Equatable {
        /// One word: `altered`, `missing`, `misplaced`, `malformed`, `cut` or `rewritten`.
        package var kind: String
        /// The first entry that is bad or missing.
        package var sequence: UInt64
        /// With `rewritten`: the entry whose hash is known and differs.
        package var through: UInt64?
        /// The file where it shows.
        package var file: String?
        package var explanation: String
    }

    /// A break that an operator has accepted.
    package struct Accepted: Sendable, Equatable {
        /// One word, as of a problem.
        package var kind: String
        /// The first entry that is bad or missing.
        package var sequence: UInt64
        /// Of a log that was cut or rewritten: the last entry that is known to have been written.
        package var through: UInt64?
        /// The first number that is checked again; nil: the chain is sound there.
        package var goesOn: UInt64?
        /// The entry `log_accepted`.
        package var entry: UInt64
        package var time: Timestamp
        /// The key slot that the vault was opened with.
        package var slot: Int
        /// Who opened it, as that entry says; nil where it is gone.
        package var caller: String?
        package var explanation: String
    }

    /// One word: `whole`, `accepted` where there are accepted breaks and nothing else is wrong, or `broken`.
    package var outcome: String
    /// The first problem that nobody has accepted.
    package var problem: Problem?
    /// The accepted breaks that were met, in the order of the chain.
    package var accepted: [Accepted]
    /// Entries that were checked and are good.
    package var entries: UInt64
    package var first: UInt64
    /// The last good entry, and its hash as 64 hexadecimal digits.
    package var last: UInt64
    package var hash: String
    package var files: Int
    package var bytes: UInt64
    /// The entry that the vault head covered when the verification began.
    package var sealed: UInt64
    /// Known heads that were found in the log.
    package var headsFound: Int
    package var milliseconds: Int64
}
