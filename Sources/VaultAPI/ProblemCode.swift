/// Every reason the vault gives for not doing what it was asked: the `code` of a problem document (RFC 9457).
///
/// The raw value is the word on the wire and never changes once released.
package enum ProblemCode: String, CaseIterable, Sendable {
    case malformed
    case unknownMember = "unknown_member"
    case invalidPath = "invalid_path"
    case invalidField = "invalid_field"
    case tooDeep = "too_deep"
    case unauthorized
    case refused
    case hostRefused = "host_refused"
    case originRefused = "origin_refused"
    case wrongPassphrase = "wrong_passphrase"
    case notFound = "not_found"
    case inTrash = "in_trash"
    case expired
    case noSuchVersion = "no_such_version"
    case unsupportedMethod = "unsupported_method"
    case timeout
    case notInTrash = "not_in_trash"
    case alreadyExists = "already_exists"
    case conflict
    case alreadyInitialized = "already_initialized"
    case alreadyUnsealed = "already_unsealed"
    case readOnly = "read_only"
    case noCeremony = "no_ceremony"
    case slotDamaged = "slot_damaged"
    case storeDamaged = "store_damaged"
    case policiesRefused = "policies_refused"
    case preconditionFailed = "precondition_failed"
    case tooLarge = "too_large"
    case slowDown = "slow_down"
    case rateLimited = "rate_limited"
    case inDoubt = "in_doubt"
    case `internal`
    case uninitialized
    case sealed
    case overloaded
    case auditUnavailable = "audit_unavailable"
    case storeUnavailable = "store_unavailable"
}

extension ProblemCode {
    /// The HTTP status that carries the problem.
    package var status: Int {
        switch self {
        case .malformed, .unknownMember, .invalidPath, .invalidField, .tooDeep: 400
        case .unauthorized: 401
        case .refused, .hostRefused, .originRefused, .wrongPassphrase: 403
        case .notFound, .inTrash, .expired, .noSuchVersion: 404
        case .unsupportedMethod: 405
        case .timeout: 408
        case .notInTrash, .alreadyExists, .conflict, .alreadyInitialized, .alreadyUnsealed, .readOnly, .noCeremony,
            .slotDamaged, .storeDamaged, .policiesRefused:
            409
        case .preconditionFailed: 412
        case .tooLarge: 413
        case .slowDown, .rateLimited: 429
        case .inDoubt, .internal: 500
        case .uninitialized, .sealed, .overloaded: 503
        case .auditUnavailable, .storeUnavailable: 507
        }
    }

    /// What the `keyturn` command ends with when the server answers with this problem.
    package var exitCode: ExitCode {
        switch self {
        case .sealed, .uninitialized: .sealed
        case .unauthorized, .refused, .hostRefused, .originRefused, .wrongPassphrase: .refused
        case .notFound, .inTrash, .expired, .noSuchVersion: .notFound
        // What was given to a command is as wrong where the vault finds it as where the command does.
        case .invalidField, .invalidPath: .usage
        default: .failed
        }
    }

    /// The URI reference that names the kind of problem: the `type` of RFC 9457.
    package var type: String { "urn:keyturn:problem:\(rawValue)" }
}
