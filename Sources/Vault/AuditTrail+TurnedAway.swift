internal import Audit
internal import Synchronization

/// Lines of requests that came to no operation: of strangers and of those whose rate is spent, who may come a million times and
/// are counted, and of those who are known.
extension AuditTrail {
    /// A refusal to somebody who is not known, which may come a million times: counted, within a quota of bytes.
    func stranger(_ requester: Requester, code: VaultError.Code) {
        stranger(requester, code: code.rawValue)
    }

    func stranger(_ requester: Requester, code: String) {
        let time = now()
        let entry = entry(requester, .stranger, .refused, code, time)
        let decided = strangers.withLock { $0.decide(entry, now: time) }
        if decided == .write { put(entry) }
    }

    /// A request of somebody who is known, which came to no operation.
    func malformed(_ requester: Requester, _ caller: Caller, code: String) {
        put(entry(requester, AuditCaller(caller), .failed, code, now()), lineage: caller.lineage)
    }

    /// A refusal to somebody whose rate is spent, which may come as often: counted, within a quota of its own.
    func limited(_ requester: Requester, _ caller: Caller) {
        let time = now()
        let entry = entry(requester, AuditCaller(caller), .refused, VaultError.Code.rateLimited.rawValue, time)
        let decided = limited.withLock { $0.decide(entry, now: time) }
        if decided == .write { put(entry) }
    }

    private func entry(
        _ requester: Requester, _ caller: AuditCaller, _ outcome: AuditEntry.Outcome, _ code: String, _ time: Timestamp
    ) -> AuditEntry {
        AuditEntry(
            time: time, outcome: outcome, action: "request", caller: caller, address: requester.auditAddress,
            code: AuditToken(checking: code), duration: requester.began.duration(to: .now).microseconds,
            route: AuditRoute(ofTable: requester.route))
    }

    /// Writes down what was counted in the seconds that are over. To be called every second or so.
    func flushStrangers() {
        let time = now()
        for entry in strangers.withLock({ $0.flush(now: time) }) { put(entry) }
        for entry in limited.withLock({ $0.flush(now: time) }) { put(entry) }
    }

    /// Writes down all that was counted, at the end.
    func drainStrangers() {
        for entry in strangers.withLock({ $0.drain() }) { put(entry) }
        for entry in limited.withLock({ $0.drain() }) { put(entry) }
    }
}
