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
        let entry = entry(requester, .stranger, .refused, code)
        let decided = strangers.withLock { $0.decide(entry, now: steady()) }
        if decided == .write { putStranger(entry) }
    }

    /// A request of somebody who is known, which came to no operation.
    func malformed(_ requester: Requester, _ caller: Caller, code: String) {
        put(entry(requester, AuditCaller(caller), .failed, code), lineage: caller.lineage)
    }

    /// A refusal to somebody whose rate is spent, which may come as often: counted, within a quota of its own.
    func limited(_ requester: Requester, _ caller: Caller) {
        let entry = entry(requester, AuditCaller(caller), .refused, VaultError.Code.rateLimited.rawValue)
        let decided = limited.withLock { $0.decide(entry, now: steady()) }
        if decided == .write { putLimited(entry) }
    }

    private func entry(
        _ requester: Requester, _ caller: AuditCaller, _ outcome: AuditEntry.Outcome, _ code: String
    ) -> AuditEntry {
        AuditEntry(
            time: now(), outcome: outcome, action: "request", caller: caller, address: requester.auditAddress,
            code: AuditToken(checking: code), duration: requester.began.duration(to: .now).microseconds,
            route: AuditRoute(ofTable: requester.route))
    }

    /// Writes down what was counted in the seconds that are over. To be called every second or so.
    func flushStrangers() {
        for entry in strangers.withLock({ $0.flush(now: steady()) }) { putStranger(entry) }
        for entry in limited.withLock({ $0.flush(now: steady()) }) { putLimited(entry) }
    }

    /// Writes down all that was counted, at the end.
    func drainStrangers() {
        for entry in strangers.withLock({ $0.drain() }) { putStranger(entry) }
        for entry in limited.withLock({ $0.drain() }) { putLimited(entry) }
    }

    private func putStranger(_ entry: AuditEntry) {
        put(entry) { [weak self] in self?.strangers.withLock { $0.takeBack(entry) } }
    }

    private func putLimited(_ entry: AuditEntry) {
        put(entry) { [weak self] in self?.limited.withLock { $0.takeBack(entry) } }
    }
}
