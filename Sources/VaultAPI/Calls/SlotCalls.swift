/// One way to open the vault: what it is and what deriving its key costs.
package struct KeySlot: Codable, Equatable, Sendable {
    /// From 0 to 7.
    package var number: Int
    /// `passphrase` or `recovery`.
    package var kind: String
    /// Memory that Argon2id uses, in KiB.
    package var memoryKib: Int
    /// Passes that Argon2id makes.
    package var iterations: Int
    /// Lanes that Argon2id has.
    package var parallelism: Int

    enum CodingKeys: String, CodingKey {
        case number
        case kind
        case memoryKib = "memory_kib"
        case iterations
        case parallelism
    }

    package init(number: Int, kind: String, memoryKib: Int, iterations: Int, parallelism: Int) {
        self.number = number
        self.kind = kind
        self.memoryKib = memoryKib
        self.iterations = iterations
        self.parallelism = parallelism
    }
}

/// The reply of `GET /v1/slots`.
package struct SlotList: Codable, Equatable, Sendable {
    /// In order of their numbers.
    package var slots: [KeySlot]

    enum CodingKeys: String, CodingKey {
        case slots
    }

    package init(slots: [KeySlot]) {
        self.slots = slots
    }
}

/// The reply of `DELETE /v1/slots/{n}`.
package struct SlotRemoval: Codable, Equatable, Sendable {
    /// The slot.
    package var number: Int
    /// True.
    package var removed: Bool

    enum CodingKeys: String, CodingKey {
        case number, removed
    }

    package init(number: Int, removed: Bool) {
        self.number = number
        self.removed = removed
    }
}

/// The reply of `POST /v1/slots/{n}:recovery`.
package struct SlotRecoveryReply: Codable, Equatable, Sendable {
    /// The new recovery code, shown once.
    package var recoveryCode: SecretText

    enum CodingKeys: String, CodingKey {
        case recoveryCode = "recovery_code"
    }

    package init(recoveryCode: SecretText) {
        self.recoveryCode = recoveryCode
    }
}

/// The reply of `POST /v1/keyring:rotate`: new records are sealed under a new data key.
package struct KeyringRotation: Codable, Equatable, Sendable {
    /// The id of the data key.
    package var current: Int

    enum CodingKeys: String, CodingKey {
        case current
    }

    package init(current: Int) {
        self.current = current
    }
}

/// The reply of `POST /v1/keyring:rewrap`: older data keys are retired.
package struct KeyringRewrap: Codable, Equatable, Sendable {
    /// How many records were sealed anew.
    package var resealed: Int

    enum CodingKeys: String, CodingKey {
        case resealed
    }

    package init(resealed: Int) {
        self.resealed = resealed
    }
}
