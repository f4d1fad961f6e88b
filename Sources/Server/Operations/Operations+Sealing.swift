internal import SecretMemory
internal import Vault
internal import VaultAPI

extension Operations {
    func initialize(_ passphrase: consuming SecretBytes) async throws -> Reply {
        let costs = try costs()
        let made = try await vault.initialize(
            requester, passphrase: passphrase, token: admission.secrets.initToken,
            acceptRecoveryCode: try query.flag("accept_recovery_code") ?? false, costs: costs)
        switch made {
        case .awaitsRecoveryCode(let code, let ceremony):
            return .secrets([("recovery_code", code)], texts: [("ceremony", ceremony)])
        case .done(let code, let accessKey):
            return .secrets([("recovery_code", code), ("access_key", accessKey)])
        }
    }

    func confirm(_ code: consuming SecretBytes) async throws -> Reply {
        guard let ceremony = query["ceremony"] else {
            throw Refusal(.malformed, "`ceremony` is what `POST /v1/seal:initialize` gave", field: "ceremony")
        }
        let accessKey = try await vault.confirm(requester, ceremony: ceremony, recoveryCode: code)
        return .secrets([("access_key", accessKey)])
    }

    func unseal(_ passphrase: consuming SecretBytes) async throws -> Reply {
        let report = try await vault.unseal(
            requester, passphrase: passphrase, slot: try slot(),
            acceptDamage: try query.flag("accept_damage") ?? false, acceptLog: try query.flag("accept_log") ?? false)
        return try Reply(
            json: UnsealReply(
                state: .unsealed, policiesChanged: report.policiesChanged, keys: report.keys, readOnly: report.readOnly)
        )
    }

    func seal() async throws -> Reply {
        do {
            try await vault.seal(requester)
        } catch {
            // What could not be audited is sealed all the same.
            if vault.status().state == .sealed { await desk.connections.settle() }
            throw error
        }
        await desk.connections.settle()
        return try Reply(json: SealReply(state: .sealed))
    }

    func authorize(_ passphrase: consuming SecretBytes) async throws -> Reply {
        let given = try await vault.authorizeSealing(requester, passphrase: passphrase, slot: try slot())
        return .secrets(
            [("authorization", given.token)],
            texts: [("expires", VaultAPI.Timestamp(milliseconds: given.expires).description)],
            numbers: [("slot", given.slot)])
    }

    func recoverAccess(_ passphrase: consuming SecretBytes) async throws -> Reply {
        let minted = try await vault.recoverAccess(requester, passphrase: passphrase, slot: try slot())
        return .secrets([("key", minted.text)], texts: [("id", minted.record.id)])
    }

    func rekey() async throws -> Reply {
        let tokens = try authorization().split(at: UInt8(ascii: ","))
        let done = try await vault.rekey(requester, authorizations: tokens)
        return try Reply(json: RekeyReply(slots: done.slots, records: done.records))
    }

    // MARK: Slots and keys of the vault itself

    func listSlots() throws -> Reply {
        try Reply(json: SlotList(slots: try vault.slots(requester).map { KeySlot($0) }))
    }

    func putSlot(_ passphrase: consuming SecretBytes) async throws -> Reply {
        let made = try await vault.putSlot(
            requester, number: try slotNumber(), passphrase: passphrase, replace: try query.flag("replace") ?? false,
            authorization: try authorization(), costs: try costs())
        return try Reply(json: KeySlot(made))
    }

    func newRecoveryCode() async throws -> Reply {
        let code = try await vault.newRecoveryCode(
            requester, number: try slotNumber(), authorization: try authorization(), costs: try costs())
        return .secrets([("recovery_code", code)])
    }

    func removeSlot() async throws -> Reply {
        let number = try slotNumber()
        try await vault.removeSlot(requester, number: number, authorization: try authorization())
        return try Reply(json: SlotRemoval(number: number, removed: true))
    }

    func rotateKeyring() async throws -> Reply {
        try Reply(json: KeyringRotation(current: Int(try await vault.rotateKeyring(requester))))
    }

    func rewrapKeyring() async throws -> Reply {
        try Reply(json: KeyringRewrap(resealed: try await vault.rewrap(requester)))
    }

    func verifyStore() async throws -> Reply {
        let report = try await vault.verifyStore(requester)
        let damaged = report.damaged.map {
            DamagedRecord(kind: $0.kind, key: $0.key, version: $0.version.map { Int($0) })
        }
        return try Reply(json: StoreVerification(heads: report.heads, children: report.children, damaged: damaged))
    }

    // MARK: What the request says

    private func slot() throws(Refusal) -> Int? { try query.integer("slot", in: 0...7) }

    private func costs() throws(Refusal) -> RequestedCosts {
        RequestedCosts(
            memoryKiB: try query.integer("memory_kib", in: 1...16_777_216),
            iterations: try query.integer("iterations", in: 1...1_000),
            parallelism: try query.integer("parallelism", in: 1...64),
            calibrates: try query.flag("calibrate") ?? false)
    }

    private func slotNumber() throws(Refusal) -> Int {
        guard let number = Int(parameter("number")), (0...7).contains(number), parameter("number").utf8.count == 1
        else {
            throw Refusal(.invalidField, "key slots are numbered from 0 to 7", field: "slot")
        }
        return number
    }

    private func authorization() throws(Refusal) -> WipedBytes {
        guard let given = admission.secrets.authorization, given.count > 0 else {
            throw Refusal(
                .malformed, "this needs the header Keyturn-Authorization: what `POST /v1/seal:authorize` gave",
                field: "Keyturn-Authorization")
        }
        return given
    }
}

extension KeySlot {
    init(_ slot: SlotDescription) {
        self.init(
            number: slot.number, kind: slot.kind, memoryKib: slot.memoryKiB, iterations: slot.iterations,
            parallelism: slot.parallelism)
    }
}
