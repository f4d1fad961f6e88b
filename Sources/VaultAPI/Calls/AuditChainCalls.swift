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
    /// What is wrong first.
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

    /// Whether nothing is wrong.
    package var ok: Bool
    package var problem: Problem?
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
        bytes: UInt64, sealed: UInt64, milliseconds: Int64
    ) {
        self.ok = ok
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
