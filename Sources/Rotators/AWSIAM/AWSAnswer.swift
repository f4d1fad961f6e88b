internal import Outbound
internal import Rotation

/// How one call to AWS ended.
enum AWSAnswer: Sendable {
    case done(ReplyXML)
    /// An error that AWS names, and its status.
    case refused(status: Int, code: String)
    /// Anything else, judged by its status or the lack of one.
    case other(ProviderAnswer)

    /// The codes that say that the signature, or the key that made it, was not taken.
    static let unsigned: Set<String> = [
        "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidAccessKeyId",
        "IncompleteSignature", "MissingAuthenticationToken", "ExpiredToken", "RequestExpired", "AuthFailure",
    ]
    private static let forbidden: Set<String> = ["AccessDenied", "AccessDeniedException", "OptInRequired"]
    private static let limited: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException",
    ]
    private static let later: Set<String> = ["EntityTemporarilyUnmodifiable", "ConcurrentModification"]

    /// The code of an error, where AWS names one.
    var code: String? { if case .refused(_, let code) = self { code } else { nil } }

    /// What it means where it is not what was asked for. Errors that AWS names with a 4xx have changed nothing there.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    func outcome<Value>(_ step: ProviderStep) -> RotatorOutcome<Value> {
        switch self {
        case .done: return ProviderAnswer.reply(200, nil).outcome(step)
        case .other(let answer): return answer.outcome(step)
        case .refused(let status, let code):
            if Self.limited.contains(code) { return .notDone(.rateLimited, retryAfter: nil) }
            if status >= 500 { return ProviderAnswer.reply(status, nil).outcome(step) }
            if Self.unsigned.contains(code) { return .rejected(.unauthorized, newCandidate: false) }
            if Self.forbidden.contains(code) { return .rejected(.forbidden, newCandidate: false) }
            if Self.later.contains(code) { return .notDone(.refused, retryAfter: nil) }
            switch code {
            case "LimitExceeded": return .rejected(.limitReached, newCandidate: false)
            case "NoSuchEntity": return .rejected(.notFound, newCandidate: false)
            default: return .rejected(.refused, newCandidate: false)
            }
        }
    }
}
