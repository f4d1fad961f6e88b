internal import IssuedKeys
internal import Policy
internal import Sealing

/// Retrievals that wait until what is served is another than what the asker has.
extension Vault {
    /// How many of those who were woken are looked at before the log is given their lines.
    private static let batch = 256

    /// Looks at those whose time has come. To be called some times a second while there are any.
    package func tendWaits() { waiting.tend(at: environment.steady()) }

    /// How many may wait: in all, and of one caller.
    package func limitWaits(to most: Int, ofOne: Int) { waiting.limit(to: most, ofOne: ofOne) }

    /// How many wait.
    package var waitCount: Int { waiting.count }

    /// Lets a retrieval wait that has found what its asker has already.
    ///
    /// - Parameters:
    ///   - seen: what ``WaitingList/changes`` was before it looked.
    ///   - tell: called once, with how it ended, on a thread of the vault's or at once on this one.
    /// - Throws: ``VaultError`` where it may not wait: nobody was told.
    func park(
        _ request: RetrievalRequest, _ wait: RetrievalWait, _ admitted: Admitted, seen: UInt64,
        tell: @escaping @Sendable (Result<Retrieval, VaultError>) -> Void
    ) throws(VaultError) {
        let deadline = environment.steady() + wait.milliseconds
        let look: @Sendable (Bool, inout Bool) -> WaitingList.Look = { [weak self] isOver, isOurs in
            self?.look(request, wait, isOver: isOver, isOurs: &isOurs, deadline: deadline, tell: tell)
                ?? .ends(lines: [], tell: { _ in tell(.failure(.sealed())) })
        }
        try enter(
            [request.query.path], wait, admitted, deadline: deadline, seen: seen, look)
    }

    /// Enters somebody into the list.
    func enter(
        _ paths: [ResourcePath], _ wait: RetrievalWait, _ admitted: Admitted, deadline: Int64, seen: UInt64,
        _ look: @escaping @Sendable (Bool, inout Bool) -> WaitingList.Look
    ) throws(VaultError) {
        let caller = admitted.caller
        let ticket = try waiting.enter(
            WaitingList.Waiter(
                paths: paths.map(\.text), caller: caller.lineage.isEmpty ? caller.reference : caller.lineage,
                issued: caller.kind == .accessKey ? IssuedKeyNumber(caller.id) : nil, deadline: deadline, look: look),
            until: nextLook(paths, admitted, deadline, since: environment.steady()), seen: seen)
        wait.begin { [weak list = waiting] in list?.end(ticket) }
    }

    /// Asks once more, as if the request came now: who asks, whether they may, what is served.
    private func look(
        _ request: RetrievalRequest, _ wait: RetrievalWait, isOver: Bool, isOurs: inout Bool, deadline: Int64,
        tell: @escaping @Sendable (Result<Retrieval, VaultError>) -> Void
    ) -> WaitingList.Look {
        var requester = request.requester
        requester.began = .now
        let steady = environment.steady()
        let attempt = begin(requester, request.query)
        let finished =
            finish(attempt, request.query, request.etags, mayWait: true, isOurs: &isOurs)
            ?? Finished(result: .failure(.sealed()))
        let result = finished.result
        if case .success(.unchanged) = result, !isOver, let admitted = attempt.admitted {
            return .waits(until: nextLook([request.query.path], admitted, deadline, since: steady))
        }
        return .ends(
            lines: finished.line.map { [$0] } ?? [],
            tell: { failure in
                wait.finish()
                if let failure { return tell(.failure(failure)) }
                self.note(finished, attempt, request.query)
                tell(result)
            })
    }

    /// When something may become another without a commit: a key expires, a previous version is no longer honoured, an
    /// access key ends. The deadline at the latest.
    ///
    /// - Parameter steady: when the look began. Rather too early than too late: whoever is looked at too early waits on.
    func nextLook(
        _ paths: [ResourcePath], _ admitted: Admitted, _ deadline: Int64, since steady: Int64
    ) -> Int64 {
        var moments: [Timestamp] = []
        for path in paths {
            guard let head = admitted.session.key(path.text)?.summary else { continue }
            moments.append(Timestamp(head.expires))
            moments.append(Timestamp(head.previousUntil))
        }
        if admitted.caller.kind == .accessKey, let end = admitted.session.issued(admitted.caller.id)?.standing.end {
            moments.append(end)
        }
        guard let first = moments.filter({ $0 > admitted.now }).min() else { return deadline }
        return min(deadline, steady + (first - admitted.now))
    }

    /// On the thread of the waiting list, as often as some were woken.
    func lookAtWoken() {
        while true {
            let woken = waiting.takeWoken(most: Self.batch)
            if woken.isEmpty { return }
            look(at: woken)
        }
    }

    private func look(at woken: [WaitingList.Woken]) {
        var ended: [(lines: Int, tell: @Sendable (VaultError?) -> Void)] = []
        var lines: [AuditTrail.Line] = []
        var isOurs = false
        let now = environment.steady()
        for one in woken {
            switch one.waiter.look(one.isOver || one.waiter.deadline <= now, &isOurs) {
            case .waits(let moment): waiting.stay(one.ticket, until: moment)
            case .ends(let own, let tell):
                waiting.leave(one.ticket)
                lines += own
                ended.append((own.count, tell))
            }
        }
        guard !ended.isEmpty else { return }
        let all = ended
        trail.write(lines) { failures in
            var failures = failures[...]
            for one in all {
                one.tell(failures.prefix(one.lines).compactMap { $0 }.first)
                failures = failures.dropFirst(one.lines)
            }
        }
    }
}
