internal import VaultAPI

/// How long to pause before something is asked for again: longer each time, and never the same for two clients, so that
/// a vault that has just come back is not met by all of them at once. Pure: chance comes in.
package struct Backoff: Sendable, Equatable {
    private let first: Int64
    private let longest: Int64
    private var pause: Int64

    /// - Parameters:
    ///   - first: milliseconds of the shortest pause.
    ///   - longest: milliseconds that they grow to.
    package init(first: Int64 = 250, longest: Int64 = 30_000) {
        self.first = first
        self.longest = longest
        pause = first
    }

    /// Milliseconds to pause now: from the pause or what the vault asked for, whichever is more, to half as much again.
    ///
    /// - Parameters:
    ///   - retryAfter: seconds that the vault asked for (RFC 9110, section 10.2.3); never more than a minute is heeded.
    ///   - chance: from 0 to 1.
    package mutating func next(retryAfter: Int? = nil, chance: Double = .random(in: 0...1)) -> Int64 {
        let asked = Int64(min(max(retryAfter ?? 0, 0), 60)) * 1000
        let least = max(pause, asked)
        pause = min(pause * 2, longest)
        return least + Int64(Double(least / 2) * min(max(chance, 0), 1))
    }

    /// Begins with the shortest pause again.
    package mutating func reset() { pause = first }
}

extension KeyturnClientError {
    /// Whether the vault gave no answer to the question itself, and may give one later: it is sealed, away, or too busy.
    package var mayPass: Bool {
        switch code.word {
        case .sealed, .unreachable, .interrupted, .timedOut: true
        case .rejected:
            switch problem?.problemCode {
            case .overloaded, .slowDown, .rateLimited, .auditUnavailable, .storeUnavailable, .timeout: true
            default: false
            }
        // A proxy that stands before the vault has none to send the request to.
        case .unexpectedReply: [502, 503, 504].contains(status)
        case .unauthorized, .refused, .notFound, .invalidRequest, .invalidSetting: false
        }
    }

    /// Whether the vault was asked and said no: to the caller, or to what it asked for.
    package var isRefusal: Bool {
        switch code.word {
        case .unauthorized, .refused, .notFound: true
        default: false
        }
    }
}

extension KeyturnVault {
    /// Asks until there is an answer, or `patience` is at an end: for calls that change nothing.
    func patiently<Answer>(
        _ ask: () async throws(KeyturnClientError) -> Answer
    ) async throws(KeyturnClientError) -> Answer {
        let end = ContinuousClock.now + settings.patience
        var backoff = Backoff()
        while true {
            let failure: KeyturnClientError
            do throws(KeyturnClientError) { return try await ask() } catch { failure = error }
            let left = ContinuousClock.now.duration(to: end)
            guard failure.mayPass, left > .zero else { throw failure }
            let pause = Duration.milliseconds(backoff.next(retryAfter: failure.retryAfter))
            do { try await Task.sleep(for: min(pause, left)) } catch { throw failure }
        }
    }
}
