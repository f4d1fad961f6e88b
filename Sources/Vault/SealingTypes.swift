package import SecretMemory

/// Whether the vault's keys are in memory.
package enum SealState: String, Sendable {
    case uninitialized, sealed, unsealed
}

/// What anybody may know of the vault.
package struct VaultStatus: Sendable, Equatable {
    package var state: SealState
    /// Open, but no change is accepted, because it was opened with damage.
    package var readOnly: Bool
    /// While it is being opened: how many hundredths of the keys have been read, 0 to 100.
    package var opening: Int?
    /// The number of the slot that it is being opened by: the one that was named, for no other is tried.
    package var openingSlot: Int?
}

/// What initialising gives.
package enum Initialization: Sendable {
    /// Nothing is stored until the recovery code has been typed back.
    case awaitsRecoveryCode(recoveryCode: WipedBytes, ceremony: String)
    /// Stored and unsealed.
    case done(recoveryCode: WipedBytes, accessKey: WipedBytes)
}

/// What unsealing found.
package struct UnsealReport: Sendable, Equatable {
    package var keys: Int
    package var readOnly: Bool
    /// The policy files are not those of the last time.
    package var policiesChanged: Bool
    /// With accepted damage, or an accepted log: what is wrong.
    package var damage: [String]
}

/// One way to open the root key.
package struct SlotDescription: Sendable, Equatable {
    package var number: Int
    /// `passphrase` or `recovery`.
    package var kind: String
    package var memoryKiB: Int
    package var iterations: Int
    package var parallelism: Int
}

/// Leave to change how the vault is opened: given for a passphrase, good once, for five minutes.
package struct SealAuthorization: Sendable {
    package var token: WipedBytes
    package var slot: Int
    package var expires: Timestamp
}

/// What a check of the whole store found.
package struct StoreReport: Sendable, Equatable {
    package struct Damage: Sendable, Equatable {
        /// `head`, `wrapped-key` or `version`.
        package var kind: String
        package var key: String
        package var version: UInt32?
    }
    package var heads: Int
    package var children: Int
    package var damaged: [Damage]
}

/// Costs of Argon2id that an operator asks for; nil: the usual ones.
package struct RequestedCosts: Sendable {
    package var memoryKiB: Int?
    package var iterations: Int?
    package var parallelism: Int?
    /// Measure one derivation first, and choose the memory so that one takes about 1.5 seconds here.
    package var calibrates: Bool

    package init(
        memoryKiB: Int? = nil, iterations: Int? = nil, parallelism: Int? = nil, calibrates: Bool = false
    ) {
        self.calibrates = calibrates
        self.memoryKiB = memoryKiB
        self.iterations = iterations
        self.parallelism = parallelism
    }
}
