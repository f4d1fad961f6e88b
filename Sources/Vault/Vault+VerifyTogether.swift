internal import Audit

/// One of several keys to verify that came in together, each from whomever. An object: it is handed on often.
package final class VerificationRequest: Sendable {
    package let requester: Requester
    package let query: VerifyQuery

    package init(_ requester: Requester, _ query: VerifyQuery) {
        self.requester = requester
        self.query = query
    }
}

extension Vault {
    /// What became of one of the requests, by its place among them.
    package typealias VerificationOutcome = (index: Int, result: Result<Verification, VaultError>)

    /// Answers requests as ``verify(_:_:)`` would, one after the other, without waiting for anything, so that an event loop
    /// may call it: their lines go to the log together, and whoever needs a lease is answered when it is there.
    ///
    /// - Parameter completion: is called for each request once, with several at a time: on a thread of the log or
    ///   another, or at once on this one. It must not wait for anything.
    package func verify(
        _ requests: [VerificationRequest], completion: @escaping @Sendable ([VerificationOutcome]) -> Void
    ) {
        var answered: [Answered] = []
        answered.reserveCapacity(requests.count)
        for (index, request) in requests.enumerated() {
            let attempt = begin(request.requester, verifying: CollectionOfOne(request.query))
            guard attempt.refusal == nil, let admitted = attempt.admitted else {
                answered.append(
                    Answered(index: index, line: attempt.line, result: .failure(attempt.refusal ?? .sealed())))
                continue
            }
            switch decide(request.query, admitted) {
            case .answer(let verification, let draft):
                let line = AuditTrail.Line(draft: draft, outcome: .allowed)
                answered.append(Answered(index: index, line: line, result: .success(verification)))
            case .leaseNeeded:
                Task {
                    let result: Result<Verification, VaultError>
                    do throws(VaultError) {
                        result = .success(try await self.verify(request.query, admitted))
                    } catch {
                        result = .failure(error)
                    }
                    completion([(index, result)])
                }
            }
        }
        tell(answered, completion)
    }

    private struct Answered: Sendable {
        var index: Int
        var line: AuditTrail.Line?
        var result: Result<Verification, VaultError>
    }

    /// Has the lines written, and lets go of the results whose lines were.
    private func tell(_ answered: [Answered], _ completion: @escaping @Sendable ([VerificationOutcome]) -> Void) {
        guard !answered.isEmpty else { return }
        trail.write(answered.compactMap(\.line)) { failures in
            var failures = failures.makeIterator()
            var outcomes: [VerificationOutcome] = []
            outcomes.reserveCapacity(answered.count)
            for place in answered.indices {
                if answered[place].line != nil, let failure = failures.next() ?? nil {
                    outcomes.append((answered[place].index, .failure(failure)))
                } else {
                    outcomes.append((answered[place].index, answered[place].result))
                }
            }
            completion(outcomes)
        }
    }
}
