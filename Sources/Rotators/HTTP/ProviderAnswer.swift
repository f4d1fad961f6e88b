internal import Outbound
internal import Rotation

/// The steps of a provider file.
enum ProviderStep: String, Sendable {
    case create
    case test
    case retire
    case list

    /// Whether a request of this step may change something at the provider.
    var hasEffect: Bool { self == .create || self == .retire }
}

/// How one request ended.
enum ProviderAnswer: Sendable {
    /// A status and, where the body is JSON, the body.
    case reply(Int, ReplyJSON?)
    /// 429, and the milliseconds that `Retry-After` asked for.
    case limited(Int64?)
    case failure(OutboundFailure)
    /// Nothing was sent.
    case unasked(RotationFault)

    /// What it means where it is not what the file expects.
    ///
    /// | answer | with an effect | without |
    /// | --- | --- | --- |
    /// | 401, 403, 404, 405 | rejected, for a person | rejected, for a person |
    /// | 400, 409, 422 and other 4xx | rejected, another may fare better | rejected, for a person |
    /// | 429 | not done | not done |
    /// | 2xx that is not expected, 3xx, 408, 5xx | doubtful | not done |
    /// | nothing could be sent | not done | not done |
    /// | no whole reply | doubtful | not done |
    func outcome<Value>(_ step: ProviderStep) -> RotatorOutcome<Value> {
        switch self {
        case .unasked(let fault): .rejected(fault, newCandidate: false)
        case .limited(let milliseconds): .notDone(.rateLimited, retryAfter: milliseconds)
        case .failure(let failure):
            failure.reason == .hostRefused || failure.reason == .authoritiesUnreadable
                ? .rejected(Self.fault(of: failure), newCandidate: false)
                : failure.mayHaveArrived && step.hasEffect
                    ? .doubtful(Self.fault(of: failure)) : .notDone(Self.fault(of: failure), retryAfter: nil)
        case .reply(let status, _):
            switch status {
            case 401: .rejected(.unauthorized, newCandidate: false)
            case 403: .rejected(.forbidden, newCandidate: false)
            case 404: .rejected(.notFound, newCandidate: false)
            case 408: step.hasEffect ? .doubtful(.timedOut) : .notDone(.timedOut, retryAfter: nil)
            case 405, 410, 451: .rejected(.refused, newCandidate: false)
            case 400..<500: .rejected(.refused, newCandidate: step == .create)
            case 300..<400: step.hasEffect ? .doubtful(.redirected) : .notDone(.redirected, retryAfter: nil)
            case 500...: step.hasEffect ? .doubtful(.serverError) : .notDone(.serverError, retryAfter: nil)
            default: step.hasEffect ? .doubtful(.badReply) : .notDone(.badReply, retryAfter: nil)
            }
        }
    }

    static func fault(of failure: OutboundFailure) -> RotationFault {
        switch failure.reason {
        case .unreachable: .unreachable
        case .timedOut: .timedOut
        case .tlsFailed: .tlsFailed
        case .hostRefused: .hostRefused
        case .replyTooLarge: .tooLarge
        case .broken: .interrupted
        case .cancelled: .interrupted
        case .authoritiesUnreadable: .invalidSettings
        }
    }
}
