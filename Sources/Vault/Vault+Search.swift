internal import Audit
internal import Policy
internal import SecretMemory

extension Vault {
    /// Looks in the audit log: the newest entries first, or, behind `after`, the oldest.
    ///
    /// A search that takes long gives what it has and says where to go on. It holds nothing of the open vault while it
    /// reads.
    ///
    /// - Throws: ``VaultError``: `refused` without the action `audit`, `invalid_field`, `overloaded`,
    ///   `audit_unavailable`.
    package func searchAudit(_ requester: Requester, _ query: AuditQuery) async throws(VaultError) -> AuditLines {
        let searching = try beginSearch(requester, query, as: nil)
        let found: AuditPage
        do throws(VaultError) { found = try await page(searching) } catch {
            try trail.answered(searching.draft, code: error.code)
            throw error
        }
        try trail.answered(searching.draft, code: nil)
        return AuditLines(found)
    }

    /// Looks for entries behind `after`, and waits for some where there are none yet.
    ///
    /// Calls that follow the log are entries, too; they come along with others, and end the waiting of nobody.
    ///
    /// - Parameters:
    ///   - latest: when the waiting ends.
    ///   - pause: waits a moment without holding a thread; false: waiting is over.
    /// - Throws: ``VaultError``, as ``searchAudit(_:_:)``; `unauthorized` or `refused`, too, where the caller lost what it
    ///   needs while it waited, and `sealed`.
    package func followAudit(
        _ requester: Requester, _ query: AuditQuery, until latest: ContinuousClock.Instant,
        pause: @Sendable () async -> Bool
    ) async throws(VaultError) -> AuditLines {
        var (query, end) = (query, latest)
        query.after = query.after ?? environment.audit.head.sequence
        query.before = nil
        var searching = try beginSearch(requester, query, as: Self.following)
        guard waitsForAudit.enter() else {
            let error = VaultError(.overloaded, "too many wait for entries already", retryAfter: 5)
            try trail.answered(searching.draft, code: error.code)
            throw error
        }
        defer { waitsForAudit.leave() }
        do throws(VaultError) {
            var seen = searching.filter.after ?? 0
            while true {
                let head = environment.audit.head.sequence
                let isOver = ContinuousClock.now >= end
                if head > seen || isOver {
                    let found = try await page(searching)
                    let isNews = found.records.contains { $0.action != Self.following.text }
                    if isNews || isOver || found.hasMore && !found.records.isEmpty {
                        try trail.answered(searching.draft, code: nil)
                        return AuditLines(found)
                    }
                    // What is there of those who follow is given with the next news.
                    if found.records.isEmpty { searching.filter.after = found.after }
                    if found.hasMore { continue }
                    seen = head
                }
                if await !pause() { end = .now }
                searching.key = try stillAdmitted(requester, searching)
            }
        } catch {
            try trail.answered(searching.draft, code: error.code)
            throw error
        }
    }

    /// Takes the index of the audit log further, on a thread of its own. To be called every second or so.
    package func maintainAuditIndex() {
        guard let archive = environment.auditLog?.archive, let open = try? opened(), let key = Self.indexKey(open)
        else {
            return
        }
        let health = environment.audit.health
        let hasSpace = health.failure == nil && health.reserve >= health.fullReserve
        archive.maintain(through: health.written.sequence, key: key, mayWrite: hasSpace)
    }

    // MARK: The steps

    /// The action of calls that wait for entries, as the log has it.
    static let following: AuditToken = "follow_audit"

    /// A search that is permitted, without anything of the open vault.
    private struct Searching {
        var caller: Caller
        var filter: AuditFilter
        var draft: AuditDraft
        var key: AuditIndexKey
        var archive: AuditArchive
    }

    private func beginSearch(
        _ requester: Requester, _ query: AuditQuery, as name: AuditToken?
    ) throws(VaultError) -> Searching {
        var admitted = try admit(requester, .audit, .vault, as: name)
        let known = admitted
        let filter = try checked(known) { () throws(VaultError) in try query.filter() }
        // What was searched for says who is curious about what.
        admitted.draft.key = query.key ?? query.prefix
        let asked = admitted
        return try checked(asked) { () throws(VaultError) in
            guard let archive = environment.auditLog?.archive, let key = Self.indexKey(asked.open) else {
                throw VaultError(.auditUnavailable, "this vault has no audit log that could be searched")
            }
            return Searching(caller: asked.caller, filter: filter, draft: asked.draft, key: key, archive: archive)
        }
    }

    private func page(_ searching: Searching) async throws(VaultError) -> AuditPage {
        let head = environment.audit.head.sequence
        do throws(AuditArchive.Failure) {
            var page = try await searching.archive.search(searching.filter, through: head, key: searching.key)
            if searching.filter.after == nil { page.after = head }
            return page
        } catch {
            switch error {
            case .overloaded:
                throw VaultError(.overloaded, "too many searches wait already; try again", retryAfter: 1)
            case .audit(let error): throw VaultError(.auditUnavailable, "the audit log cannot be read: \(error)")
            }
        }
    }

    /// Whether somebody who waited may still have what comes; asked again without a new request being counted.
    private func stillAdmitted(_ requester: Requester, _ searching: Searching) throws(VaultError) -> AuditIndexKey {
        let open = try opened()
        let set = loadedPolicies.set
        var caller = searching.caller
        if caller.kind == .accessKey {
            guard let entry = open.session.issued(caller.id),
                [.active, .rolled].contains(entry.state(at: now(open.session)))
            else {
                throw VaultError(.unauthorized, "the access key is no longer in force")
            }
        } else {
            caller = try authenticate(requester, open.session, set, now: now(open.session))
        }
        guard set.decide(caller.policies, .audit, .vault).allowed else {
            throw VaultError(.refused, "the caller may no longer read the audit log", missingAction: "audit")
        }
        guard let key = Self.indexKey(open) else { throw .sealed() }
        return key
    }

    /// What authenticates index files; the vault alone can derive it, while it is unsealed.
    private static func indexKey(_ open: Open) -> AuditIndexKey? {
        AuditIndexKey(open.session.keyring.hash(WipedBytes(utf8: "keyturn audit index")))
    }
}

extension AuditLines {
    init(_ page: AuditPage) {
        self.init(
            lines: page.records.map(\.line), before: page.next, after: page.after, hasMore: page.hasMore,
            unreadable: page.unreadable)
    }
}
