/// Why the vault did not do what was asked: a closed code, a sentence that is safe to show, and what goes with it.
package struct VaultError: Error, Sendable, Equatable {
    /// The codes, as clients see them.
    package enum Code: String, Sendable, CaseIterable {
        case malformed
        case invalidPath = "invalid_path"
        case invalidField = "invalid_field"
        case unauthorized
        case refused
        case notFound = "not_found"
        case inTrash = "in_trash"
        case expired
        case noSuchVersion = "no_such_version"
        case notInTrash = "not_in_trash"
        case alreadyExists = "already_exists"
        case conflict
        case alreadyInitialized = "already_initialized"
        case uninitialized
        case alreadyUnsealed = "already_unsealed"
        case readOnly = "read_only"
        case noCeremony = "no_ceremony"
        case preconditionFailed = "precondition_failed"
        case tooLarge = "too_large"
        case slowDown = "slow_down"
        case rateLimited = "rate_limited"
        case wrongPassphrase = "wrong_passphrase"
        case slotDamaged = "slot_damaged"
        case storeDamaged = "store_damaged"
        case policiesRefused = "policies_refused"
        case sealed
        case overloaded
        case auditUnavailable = "audit_unavailable"
        case storeUnavailable = "store_unavailable"
        case inDoubt = "in_doubt"
        case `internal`
    }

    package var code: Code
    /// One sentence, free of secrets, that says what is wrong and what would be right.
    package var detail: String
    /// The member, parameter or path that is wrong.
    package var field: String?
    /// On a refusal: the id under which an operator can have it explained, and the action that was missing.
    package var decision: String?
    package var missingAction: String?
    /// Seconds after which to try again.
    package var retryAfter: Int?
    /// Further lines, such as the errors of a policy set.
    package var lines: [String]

    package init(
        _ code: Code, _ detail: String, field: String? = nil, decision: String? = nil, missingAction: String? = nil,
        retryAfter: Int? = nil, lines: [String] = []
    ) {
        self.code = code
        self.detail = detail
        self.field = field
        self.decision = decision
        self.missingAction = missingAction
        self.retryAfter = retryAfter
        self.lines = lines
    }

    /// Many may hear it at the same moment: they are told different times at which to ask again.
    package static func sealed() -> VaultError {
        VaultError(
            .sealed, "the vault is sealed; an operator can unseal it with `keyturn unseal`",
            retryAfter: .random(in: 1...4))
    }
}
