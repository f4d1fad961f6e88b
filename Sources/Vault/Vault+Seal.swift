internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
package import SecretMemory
internal import Storage

extension Vault {
    // MARK: Unseal

    /// Opens the vault with a passphrase or a recovery code.
    ///
    /// - Parameters:
    ///   - passphrase: raw bytes; one final newline is left out, nothing else is changed. A recovery code is known by
    ///     its form and names its own slot.
    ///   - slot: the slot to open; nil: 0, or the one that the recovery code names. Others are never tried.
    ///   - acceptDamage: open read-only though the store, or the audit log beside it, is damaged.
    ///   - acceptLog: go on with the audit log that is there, though it is not the one that the store knows.
    /// - Throws: ``VaultError``: `wrong_passphrase`, `slow_down`, `slot_damaged`, `store_damaged` with what is damaged
    ///   in `lines`, `already_unsealed`, `uninitialized`.
    package func unseal(
        _ requester: Requester, passphrase: consuming SecretBytes, slot: Int?, acceptDamage: Bool,
        acceptLog: Bool = false
    ) async throws(VaultError) -> UnsealReport {
        var draft = AuditDraft(attempt: "unseal", requester)
        do throws(VaultError) {
            try checkSealed()
            let opened = try await openSlot(requester, passphrase, slot)
            try await awaitEnding()
            var (open, report, log) = try open(
                opened.root, opened.slot, acceptDamage: acceptDamage, acceptLog: acceptLog)
            draft.generation = open.session.core.head.generation
            // Nobody is served before the log says that the vault was opened.
            do throws(VaultError) {
                let acceptance = acceptLog ? try await acceptance(log, open) : nil
                report.damage += acceptance?.damage.filter { !report.damage.contains($0) } ?? []
                let entry = try auditUnseal(draft, report, log, acceptance)
                if let acceptance, let entry {
                    let accepted = acceptance.accepted(
                        by: entry, at: environment.now(), slot: UInt32(opened.slot.number))
                    open.session.update { $0.core.head.accepted = accepted }
                }
                if log?.problem == LogComparison.putBack, !report.readOnly { try await restoreRotations(open) }
            } catch {
                open.committer.abandon()
                throw error
            }
            guard begin(open, from: .sealed) else {
                open.committer.abandon()
                throw VaultError(.alreadyUnsealed, "the vault is unsealed already")
            }
            openUsage(open)
            open.rotations.resume()
            rotationSignal.send()
            if report.policiesChanged { await rememberPolicies() }
            await makeCheckpointKey(open)
            // The head covers the log from here on; what could not be sealed now is sealed within a second.
            try? await open.committer.sealHead()
            return report
        } catch {
            try trail.attemptRefused(draft, requester, code: error.code)
            throw error
        }
    }

    /// A vault that was made before there were checkpoints gets its key for them. What fails now is tried at the next unseal.
    private func makeCheckpointKey(_ open: Open) async {
        guard !open.session.readOnly, open.session.core.checkpoint == nil else { return }
        try? await open.committer.commit(AuditDraft(system: "make_checkpoint_key")) { (staging) throws(VaultError) in
            try staging.makeCheckpointKey()
        }
    }

    /// A change of the policy files is reported once. What cannot be written now is reported again.
    private func rememberPolicies() async {
        guard let open = try? opened() else { return }
        try? await seal(digestOf: loadedPolicies, open)
    }

    /// - Returns: the entry that says that an operator went on with the log as it is.
    private func auditUnseal(
        _ draft: AuditDraft, _ report: UnsealReport, _ log: LogComparison?, _ acceptance: LogAcceptance?
    ) throws(VaultError) -> AuditHead? {
        var entry: AuditHead?
        try trail.sealing(draft, code: nil)
        if report.readOnly {
            trail.event(.damageAccepted, code: .storeDamaged, detail: log?.problem)
        } else if let log {
            if let acceptance { entry = try trail.accepted(draft, problem: acceptance.problem) }
            try trail.aborted(log.uncommitted, isOperators: draft.isOperators)
        }
        if report.policiesChanged { trail.event(.policiesChanged, digest: loadedPolicies.digest) }
        return entry
    }

    /// What a root key opens, before anybody is served from it.
    private func open(
        _ root: RootKey, _ slot: Slot, acceptDamage: Bool, acceptLog: Bool
    ) throws(VaultError) -> (Open, UnsealReport, LogComparison?) {
        let limits = LimitsBefore(now: environment.now(), steady: environment.steady, usedUntil: lastOpen)
        opening.begin(slot: slot.number)
        defer { opening.end() }
        var found = try Unsealing(
            store: environment.store, vaultID: slot.header.vault, root: root, limits: limits, progress: opening
        ).run()
        let log = try environment.auditLog.map { (log) throws(VaultError) in
            try LogComparison(
                log, head: found.guarded.core.head, begun: hasBeenOpen ? nil : logBefore,
                end: environment.audit.head.sequence)
        }
        let logDamage = log?.damage ?? []
        if !acceptDamage {
            try Self.refuseDamage(found.damage + logDamage, inStore: true, unless: found.damage.isEmpty)
            try Self.refuseDamage(logDamage, inStore: false, unless: logDamage.isEmpty || acceptLog)
        }
        let readOnly = !found.damage.isEmpty || !logDamage.isEmpty && !acceptLog
        found.guarded.core.head.intents += log?.intents ?? 0
        if !found.consumersAreComplete { found.guarded.index.doubtConsumers(at: found.guarded.core.head.timeMark) }
        let open = open(found.guarded, vaultID: slot.header.vault, readOnly: readOnly, clock: found.clock)
        let changed = found.guarded.core.head.policyDigest != loadedPolicies.digest
        let report = UnsealReport(
            keys: open.session.read { $0.index.keys.count }, readOnly: readOnly,
            policiesChanged: changed, damage: found.damage + logDamage)
        return (open, report, log)
    }

    private static func refuseDamage(
        _ damage: [String], inStore: Bool, unless isAccepted: Bool
    ) throws(VaultError) {
        guard !isAccepted else { return }
        throw VaultError(
            .storeDamaged,
            inStore
                ? "the store is damaged in \(damage.count) place(s) and stays sealed; `--accept-damage` opens it read-only"
                : "the audit log and the store do not belong together, and the vault stays sealed; put the right ones in place, go on with this log by `--accept-log`, or read only by `--accept-damage`",
            lines: Array(damage.prefix(100)))
    }

    func open(_ guarded: Session.Guarded, vaultID: VaultID, readOnly: Bool, clock: LimitClock) -> Open {
        let gone = Ending()
        let since = guarded.core.head.clocks(wall: environment.now()).rotation
        let session = Session(vaultID: vaultID, readOnly: readOnly, guarded: guarded, since: since) { [weak self] in
            self?.sessionEnded()
            gone.signal()
        }
        let children = children(session)
        let committer = Committer(
            session: session, children: children, trail: trail, log: environment.auditLog,
            now: environment.now, random: environment.random, counters: counters, rotators: rotators, waiting: waiting,
            committed: { [rotationSignal] in rotationSignal.send() })
        return Open(
            session: session, committer: committer, gone: gone, leases: LeaseDesk(clock: clock, committer: committer),
            rotations: RotationDesk(
                session: session, committer: committer, children: children, rotators: rotators,
                around: rotationSurroundings),
            children: children)
    }

    private func checkSealed() throws(VaultError) {
        switch status().state {
        case .uninitialized:
            throw VaultError(.uninitialized, "there is no vault yet; an operator makes one with `keyturn init`")
        case .unsealed: throw VaultError(.alreadyUnsealed, "the vault is unsealed already")
        case .sealed: return
        }
    }

    /// Derives from a passphrase and opens the slot with it.
    func openSlot(
        _ requester: Requester, _ passphrase: consuming SecretBytes, _ asked: Int?
    ) async throws(VaultError) -> (root: RootKey, slot: Slot, key: SlotKey) {
        let fromOperator = requester.door == .operatorSocket
        if !fromOperator { try backoff.check(at: environment.now()) }
        let entered = try Entered(passphrase)
        let slot = try storedSlot(asked ?? entered.slot ?? 0)
        let (limits, available) = (environment.costLimits, environment.availableKiB)
        let (backoff, now, counters) = (backoff, environment.now, counters)
        let result: Result<(root: RootKey, key: SlotKey), VaultError>
        do throws(SealingError) {
            result = try await gate.run(requester.door.lane) { () throws(SealingError) in
                do throws(VaultError) {
                    // Those who waited together with a wrong guess have to wait after it as well.
                    if !fromOperator { try backoff.check(at: now()) }
                } catch { return .failure(error) }
                let began = ContinuousClock.now
                defer { counters.derived(began.duration(to: .now).microseconds) }
                do throws(SealingError) {
                    return .success(try slot.open(entered.bytes, limits: limits, availableKiB: available))
                } catch {
                    if error == .wrongPassphrase, !fromOperator { backoff.failed(at: now()) }
                    throw error
                }
            }
        } catch {
            throw VaultError(slot: error, Int(slot.number))
        }
        let opened = try result.get()
        if !fromOperator { backoff.succeeded() }
        return (opened.root, slot, opened.key)
    }

    private func storedSlot(_ number: Int) throws(VaultError) -> Slot {
        let number = try slotNumber(number)
        let bytes: [UInt8]?
        do throws(StorageError) { bytes = try environment.store.read(RecordKey(.slot, .slot(number))) } catch {
            throw VaultError(storage: error)
        }
        guard let bytes else {
            throw VaultError(.invalidField, "there is no key slot \(number)", field: "slot")
        }
        do throws(SealingError) { return try Slot(decoding: bytes) } catch {
            throw VaultError(slot: error, Int(number))
        }
    }

    // MARK: Seal

    /// Forgets every key; returns when none is left in memory.
    ///
    /// The operator's socket suffices; anybody else needs `operate`. Closing is never refused for want of an audit log:
    /// the vault seals, and then the error says what could not be written.
    package func seal(_ requester: Requester) async throws(VaultError) {
        let unaudited = try await prepareSeal(requester)
        try await sealNow()
        if let unaudited { throw unaudited }
    }

    /// All of sealing that needs the session, so that nothing holds it afterwards.
    ///
    /// - Returns: why the seal could not be audited; nil where it was.
    private func prepareSeal(_ requester: Requester) async throws(VaultError) -> VaultError? {
        var admitted = try admit(requester, .operate, .vault, as: "seal")
        await settle(admitted.open)
        trail.flushStrangers()
        admitted.draft.generation = admitted.session.core.head.generation
        do throws(VaultError) { try trail.sealing(admitted.draft, code: nil) } catch {
            return VaultError(
                .auditUnavailable, "the vault is sealed, but the audit log does not say so: \(error.detail)")
        }
        return nil
    }

    /// Seals as the process ends. What cannot be written any more does not keep the keys in memory.
    package func sealAtEnd() async {
        await prepareEnd()
        try? await sealNow()
    }

    private func prepareEnd() async {
        guard let open = try? opened() else { return }
        await settle(open)
        trail.drainStrangers()
        var draft = AuditDraft(system: "seal")
        draft.generation = open.session.core.head.generation
        try? trail.sealing(draft, code: nil)
    }

    /// Saves what was counted and gives back what was leased ahead, but does not wait for a store that hangs: the log has
    /// the one, and the other is forfeited.
    private func settle(_ open: Open) async {
        let settled = Ending()
        Task {
            await self.saveUsageAtEnd(open)
            await open.leases.settleAll()
            settled.signal()
        }
        _ = await settled.wait(milliseconds: environment.sealPatience)
    }

    /// Saves what was counted, unless that would have to wait for another commit, which may hang: the log has it.
    private func saveUsageAtEnd(_ open: Open) async {
        if open.committer.isIdle { try? await saveUsage(open) }
    }

    private func sealNow() async throws(VaultError) {
        guard let gone = end(sealsHead: true) else { return }
        guard await gone.wait(milliseconds: environment.sealPatience) else {
            throw VaultError(
                .internal, "the vault is sealed, but a request still holds its keys in memory; they go when it ends")
        }
    }
}

/// What an operator entered: a passphrase, or a recovery code, which names its slot.
final class Entered: Sendable {
    let slot: Int?
    let bytes: SecretBytes

    /// A passphrase that somebody chooses: it must not be taken for a recovery code later.
    convenience init(choosing raw: consuming SecretBytes) throws(VaultError) {
        try self.init(raw)
        guard slot == nil else {
            throw VaultError(
                .invalidField, "choose a passphrase that does not look like a recovery code", field: "passphrase")
        }
    }

    init(_ raw: consuming SecretBytes) throws(VaultError) {
        do throws(SealingError) {
            if raw.withBytes({ RecoveryCode.looksLikeOne($0) }) {
                let code = try raw.withBytes { (bytes) throws(SealingError) in try RecoveryCode(parsing: bytes) }
                slot = Int(code.slot)
                bytes = try code.takeText()
            } else {
                slot = nil
                bytes = try raw.withBytes { (bytes) throws(SealingError) in try Passphrase.normalised(bytes) }
            }
        } catch {
            throw VaultError(.invalidField, "\(error)", field: "passphrase")
        }
    }
}

extension VaultError {
    init(slot error: SealingError, _ number: Int) {
        switch error {
        case .wrongPassphrase:
            self.init(.wrongPassphrase, "this is not the passphrase of key slot \(number)")
        case .tooManyDerivations, .derivationCancelled:
            self.init(.overloaded, "\(error)", retryAfter: 5)
        case .costsRefused, .notEnoughMemory:
            self.init(.slotDamaged, "key slot \(number) cannot be opened here: \(error)", field: "slot")
        default:
            self.init(.slotDamaged, "key slot \(number) is damaged: \(error)", field: "slot")
        }
    }
}
