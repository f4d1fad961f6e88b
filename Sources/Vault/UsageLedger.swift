internal import Audit
internal import Synchronization
internal import Usage

/// The counters of the vault while it is unsealed. Lines that are written while it is sealed are counted at the next
/// unseal, from the log.
final class UsageLedger: Sendable {
    private struct State {
        var book: UsageBook?
        var totals = Totals()
    }

    /// Lines since the process began, whether the vault was sealed or not. Both sets of words are closed.
    struct Totals {
        var allowed: UInt64 = 0
        var refused: UInt64 = 0
        var failed: UInt64 = 0
        var unknown: UInt64 = 0
        var verifications: [String: UInt64] = [:]
    }

    private let state = Mutex(State())

    var sinceStart: Totals { state.withLock { $0.totals } }

    /// Counts a line that has been written. Called for each, and once: this is on the way of every reply.
    ///
    /// - Parameter lineage: the line of the caller's access key.
    func count(_ entry: AuditEntry, lineage: String, line sequence: UInt64) {
        let event = UsageEvent(entry, lineage: lineage)
        state.withLock { state in
            state.totals.add(entry.outcome, event?.act)
            if let event { state.book?.count(event, line: sequence) } else { state.book?.pass(line: sequence) }
        }
    }

    /// A line, as far as it is counted once it has been written. An object: it waits for that.
    final class Line: Sendable {
        fileprivate let outcome: AuditEntry.Outcome
        fileprivate let event: UsageEvent?

        /// - Parameter lineage: the line of the caller's access key.
        init(_ entry: AuditEntry, lineage: String) {
            outcome = entry.outcome
            event = UsageEvent(entry, lineage: lineage)
        }
    }

    /// Counts lines that were written together, as ``count(_:lineage:line:)`` would one after the other.
    func count(_ lines: [(line: Line, sequence: UInt64)]) {
        let events = lines.map { (event: $0.line.event, line: $0.sequence) }
        state.withLock { state in
            for counted in lines { state.totals.add(counted.line.outcome, counted.line.event?.act) }
            state.book?.count(events)
        }
    }

    /// Begins with what was counted before.
    ///
    /// - Parameter catchUp: counts the lines that have been written meanwhile.
    func open(_ saved: consuming UsageBook, _ catchUp: (inout UsageBook) -> Void) {
        var begun = saved
        state.withLock { state in
            catchUp(&begun)
            state.book = begun
        }
    }

    /// Forgets everything.
    func close() { state.withLock { $0.book = nil } }

    /// What was counted since it was last taken; nil: nothing, or the vault is sealed.
    func takeChanges() -> UsageBook.Changes? {
        state.withLock { state in
            guard state.book?.isDirty == true else { return nil }
            return state.book?.takeChanges()
        }
    }

    /// What could not be saved is to be taken the next time.
    func takeBack(_ changes: UsageBook.Changes) {
        let numbers = changes.numbers
        state.withLock { $0.book?.takeBack(numbers) }
    }

    /// What was counted up to now; nil while sealed. A look at all of it takes time: counting goes on meanwhile.
    func read<R>(_ body: (UsageBook) -> R) -> R? { state.withLock { $0.book }.map(body) }
}

extension UsageLedger.Totals {
    /// The most different codes; there are nine.
    private static let codes = 32

    fileprivate mutating func add(_ outcome: AuditEntry.Outcome, _ act: UsageEvent.Act?) {
        switch outcome {
        case .allowed: allowed += 1
        case .refused: refused += 1
        case .failed: failed += 1
        case .unknown: unknown += 1
        }
        guard case .verification(let code) = act, verifications[code] != nil || verifications.count < Self.codes
        else { return }
        verifications[code, default: 0] += 1
    }
}

extension UsageEvent {
    /// What a line counts; nil: nothing.
    init?(_ entry: AuditEntry, lineage: String) {
        let caller: Caller? =
            switch entry.caller {
            case .stranger, .system: nil
            case .accessKey(let id, let name):
                Caller(UsageSubject(.accessKey, lineage.isEmpty ? id : lineage), name: name)
            case .unixUser(let id, let name): Caller(UsageSubject(.unixUser, String(id)), name: name)
            case .certificate(let id, let name): Caller(UsageSubject(.certificate, id), name: name)
            }
        let presented: String? = if case .accessKey(let id, _) = entry.caller { id } else { nil }
        self.init(
            time: entry.time, isAllowed: entry.outcome == .allowed, action: entry.action.text, key: entry.key,
            issuer: entry.issuer, issuedKey: entry.issuedKey, code: entry.code?.text, detail: entry.detail?.text,
            caller: caller, presented: presented, isSystem: entry.caller == .system, times: entry.count)
    }

    /// The same of a line that was read back.
    ///
    /// - Parameter lineage: gives the line of an access key by its id.
    init?(_ record: AuditRecord, lineage: (String) -> String?) {
        var caller: Caller?
        var presented: String?
        let name = record.callerName ?? ""
        if let id = record.caller {
            switch record.callerKind {
            case "access_key":
                caller = Caller(UsageSubject(.accessKey, lineage(id) ?? id), name: name)
                presented = id
            case "unix_user": caller = Caller(UsageSubject(.unixUser, id), name: name)
            case "certificate": caller = Caller(UsageSubject(.certificate, id), name: name)
            default: break
            }
        }
        self.init(
            time: record.time, isAllowed: record.outcome == "allowed", action: record.action, key: record.key,
            issuer: record.issuer, issuedKey: record.issuedKey, code: record.code, detail: record.detail,
            caller: caller, presented: presented, isSystem: record.callerKind == "system", times: record.count)
    }

    private init?(
        time: Int64, isAllowed: Bool, action: String, key: String?, issuer: String?, issuedKey: String?,
        code: String?, detail: String?, caller: Caller?, presented: String?, isSystem: Bool, times: UInt64?
    ) {
        // Keyturn's own upkeep would otherwise be counted, saved, and counted again, for ever.
        if isSystem, key == nil, issuedKey == nil { return nil }
        let isVerification = isAllowed && action == "verify" && detail != nil
        let act: Act =
            switch (isAllowed, action) {
            case (false, _): .refusal(code ?? CodeNames.unknown)
            case (true, "retrieve"): .read
            case (true, "verify"): detail.map { .verification($0) } ?? .action
            default: .action
            }
        self.init(
            time: time, act, key: CodeNames.asks(action) ? nil : key, caller: caller, presented: presented,
            verified: isVerification ? issuedKey : nil, issuer: isVerification ? issuer : nil,
            times: UInt32(clamping: times ?? 1))
    }
}

/// Words of this file.
private enum CodeNames {
    /// Actions whose line names what was looked for, which need not be a key.
    static func asks(_ action: String) -> Bool { action == "list" || action == "audit" || action == "follow_audit" }
    /// A refusal whose line has no code.
    static let unknown = "unknown"
}
