internal import Audit
internal import IssuedKeys
internal import SecretMemory
internal import Sealing

/// The rate of access keys: each request spends one use, before its body is read and whatever becomes of it.
extension Vault {
    /// Spends one use of the access key in a request, where it has limits.
    ///
    /// What the key is looked up by is kept in `requester`, so that the operation that follows does not work it out
    /// again. Whoever is not recognised spends nothing and is told by that operation.
    ///
    /// - Returns: false where allowance has to be made durable first: nothing was spent, and ``spend(_:)`` is to be
    ///   asked.
    /// - Throws: ``VaultError`` with `rate_limited`.
    package func spendNow(_ requester: inout Requester) throws(VaultError) -> Bool {
        guard let (open, entry, meter) = metered(&requester) else { return true }
        return try spend(requester, open, entry, meter)
    }

    /// ``spendNow(_:)``, waiting where it has to.
    ///
    /// - Throws: ``VaultError`` with `rate_limited`, or with what keeps the allowance from being made durable.
    package func spend(_ requester: inout Requester) async throws(VaultError) {
        guard let (open, entry, meter) = metered(&requester) else { return }
        for _ in 0..<200 {
            if try spend(requester, open, entry, meter) { return }
            try await open.leases.lease(meter, 1)
        }
        throw VaultError(.overloaded, "the key is used faster than its uses can be kept; try again", retryAfter: 1)
    }

    private func metered(_ requester: inout Requester) -> (Open, IssuedEntry, IssuedMeter)? {
        guard requester.credential.isAccessKey, let open = try? opened(),
            let presented = presented(requester, open.session)
        else { return nil }
        if requester.presented == nil { requester.presented = presented }
        guard let entry = open.session.accessKey(presented), let meter = entry.meter,
            VerifyCode.evaluate(entry.standing, at: now(open.session), from: requester.placeOfUse) == .valid
        else { return nil }
        return (open, entry, meter)
    }

    private func spend(
        _ requester: Requester, _ open: Open, _ entry: IssuedEntry, _ meter: IssuedMeter
    ) throws(VaultError) -> Bool {
        switch meter.spendOne(at: open.leases.clock.now, calendar: now(open.session)) {
        case .spent(let soon):
            if soon { open.leases.leaseSoon(meter) }
            return true
        case .leaseNeeded: return false
        case .refused(let outcome):
            trail.limited(requester, Caller(entry))
            var wait: Int64?
            if case .rateLimited(let milliseconds) = outcome { wait = milliseconds }
            throw VaultError(
                .rateLimited,
                "this access key's limit of \(entry.stored.allowance?.limits.description ?? "uses") is spent",
                retryAfter: wait.map { Int(($0 + 999) / 1000) })
        }
    }
}

extension Caller {
    /// The holder of an access key.
    init(_ entry: IssuedEntry) {
        self.init(
            kind: .accessKey, id: entry.stored.id, name: entry.stored.name, policies: entry.stored.scopes,
            lineage: entry.stored.lineage)
    }
}
