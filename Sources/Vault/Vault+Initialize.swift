internal import Audit
internal import FoundationEssentials
internal import IssuedKeys
internal import Policy
internal import Sealing
package import SecretMemory
internal import Storage

/// A vault that is not stored yet.
struct NewVault: Sendable {
    var id: VaultID
    var root: RootKey
    var keyring: Keyring
    var slots: [SlotDraft]
}

/// A slot whose key has been derived; the commit that writes it wraps the root key.
struct SlotDraft: Sendable {
    var number: UInt8
    var kind: SlotKind
    var key: SlotKey

    func slot(_ staging: Staging) -> Slot {
        key.wrap(
            staging.root, number: number, kind: kind, vault: staging.vaultID, generation: staging.generation,
            random: staging.random)
    }
}

extension Vault {
    /// Makes a vault: root key, keyring, a slot for the passphrase and one for a recovery code.
    ///
    /// - Parameters:
    ///   - passphrase: 1 to 1,024 bytes; one final newline is left out.
    ///   - token: the one-time token, where the request does not come through the operator's socket.
    ///   - acceptRecoveryCode: store at once; otherwise nothing is stored until the code has been typed back.
    ///   - costs: what an operator wants Argon2id to cost; refused outside the accepted range.
    /// - Throws: ``VaultError``: `refused` without authority, `already_initialized`, `invalid_field`.
    package func initialize(
        _ requester: Requester, passphrase: consuming SecretBytes, token: WipedBytes?, acceptRecoveryCode: Bool,
        costs: RequestedCosts
    ) async throws(VaultError) -> Initialization {
        let draft = AuditDraft(attempt: "initialize", requester)
        let (code, newborn): (WipedBytes, NewVault)
        do throws(VaultError) {
            try mayInitialize(requester, token)
            (code, newborn) = try await newVault(passphrase, costs: costs, requester.door.lane)
        } catch {
            try trail.attemptRefused(draft, requester, code: error.code)
            throw error
        }
        if acceptRecoveryCode { return .done(recoveryCode: code, accessKey: try await store(newborn, draft)) }
        let waiting = Ceremonies.Newborn(
            id: hexadecimal(environment.random.bytes(16)), recoveryCode: code, material: newborn,
            expires: environment.now() + Ceremonies.initializationLasts)
        try trail.sealing(draft, code: nil)
        ceremonies.begin(waiting)
        return .awaitsRecoveryCode(recoveryCode: code, ceremony: waiting.id)
    }

    /// Stores a vault whose recovery code has been typed back.
    ///
    /// - Returns: the first access key, with the policy `administrator`.
    /// - Throws: ``VaultError``: `no_ceremony`, `wrong_passphrase` where the code is another (it can be typed again).
    package func confirm(
        _ requester: Requester, ceremony: String, recoveryCode: consuming SecretBytes
    ) async throws(VaultError) -> WipedBytes {
        let draft = AuditDraft(attempt: "confirm_initialization", requester)
        let newborn: Ceremonies.Newborn
        do throws(VaultError) {
            try checkUninitialized()
            newborn = try ceremonies.take(newborn: ceremony, at: environment.now())
            let typed = try? recoveryCode.withBytes { (bytes) throws(SealingError) in
                try RecoveryCode(parsing: bytes).wiped()
            }
            guard let typed, typed.withBytes({ a in newborn.recoveryCode.withBytes { constantTimeEqual(a, $0) } })
            else {
                ceremonies.giveBack(newborn)
                throw VaultError(.wrongPassphrase, "this is not the recovery code that was shown; type it again")
            }
        } catch {
            try trail.attemptRefused(draft, requester, code: error.code)
            throw error
        }
        do throws(VaultError) {
            return try await store(newborn.material, draft)
        } catch {
            // What could not be stored now can be confirmed again.
            if status().state == .uninitialized { ceremonies.giveBack(newborn) }
            throw error
        }
    }

    private func checkUninitialized() throws(VaultError) {
        guard status().state == .uninitialized else {
            throw VaultError(.alreadyInitialized, "there is a vault already; `keyturn unseal` opens it")
        }
    }

    private func mayInitialize(_ requester: Requester, _ token: WipedBytes?) throws(VaultError) {
        try checkUninitialized()
        if requester.door == .operatorSocket { return }
        guard let token, let expected = environment.initializationToken,
            token.withBytes({ a in expected.withBytes { constantTimeEqual(a, $0) } })
        else {
            throw VaultError(
                .refused, "a vault is made through the operator's socket, or with the token in the data folder")
        }
    }

    private func newVault(
        _ passphrase: consuming SecretBytes, costs requested: RequestedCosts, _ lane: DerivationLane
    ) async throws(VaultError) -> (WipedBytes, NewVault) {
        let costs = try await costs(requested, usual: environment.defaultCosts, lane)
        let entered = try Entered(choosing: passphrase)
        let id = VaultID.random(from: environment.random)
        let (root, keyring) = try newKeys(id)
        let code = try newRecoveryCode(slot: 1)
        let first = try await deriveSlot(0, .passphrase, entered, root, id, costs, lane)
        let second = try await deriveSlot(1, .recovery, try Entered(try code.duplicate()), root, id, costs, lane)
        return (code.wiped(), NewVault(id: id, root: root, keyring: keyring, slots: [first, second]))
    }

    /// What a derivation is to cost: as asked for, else as measured where that is asked for, else as usual.
    func costs(
        _ requested: RequestedCosts, usual: DerivationCosts, _ lane: DerivationLane
    ) async throws(VaultError) -> DerivationCosts {
        let usual = requested.calibrates ? try await calibratedCosts(lane) : usual
        return DerivationCosts(
            memoryKiB: try cost(requested.memoryKiB, usual.memoryKiB, "memory_kib"),
            iterations: try cost(requested.iterations, usual.iterations, "iterations"),
            parallelism: try cost(requested.parallelism, usual.parallelism, "parallelism"))
    }

    /// Measures one derivation at the default costs, or at what a quarter of the memory allows, and chooses by it.
    private func calibratedCosts(_ lane: DerivationLane) async throws(VaultError) -> DerivationCosts {
        guard let usable = environment.usableKiB() else {
            throw VaultError(.invalidField, "how much memory there is cannot be found out here", field: "calibrate")
        }
        do throws(SealingError) {
            let first = try Calibration.affordableCosts(usableKiB: usable)
            guard first == .standard else { return first }
            let (limits, available, random) = (environment.costLimits, environment.availableKiB, environment.random)
            let took = try await gate.run(lane) { () throws(SealingError) in
                let start = ContinuousClock.now
                let nobody = try RootKey.generate(random: random)
                let text = try RecoveryCode.generate(slot: 0, random: random)
                _ = try Slot.create(
                    0, kind: .recovery, passphrase: text.text, root: nobody, vault: .random(from: random),
                    generation: 0, costs: first, limits: limits, availableKiB: available, random: random)
                return start.duration(to: .now)
            }
            let milliseconds = took.components.seconds * 1000 + took.components.attoseconds / 1_000_000_000_000_000
            return try Calibration.costs(milliseconds: UInt64(milliseconds), usableKiB: usable)
        } catch {
            throw VaultError(.invalidField, "\(error)", field: "calibrate")
        }
    }

    private func cost(_ asked: Int?, _ usual: UInt32, _ name: String) throws(VaultError) -> UInt32 {
        guard let asked else { return usual }
        guard let cost = UInt32(exactly: asked) else {
            throw VaultError(.invalidField, "not a cost that Argon2id can have", field: name)
        }
        return cost
    }

    private func newKeys(_ id: VaultID) throws(VaultError) -> (RootKey, Keyring) {
        let root = try sealingOrThrow { () throws(SealingError) in try RootKey.generate(random: environment.random) }
        let keyring = try sealingOrThrow { () throws(SealingError) in
            try Keyring.generate(vault: id, random: environment.random, now: environment.now())
        }
        return (root, keyring)
    }

    /// A fresh recovery code.
    func newRecoveryCode(slot: UInt8) throws(VaultError) -> SecretBytes {
        try sealingOrThrow { () throws(SealingError) in
            try RecoveryCode.generate(slot: slot, random: environment.random).takeText()
        }
    }

    /// Derives the key of a slot that does not exist yet.
    func deriveSlot(
        _ number: UInt8, _ kind: SlotKind, _ entered: Entered, _ root: RootKey, _ vault: VaultID,
        _ costs: DerivationCosts, _ lane: DerivationLane
    ) async throws(VaultError) -> SlotDraft {
        let (limits, available, random) = (environment.costLimits, environment.availableKiB, environment.random)
        do throws(SealingError) {
            let counters = counters
            let key = try await gate.run(lane) { () throws(SealingError) in
                let began = ContinuousClock.now
                defer { counters.derived(began.duration(to: .now).microseconds) }
                return try Slot.create(
                    number, kind: kind, passphrase: entered.bytes, root: root, vault: vault, generation: 0,
                    costs: costs, limits: limits, availableKiB: available, random: random
                ).key
            }
            return SlotDraft(number: number, kind: kind, key: key)
        } catch {
            if case .costsRefused(let field) = error {
                throw VaultError(
                    .invalidField, "\(error)", field: field == .memory ? "memory_kib" : field.rawValue)
            }
            throw VaultError(slot: error, Int(number))
        }
    }

    /// Puts a new vault into the store, in one batch, and opens it.
    private func store(_ new: NewVault, _ draft: AuditDraft) async throws(VaultError) -> WipedBytes {
        let start = Session.Core(
            root: new.root, keyring: new.keyring, keyringMark: Mark(generation: 0, nonce: Bytes24(), tag: Bytes16()),
            slots: [:], sums: IntegritySums(),
            head: Session.HeadState(
                generation: 0, timeMark: environment.now(), rotationMark: environment.now(),
                policyDigest: loadedPolicies.digest,
                created: environment.now(), audit: .start, intents: 0, bytes: nil))
        let open = open(
            Session.Guarded(index: Index(), core: start), vaultID: new.id, readOnly: false,
            clock: LimitClock(startingAt: environment.now(), environment.steady))
        var named = draft
        named.issuer = AccessKeys.issuer
        let text: WipedBytes
        do throws(VaultError) {
            text = try await open.committer.commit(named) { (staging) throws(VaultError) in
                staging.putKeyring(new.keyring, under: new.root)
                for draft in new.slots { staging.putSlot(draft.slot(staging)) }
                try staging.makeCheckpointKey()
                let request = AccessKeyRequest(
                    name: "first administrator", description: "made when the vault was initialised",
                    policies: ["administrator"])
                return try staging.mint(request, by: "keyturn:initialize").text
            }
        } catch {
            open.committer.abandon()
            // Where another was stored meanwhile, the commit found it.
            try checkUninitialized()
            throw error
        }
        guard begin(open, from: .uninitialized) else {
            open.committer.abandon()
            throw VaultError(.alreadyInitialized, "there is a vault already; `keyturn unseal` opens it")
        }
        openUsage(open)
        rotationSignal.send()
        ceremonies.clear()
        environment.initialized()
        return text
    }
}

extension SecretBytes {
    /// The same bytes where they can be shared, for as long as one answer takes.
    borrowing func wiped() -> WipedBytes { withBytes { WipedBytes(copying: $0) } }

    borrowing func duplicate() throws(VaultError) -> SecretBytes {
        do throws(SecretMemoryError) { return try copy() } catch { throw VaultError(.internal, "\(error)") }
    }
}

extension RecoveryCode {
    borrowing func wiped() -> WipedBytes { text.wiped() }
    borrowing func takeText() throws(SealingError) -> SecretBytes {
        do throws(SecretMemoryError) { return try text.copy() } catch { throw .memory(error) }
    }
}

extension Door {
    /// Where a derivation that was asked for through this door waits its turn.
    var lane: DerivationLane { self == .operatorSocket ? .operatorSocket : .network }
}
