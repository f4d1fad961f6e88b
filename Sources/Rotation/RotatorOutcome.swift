/// How one call to a provider ended.
package enum RotatorOutcome<Value: Sendable>: Sendable {
    /// It happened.
    case done(Value)
    /// The provider said no, and nothing has changed there.
    ///
    /// - newCandidate: whether another candidate may fare better; false where only a person can help (the rotator's
    ///   own credential was refused, say).
    case rejected(RotationFault, newCandidate: Bool)
    /// It may have happened: no reply in time, a 5xx, a reply that cannot be read.
    case doubtful(RotationFault)
    /// It did not happen, and the same call can be made again: a refused connection, a 429.
    ///
    /// - retryAfter: milliseconds that the provider asked for; nil: the machine chooses.
    case notDone(RotationFault, retryAfter: Int64?)
}

extension RotatorOutcome where Value == Void {
    package static var done: Self { .done(()) }
}

/// Why a step of a rotation did not succeed: closed words that are safe in a log and in a metric's label.
package enum RotationFault: String, Sendable, CaseIterable {
    // The way there.
    case unreachable
    case timedOut = "timed_out"
    case tlsFailed = "tls_failed"
    case redirected
    case hostRefused = "host_refused"
    // What the provider said.
    case rateLimited = "rate_limited"
    case serverError = "server_error"
    case unauthorized
    case forbidden
    case refused
    case limitReached = "limit_reached"
    case notFound = "not_found"
    case badReply = "bad_reply"
    /// A credential of this key's in the provider's list has no name by which it could be ended.
    case badHandle = "bad_handle"
    case tooLarge = "too_large"
    // What the candidate is.
    case emptyValue = "empty_value"
    case repeatedValue = "repeated_value"
    case testFailed = "test_failed"
    case currentRefused = "current_refused"
    // This side.
    case commandFailed = "command_failed"
    case invalidSettings = "invalid_settings"
    case unknownRotator = "unknown_rotator"
    case notPermitted = "not_permitted"
    case missingField = "missing_field"
    case unsupported
    case interrupted
    case `internal`
    // What holds a rotation until a person looks at it.
    case possibleOrphan = "possible_orphan"
    case clockAdvanced = "clock_advanced"
    case manualStep = "manual_step"
    case aborted
}
