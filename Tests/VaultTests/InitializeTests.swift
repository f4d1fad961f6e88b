import Audit
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Making a vault")
struct InitializeTests {
    private func initialize(
        _ vault: TestVault, _ requester: Requester = .operatorAlone, token: String? = nil, accept: Bool = true,
        passphrase: String = TestVault.passphrase, costs: RequestedCosts = RequestedCosts()
    ) async throws -> Initialization {
        try await vault.vault.initialize(
            requester, passphrase: secret(passphrase), token: token.map { WipedBytes(utf8: $0) },
            acceptRecoveryCode: accept, costs: costs)
    }

    @Test("Without authority it is refused, over and over, and no ceremony is disturbed")
    func withoutAuthority() async throws {
        let vault = try TestVault()
        guard case .awaitsRecoveryCode(let recovery, let ceremony) = try await initialize(vault, accept: false) else {
            throw Unexpected("no ceremony")
        }
        for token in [nil, "", "wrong", TestVault.token + "x"] {
            for requester in [Requester.stranger, .unixUser("root", id: 0), .key("keyturn_x")] {
                let refused = await code { try await initialize(vault, requester, token: token, accept: false) }
                #expect(refused == .refused)
                let confirmed = await code {
                    try await vault.vault.confirm(requester, ceremony: "guess", recoveryCode: secret("guess"))
                }
                #expect(confirmed == .noCeremony)
            }
        }
        #expect(try vault.store.contents().isEmpty)
        let key = try await vault.vault.confirm(.operatorAlone, ceremony: ceremony, recoveryCode: secret(recovery.text))
        #expect(try vault.vault.whoAmI(.key(key)).policies == ["administrator"])
    }

    @Test("The one-time token is authority over the network, and is spent then")
    func token() async throws {
        let vault = try TestVault()
        _ = try await initialize(vault, .stranger, token: TestVault.token)
        #expect(vault.vault.status().state == .unsealed)
        let again = await code { try await initialize(vault, .stranger, token: TestVault.token) }
        #expect(again == .alreadyInitialized)
    }

    @Test("A vault is not made twice, sealed or not, before or after a restart")
    func twice() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await initialize(vault) } == .alreadyInitialized)
        try await vault.seal()
        let before = try vault.store.contents()
        #expect(await code { try await initialize(vault) } == .alreadyInitialized)
        #expect(await code { try await initialize(vault.restarted()) } == .alreadyInitialized)
        #expect(try vault.store.contents() == before)
    }

    @Test("Nothing is stored until the recovery code has been typed back; typed wrong it can be typed again")
    func typedWrong() async throws {
        let vault = try TestVault()
        guard case .awaitsRecoveryCode(let recovery, let id) = try await initialize(vault, accept: false) else {
            throw Unexpected("no ceremony")
        }
        for wrong in ["", "wrong", String(recovery.text.dropLast()), recovery.text + "A", TestVault.passphrase]
        where !wrong.isEmpty {
            let error = await code {
                try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(wrong))
            }
            #expect(error == .wrongPassphrase)
        }
        #expect(try vault.store.contents().isEmpty)
        #expect(vault.vault.status().state == .uninitialized)
        // As people type: in small letters and with spaces.
        let typed = recovery.text.lowercased().replacing("-", with: " ")
        _ = try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(typed))
        #expect(vault.vault.status().state == .unsealed)
        let again = await code {
            try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(typed))
        }
        #expect(again == .alreadyInitialized)
    }

    @Test("A second ceremony supersedes the first, and a stored vault ends them all")
    func superseded() async throws {
        let vault = try TestVault()
        var ceremonies: [(WipedBytes, String)] = []
        for _ in 0..<2 {
            guard case .awaitsRecoveryCode(let recovery, let id) = try await initialize(vault, accept: false) else {
                throw Unexpected("no ceremony")
            }
            ceremonies.append((recovery, id))
        }
        let (first, second) = (ceremonies[0], ceremonies[1])
        let old = await code {
            try await vault.vault.confirm(.operatorAlone, ceremony: first.1, recoveryCode: secret(first.0.text))
        }
        #expect(old == .noCeremony)
        _ = try await initialize(vault)
        let before = try vault.store.contents()
        let late = await failure {
            try await vault.vault.confirm(.operatorAlone, ceremony: second.1, recoveryCode: secret(second.0.text))
        }
        #expect(late?.code == .alreadyInitialized)
        #expect(vault.vault.status().state == .unsealed)
        #expect(try vault.store.contents() == before)
    }

    @Test("Ten minutes are given to type it back, and not a millisecond more")
    func expired() async throws {
        for (after, expected) in [(Int64(599_999), nil), (600_000, VaultError.Code.noCeremony)] {
            let vault = try TestVault()
            guard case .awaitsRecoveryCode(let recovery, let id) = try await initialize(vault, accept: false) else {
                throw Unexpected("no ceremony")
            }
            vault.clock.advance(after)
            let told = await code {
                try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(recovery.text))
            }
            #expect(told == expected)
        }
    }

    @Test("A ceremony survives a store that is full for a while")
    func fullStore() async throws {
        let vault = try TestVault()
        guard case .awaitsRecoveryCode(let recovery, let id) = try await initialize(vault, accept: false) else {
            throw Unexpected("no ceremony")
        }
        vault.store.fail(.notWritten)
        let full = await code {
            try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(recovery.text))
        }
        #expect(full == .storeUnavailable)
        #expect(vault.vault.status().state == .uninitialized)
        _ = try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(recovery.text))
        #expect(vault.vault.status().state == .unsealed)
    }

    @Test(
        "An initialisation in doubt can be recovered from with the passphrase, if it was stored",
        arguments: [
            FaultInjectingStore.CommitFault.outcomeUnknownApplied, .outcomeUnknownLost,
        ])
    func doubt(_ fault: FaultInjectingStore.CommitFault) async throws {
        let vault = try TestVault()
        vault.store.fail(fault)
        #expect(await code { try await initialize(vault) } == .inDoubt)
        let again = try vault.restarted()
        if fault == .outcomeUnknownLost {
            #expect(again.vault.status().state == .uninitialized)
            _ = try await initialize(again)
        } else {
            try await again.unseal()
            let minted = try await again.vault.recoverAccess(
                .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil)
            #expect(try again.vault.whoAmI(.key(minted.text)).policies == ["administrator"])
        }
    }

    @Test("Passphrases that are none, too long or look like a recovery code are refused")
    func passphrases() async throws {
        let vault = try TestVault()
        let looksLike = try await TestVault.open().recoveryCode.text
        for passphrase in ["\n", String(repeating: "x", count: 1_025), looksLike] {
            let error = await failure { try await initialize(vault, passphrase: passphrase) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == "passphrase")
        }
        #expect(try vault.store.contents().isEmpty)
    }

    @Test("Costs outside what is accepted are refused by name before any work is done")
    func costs() async throws {
        let vault = try TestVault()
        let wrong = [
            ("memory", RequestedCosts(memoryKiB: 7)), ("memory", RequestedCosts(memoryKiB: 1 << 30)),
            ("memory", RequestedCosts(memoryKiB: -1)), ("iterations", RequestedCosts(iterations: 0)),
            ("iterations", RequestedCosts(iterations: .max)), ("parallelism", RequestedCosts(parallelism: 3)),
        ]
        for (field, costs) in wrong {
            let error = await failure { try await initialize(vault, costs: costs) }
            #expect(error?.code == .invalidField)
            #expect(error?.field?.hasPrefix(field) == true)
        }
        _ = try await initialize(vault, costs: RequestedCosts(memoryKiB: 16, iterations: 2, parallelism: 2))
        guard
            let key = try? await vault.vault.recoverAccess(
                .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil)
        else { throw Unexpected("not opened") }
        let slot = try vault.vault.slots(.key(key.text)).first
        #expect(slot?.memoryKiB == 16)
        #expect(slot?.iterations == 2)
        #expect(slot?.parallelism == 2)
    }

    @Test("The first ceremony's step is in the log, and the second is an intent")
    func audited() async throws {
        let vault = try TestVault()
        vault.log.forget()
        guard case .awaitsRecoveryCode(let recovery, let id) = try await initialize(vault, accept: false) else {
            throw Unexpected("no ceremony")
        }
        _ = await code { try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret("x")) }
        _ = try await vault.vault.confirm(.operatorAlone, ceremony: id, recoveryCode: secret(recovery.text))
        #expect(vault.log.lines.count == 3)
        #expect(vault.log.lines[0] == "request initialize")
        #expect(vault.log.lines[1] == "request refused confirm_initialization (wrong_passphrase)")
        #expect(vault.log.lines[2].hasPrefix("intent confirm_initialization"))
    }

    @Test("Many who initialise at once make one vault")
    func race() async throws {
        let vault = try TestVault()
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 { group.addTask { await code { try await initialize(vault) } == nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
        #expect(vault.vault.status().state == .unsealed)
        #expect(try await vault.restarted().unseal().damage == [])
    }
}
