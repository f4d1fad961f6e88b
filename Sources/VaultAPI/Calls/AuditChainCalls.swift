/// The reply of `GET /v1/audit:checkpoint`.
package struct CheckpointReply: Codable, Equatable, Sendable {
    /// The log's head, signed: a signed note of C2SP.
    package var checkpoint: String
    /// The verifier key, which is public: to be kept elsewhere, once.
    package var publicKey: String

    enum CodingKeys: String, CodingKey {
        case checkpoint
        case publicKey = "public_key"
    }

    package init(checkpoint: String, publicKey: String) {
        self.checkpoint = checkpoint
        self.publicKey = publicKey
    }
}

/// The reply of `GET /v1/audit:verify`.
package struct AuditVerificationReply: Codable, Equatable, Sendable {
    /// What is wrong.
    package struct Problem: Codable, Equatable, Sendable {
        /// `altered`, `missing`, `misplaced`, `malformed`, `cut` or `rewritten`.
        package var kind: String
        /// The first entry that is bad or missing; for `rewritten`, the first that may be.
        package var sequence: UInt64
        /// For `rewritten`: the entry whose hash is known and differs.
        package var through: UInt64?
        /// The file where it shows.
        package var file: String?
        /// The same in a sentence.
        package var detail: String

        package init(kind: String, sequence: UInt64, through: UInt64?, file: String?, detail: String) {
            self.kind = kind
            self.sequence = sequence
            self.through = through
            self.file = file
            self.detail = detail
        }
    }

    /// A break that an operator has accepted.
    package struct Accepted: Codable, Equatable, Sendable {
        package var kind: String
        /// The first entry that is bad or missing.
        package var sequence: UInt64
        /// Of a log that was cut or rewritten: the last entry that is known to have been written.
        package var through: UInt64?
        /// The first number that is checked again; absent: the chain is sound there.
        package var goesOn: UInt64?
        /// The entry `log_accepted`.
        package var entry: UInt64
        package var time: String
        /// The key slot that the vault was opened with.
        package var slot: Int
        /// Who opened it, as that entry says.
        package var caller: String?
        /// What is wrong, in a sentence.
        package var detail: String

        enum CodingKeys: String, CodingKey {
            case kind, sequence, through
            case goesOn = "goes_on"
            case entry, time, slot, caller, detail
        }

        package init(
            kind: String, sequence: UInt64, through: UInt64?, goesOn: UInt64?, entry: UInt64, time: String, slot: Int,
            caller: String?, detail: String
        ) {
            self.kind = kind
            self.sequence = sequence
            self.through = through
            self.goesOn = goesOn
            self.entry = entry
            self.time = time
            self.slot = slot
            self.caller = caller
            self.detail = detail
        }
    }

    /// Whether nothing is wrong that nobody has accepted.
    package var ok: Bool
    /// `whole`, `accepted` or `broken`; absent from servers that know no accepted breaks.
    package var outcome: String?
    /// The first problem that nobody has accepted.
    package var problem: Problem?
    /// The accepted breaks that were met, in the order of the chain; absent where there are none.
    package var accepted: [Accepted]?
    /// Entries that were checked and are good, from `first` to `last`.
    package var entries: UInt64
    package var first: UInt64
    package var last: UInt64
    /// The hash of the last good entry, 64 hexadecimal digits.
    package var hash: String
    package var files: Int
    package var bytes: UInt64
    /// The entry that the sealed head of the store names.
    package var sealed: UInt64
    package var milliseconds: Int64

    package init(
        ok: Bool, problem: Problem?, entries: UInt64, first: UInt64, last: UInt64, hash: String, files: Int,
        bytes: UInt64, sealed: UInt64, milliseconds: Int64, outcome: String? = nil, accepted: [Accepted] = []
    ) {
        self.ok = ok
        self.outcome = outcome
        self.accepted = accepted.isEmpty ? nil : accepted
        self.problem = problem
        self.entries = entries
        self.first = first
        self.last = last
        self.hash = hash
        self.files = files
        self.bytes = bytes
        self.sealed = sealed
        self.milliseconds = milliseconds
    }
}
