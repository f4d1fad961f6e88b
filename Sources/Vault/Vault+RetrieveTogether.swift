internal import Dispatch

/// One of several requests for values that came in together, each from whomever. An object: it is handed on often.
package final class RetrievalRequest: Sendable {
    package let requester: Requester
    package let query: ValueQuery
    /// What the asker has already (unquoted).
    package let etags: [String]
    /// Whether it waits until there is something else, and how long.
    package let wait: RetrievalWait?

    package init(
        _ requester: Requester, _ query: ValueQuery, unless etags: [String] = [], wait: RetrievalWait? = nil
    ) {
        self.requester = requester
        self.query = query
        self.etags = etags
        self.wait = wait
    }

    /// The same from another requester, who does not wait.
    package func withoutWait(from requester: Requester) -> RetrievalRequest {
        RetrievalRequest(requester, query, unless: etags)
    }
}

extension Vault {
    /// What became of one of the requests, by its place among them.
    package typealias RetrievalOutcome = (index: Int, result: Result<Retrieval, VaultError>)

    /// Answers requests as ``retrieve(_:_:unless:)`` would, without waiting for anything, so that an event loop may call it:
    /// their lines go to the log together, and what has to be read from the store is read elsewhere.
    ///
    /// - Parameter completion: is called for each request once, with several at a time: on a thread of the log or
    ///   another, or at once on this one. It must not wait for anything.
    package func retrieve(
        _ requests: [RetrievalRequest], completion: @escaping @Sendable ([RetrievalOutcome]) -> Void
    ) {
        var answered: [Answered] = []
        answered.reserveCapacity(requests.count)
        var isOurs = false
        for (index, request) in requests.enumerated() {
            let seen = request.wait == nil ? 0 : waiting.changes
            let attempt = begin(request.requester, request.query)
            if let finished = finish(attempt, request.query, request.etags, mayWait: false, isOurs: &isOurs) {
                let one = Answered(index: index, attempt: attempt, request: request, finished: finished)
                if let one = waits(request, one, seen: seen, completion) { answered.append(one) }
            } else {
                DispatchQueue.global().async {
                    var isOurs = false
                    let finished =
                        self.finish(attempt, request.query, request.etags, mayWait: true, isOurs: &isOurs)
                        ?? Finished(result: .failure(.sealed()))
                    self.tell(
                        [Answered(index: index, attempt: attempt, request: request, finished: finished)],
                        completion)
                }
            }
        }
        tell(answered, completion)
    }

    private struct Answered: Sendable {
        var index: Int
        var attempt: Attempt
        var request: RetrievalRequest
        var finished: Finished
    }

    /// Lets a request wait that wants to and may.
    ///
    /// - Returns: how it ends where it does not wait.
    private func waits(
        _ request: RetrievalRequest, _ answered: Answered, seen: UInt64,
        _ completion: @escaping @Sendable ([RetrievalOutcome]) -> Void
    ) -> Answered? {
        guard let wait = request.wait, !wait.isOver, case .success(.unchanged) = answered.finished.result,
            let admitted = answered.attempt.admitted
        else { return answered }
        let index = answered.index
        do throws(VaultError) {
            try park(request, wait, admitted, seen: seen) { completion([(index, $0)]) }
            return nil
        } catch {
            var refused = answered
            refused.finished = Finished(
                result: .failure(error),
                line: AuditTrail.Line(
                    draft: admitted.draft, outcome: AuditTrail.outcome(error.code), code: error.code))
            return refused
        }
    }

    /// Has the lines written, and lets go of the results whose lines were.
    private func tell(_ answered: [Answered], _ completion: @escaping @Sendable ([RetrievalOutcome]) -> Void) {
        guard !answered.isEmpty else { return }
        trail.write(answered.compactMap(\.finished.line)) { failures in
            var failures = failures.makeIterator()
            var outcomes: [RetrievalOutcome] = []
            outcomes.reserveCapacity(answered.count)
            for place in answered.indices {
                if answered[place].finished.line != nil, let failure = failures.next() ?? nil {
                    outcomes.append((answered[place].index, .failure(failure)))
                    continue
                }
                self.note(answered[place].finished, answered[place].attempt, answered[place].request.query)
                outcomes.append((answered[place].index, answered[place].finished.result))
            }
            completion(outcomes)
        }
    }
}
