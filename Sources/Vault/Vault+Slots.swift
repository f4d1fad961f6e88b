internal import Audit
internal import Policy
package import SecretMemory
internal import Sealing
internal import Storage

extension Vault {
    /// Gives leave to change how the vault is opened, for the passphrase of one of its slots.
    ///
    /// - Returns: a token that is good once and for five minutes.
    package func authorizeSealing(
        _ requester: Requester, passphrase: consuming SecretBytes, slot: Int?
    ) async throws(VaultError) -> SealAuthorization {
        let admitted = try admitAdministrator(requester, "authorize_sealing")
        do throws(VaultError) {
            let opened = try await openSlot(requester, passphrase, slot)
            guard opened.root == admitted.session.core.root else {
                throw VaultError(.slotDamaged, "key slot \(opened.slot.number) does not open this vault's root key")
            }
            let token = WipedBytes(utf8: hexadecimal(environment.random.bytes(32)))
            let expires = now(admitted.session) + Ceremonies.leaveLasts
            ceremonies.give(
                Ceremonies.Leave(slot: opened.slot, key: opened.key, expires: expires),
                digest: admitted.session.keyring.hash(token))
            // What is given after the vault was sealed would stay in memory: one of the two takes it away.
            guard isOpen(admitted.session) else {
                ceremonies.clear()
                throw VaultError.sealed()
            }
            try trail.sealing(admitted.draft, code: nil)
            return SealAuthorization(token: token, slot: Int(opened.slot.number), expires: expires)
        } catch {
            try trail.sealing(admitted.draft, code: error.code)
            throw error
        }
    }

    /// The key slots.
    package func slots(_ requester: Requester) throws(VaultError) -> [SlotDescription] {
        var admitted = try admitAdministrator(requester, "list_slots")
        return try audited(&admitted) { (admitted) throws(VaultError) in
            admitted.session.core.slots.values.sorted { $0.number < $1.number }.map(SlotDescription.init)
        }
    }

    /// Adds a slot for another passphrase, or changes the passphrase of one.
    ///
    /// - Parameters:
    ///   - number: 0 to 7.
    ///   - replace: whether the slot is one that is there; otherwise it has to be free.
    ///   - costs: of Argon2id; usual are those of the slot that is replaced, else of the one that gave leave.
    package func putSlot(
        _ requester: Requester, number: Int, passphrase: consuming SecretBytes, replace: Bool,
        authorization: WipedBytes, costs: RequestedCosts = RequestedCosts()
    ) async throws(VaultError) -> SlotDescription {
        let admitted = try admitAdministrator(requester, replace ? "change_slot" : "add_slot")
        let entered: Entered
        do throws(VaultError) { entered = try Entered(choosing: passphrase) } catch {
            try trail.answered(admitted.draft, code: error.code)
            throw error
        }
        return try await put(
            number, .passphrase, entered, replace: replace, costs, admitted, authorization, requester.door.lane)
    }

    /// Puts a new recovery code into a slot: the one of the old code, or a free one. Usual costs are those of the old
    /// code, else of the slot that gave leave.
    package func newRecoveryCode(
        _ requester: Requester, number: Int, authorization: WipedBytes, costs: RequestedCosts = RequestedCosts()
    ) async throws(VaultError) -> WipedBytes {
        let admitted = try admitAdministrator(requester, "new_recovery_code")
        let slot = try checked(admitted) { () throws(VaultError) in
            let slot = try slotNumber(number)
            if let there = admitted.session.core.slots[slot], there.header.kind != .recovery {
                throw VaultError(.conflict, "key slot \(number) belongs to a passphrase; choose another", field: "slot")
            }
            return slot
        }
        let code = try newRecoveryCode(slot: slot)
        let text = code.wiped()
        _ = try await put(
            number, .recovery, try Entered(code), replace: nil, costs, admitted, authorization, requester.door.lane)
        return text
    }

    /// Removes a slot; never the last.
    package func removeSlot(
        _ requester: Requester, number: Int, authorization: WipedBytes
    ) async throws(VaultError) {
        let admitted = try admitAdministrator(requester, "remove_slot")
        let slot = try checked(admitted) { () throws(VaultError) in try slotNumber(number) }
        let leave = try spend(authorization, admitted)
        try await changing(admitted, erases: true) { (staging) throws(VaultError) in
            try staging.check(leave)
            guard staging.slots[slot] != nil else {
                throw VaultError(.notFound, "there is no key slot \(number)", field: "slot")
            }
            guard staging.slots.count > 1 else {
                throw VaultError(.conflict, "this is the last key slot: without it nobody could open the vault")
            }
            staging.removeSlot(slot)
            staging.erasesTraces = true
        }
    }

    /// Replaces a lost first access key: the operator's socket together with a passphrase.
    package func recoverAccess(
        _ requester: Requester, passphrase: consuming SecretBytes, slot: Int?
    ) async throws(VaultError) -> MintedAccessKey {
        let draft = AuditDraft(attempt: "recover_access", requester)
        let open: Open
        do throws(VaultError) {
            open = try opened()
            guard requester.door == .operatorSocket else {
                throw VaultError(.refused, "access is recovered through the operator's socket alone")
            }
            let root = try await openSlot(requester, passphrase, slot).root
            guard root == open.session.core.root else {
                throw VaultError(.slotDamaged, "the slot does not open this vault's root key")
            }
        } catch {
            try trail.attemptRefused(draft, requester, code: error.code)
            throw error
        }
        return try await open.committer.commit(draft) { (staging) throws(VaultError) in
            try staging.mint(
                AccessKeyRequest(
                    name: "recovered administrator", description: "made by an operator with a passphrase",
                    policies: ["administrator"]), by: "keyturn:recover-access")
        }
    }

    // MARK: Parts

    private func admitAdministrator(_ requester: Requester, _ action: AuditToken) throws(VaultError) -> Admitted {
        try admit(requester, .administer, .vault, as: action)
    }

    /// Spends a leave, and says so in the log where it is none.
    func spend(_ token: WipedBytes, _ admitted: Admitted) throws(VaultError) -> Ceremonies.Leave {
        do throws(VaultError) {
            let leave = try ceremonies.spend(digest: admitted.session.keyring.hash(token), at: admitted.now)
            guard admitted.session.core.slots[leave.slot]?.mark == leave.mark else { throw Ceremonies.noLeave }
            return leave
        } catch {
            try trail.refused(admitted.draft, code: error.code)
            throw error
        }
    }

    func slotNumber(_ number: Int) throws(VaultError) -> UInt8 {
        guard let slot = UInt8(exactly: number), slot < Slot.limit else {
            throw VaultError(.invalidField, "a slot's number is 0 to \(Slot.limit - 1)", field: "slot")
        }
        return slot
    }

    /// Makes a slot and puts it in place; `replace` nil: whether or not one is there.
    private func put(
        _ number: Int, _ kind: SlotKind, _ entered: Entered, replace: Bool?, _ requested: RequestedCosts,
        _ admitted: Admitted, _ authorization: WipedBytes, _ lane: DerivationLane
    ) async throws(VaultError) -> SlotDescription {
        let (number, there) = try checked(admitted) { () throws(VaultError) in
            let number = try slotNumber(number)
            let there = admitted.session.core.slots[number] != nil
            if let replace, replace != there {
                throw VaultError(
                    replace ? .notFound : .alreadyExists,
                    replace
                        ? "there is no key slot \(number)"
                        : "key slot \(number) is in use; choose another, or change it",
                    field: "slot")
            }
            return (number, there)
        }
        let leave = try spend(authorization, admitted)
        let slots = admitted.session.core.slots
        let usual = (slots[number] ?? slots[leave.slot])?.header.costs ?? environment.defaultCosts
        let draft: SlotDraft
        do throws(VaultError) {
            draft = try await deriveSlot(
                number, kind, entered, admitted.session.core.root, admitted.session.vaultID,
                try await costs(requested, usual: usual, lane), lane)
        } catch {
            try trail.answered(admitted.draft, code: error.code)
            throw error
        }
        return try await changing(admitted, erases: there) { (staging) throws(VaultError) in
            try staging.check(leave)
            if let replace, replace != (staging.slots[number] != nil) {
                throw VaultError(.conflict, "key slot \(number) changed meanwhile", field: "slot")
            }
            let slot = draft.slot(staging)
            staging.erasesTraces = staging.erasesTraces || staging.slots[number] != nil
            staging.putSlot(slot)
            return SlotDescription(slot)
        }
    }
}

extension Staging {
    /// Whether the slot that gave leave is still the one that was opened.
    func check(_ leave: Ceremonies.Leave) throws(VaultError) {
        guard slots[leave.slot]?.mark == leave.mark else { throw Ceremonies.noLeave }
    }
}

extension SlotDescription {
    init(_ slot: Slot) {
        self.init(
            number: Int(slot.number), kind: slot.header.kind == .recovery ? "recovery" : "passphrase",
            memoryKiB: Int(slot.header.costs.memoryKiB), iterations: Int(slot.header.costs.iterations),
            parallelism: Int(slot.header.costs.parallelism))
    }
}

/// Whether both are the same root key, in constant time.
func == (left: RootKey, right: RootKey) -> Bool {
    left.withBytes { a in right.withBytes { b in constantTimeEqual(a, b) } }
}
