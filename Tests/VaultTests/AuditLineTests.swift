import Audit
import SecretMemory
import StorageConformance
import Testing

@testable import Vault

@Suite("What each operation leaves in the audit log")
struct AuditLineTests {
    @Test("A refusal, a missing key and an answer leave one line each")
    func reads() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        let app = try await vault.caller("payments-service")
        vault.log.forget()
        _ = await code { try vault.get("billing/stripe", as: app) }
        _ = await code { try vault.get("payments/none", as: app) }
        _ = try vault.get("payments/stripe", as: app)
        #expect(
            vault.log.lines == [
                "request refused retrieve billing/stripe (refused)",
                "request failed retrieve payments/none (not_found)",
                "request retrieve payments/stripe",
            ])
        #expect(vault.log.entries[0].decision?.count == 16)
        #expect(vault.log.entries[2].version == 1)
        #expect(vault.log.entries[2].route?.template == "GET /test")
        #expect(vault.log.entries[2].address == "192.0.2.7")
    }

    @Test("A malformed request of somebody who is known is a line with their name, and a stranger's is counted")
    func turnedAway() async throws {
        let vault = try await TestVault.open()
        let app = try await vault.caller("payments-service")
        vault.log.forget()
        vault.vault.recordRefusal(app, code: "invalid_field")
        var stranger = app
        stranger.credential = .none
        vault.vault.recordRefusal(stranger, code: "invalid_field")
        #expect(vault.log.entries.map(\.outcome) == [.failed, .refused])
        #expect(vault.log.entries.map { $0.caller == .stranger } == [false, true])
        #expect(vault.log.entries.allSatisfy { $0.code == "invalid_field" && $0.route?.template == "GET /test" })
    }

    @Test("A malformed request of somebody who is known is answered with the log's trouble where it cannot be written")
    func turnedAwayUnwritten() async throws {
        let vault = try await TestVault.open()
        let app = try await vault.caller("payments-service")
        #expect(vault.vault.recordRefusal(app, code: "invalid_field") == nil)
        vault.log.fail(.full)
        #expect(vault.vault.recordRefusal(app, code: "invalid_field")?.code == .auditUnavailable)
        // A stranger is counted, and the count is written when there is room again.
        #expect(vault.vault.recordRefusal(.stranger, code: "invalid_field") == nil)
        vault.clock.advance(2 * .second)
        vault.vault.flushRefusals()
        vault.log.recover()
        vault.log.forget()
        vault.vault.flushRefusals()
        #expect(vault.log.entries.map(\.count) == [1])
        #expect(vault.log.entries.map(\.code) == ["invalid_field"])
    }

    @Test("What strangers are allowed of the log comes back by a clock that nobody sets")
    func steadyQuota() async throws {
        let (log, steady, wall) = (TestLog(), TestClock(), TestClock())
        let trail = AuditTrail(sink: log, now: { wall.now }, steady: { steady.now })
        wall.advance(400 * .day)
        trail.stranger(.stranger, code: "malformed")
        wall.advance(-400 * .day)
        for _ in 0..<9 { trail.stranger(.stranger, code: "malformed") }
        #expect(log.entries.map(\.count) == [nil])
        steady.advance(.second)
        trail.flushStrangers()
        #expect(log.entries.map(\.count) == [nil, 9])
    }

    @Test("A change is an intent with the next generation, synced, and nothing more when it is committed")
    func change() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        try await vault.put("payments/stripe", "other")
        #expect(vault.log.lines == ["intent write payments/stripe", "intent write payments/stripe"])
        #expect(vault.log.synced == [true, true])
        let generations = vault.log.entries.compactMap(\.generation)
        #expect(generations.count == 2)
        #expect(generations[1] == generations[0] + 1)
        #expect(vault.log.entries.map(\.version) == [1, 2])
    }

    @Test("A change that the store did not take is followed by a line that it failed")
    func failedCommit() async throws {
        let vault = try await TestVault.open()
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.put("payments/stripe") } == .storeUnavailable)
        #expect(
            vault.log.lines == [
                "intent write payments/stripe", "failed failed write payments/stripe (store_unavailable)",
            ])
        #expect(vault.log.entries[0].generation == vault.log.entries[1].generation)
    }

    @Test("A change in doubt is written down as unknown, and that the vault sealed itself")
    func doubt() async throws {
        let vault = try await TestVault.open()
        vault.store.fail(.outcomeUnknownLost)
        #expect(await code { try await vault.put("payments/stripe") } == .inDoubt)
        #expect(
            Set(vault.log.lines) == [
                "intent write payments/stripe", "event failed sealed_itself (in_doubt)",
                "failed unknown write payments/stripe (in_doubt)",
            ])
    }

    @Test("A change that its precondition refuses is written down, without an intent")
    func precondition() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        vault.log.forget()
        #expect(await code { try await vault.put("payments/stripe", if: .absent) } == .preconditionFailed)
        #expect(await code { try await vault.put("payments/stripe", fields: [:]) } == .invalidField)
        #expect(
            vault.log.lines == [
                "request failed write payments/stripe (precondition_failed)",
                "request failed write payments/stripe (invalid_field)",
            ])
    }

    @Test("What a known caller asked for wrongly is written down before anything is done")
    func malformed() async throws {
        let vault = try await TestVault.open()
        let admin = vault.administrator
        #expect(await code { try vault.list(KeyQuery(limit: 0)) } == .invalidField)
        #expect(await code { try vault.list(KeyQuery(prefix: "a//b")) } == .invalidField)
        #expect(await code { try vault.vault.retrieve(admin, all: []) } == .invalidField)
        #expect(await code { try await vault.vault.importKeys(admin, [], replace: false) } == .invalidField)
        #expect(await code { try await vault.vault.rekey(admin, authorizations: []) } == .invalidField)
        let id = try await vault.mint(["auditor"]).record.id
        vault.log.forget()
        #expect(await code { try await vault.vault.roll(admin, id: id, overlap: 0) } == .invalidField)
        #expect(vault.log.lines == ["request failed roll_access_key \(id) (invalid_field)"])
    }

    @Test("Somebody who is not known gets no answer but the one to that, whatever was asked")
    func strangersFirst() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try vault.list(KeyQuery(limit: 0), as: .stranger) } == .unauthorized)
        #expect(await code { try vault.vault.retrieve(.stranger, all: []) } == .unauthorized)
        #expect(await code { try await vault.vault.importKeys(.stranger, [], replace: false) } == .unauthorized)
        #expect(await code { try await vault.vault.roll(.stranger, id: "x", overlap: 0) } == .unauthorized)
        let list = {
            try vault.vault.accessKeys(.stranger, state: nil, words: [], limit: 0, cursor: nil)
        }
        #expect(await code { try list() } == .unauthorized)
    }

    @Test("A stranger who comes a thousand times in a second leaves two lines")
    func strangers() async throws {
        let vault = try await TestVault.open()
        for _ in 0..<1_000 { _ = await code { try vault.get("payments/stripe", as: .stranger) } }
        #expect(vault.log.lines == ["request refused request (unauthorized)"])
        vault.clock.advance(.second)
        vault.vault.flushRefusals()
        let counted = vault.log.entries.dropFirst()
        #expect(counted.map(\.count) == [999])
        #expect(counted.allSatisfy { $0.key == nil })
    }

    @Test("Refused attempts on the seal from the network are counted; those that cost a derivation have a line each")
    func attempts() async throws {
        let vault = try await TestVault.open().restarted()
        vault.log.forget()
        for _ in 0..<3 { _ = await code { try await vault.unseal("wrong", as: .stranger) } }
        _ = await code { try await vault.unseal("wrong", slot: 7, as: .operatorAlone) }
        #expect(
            vault.log.lines == [
                "request refused unseal (wrong_passphrase)", "request refused request (slow_down)",
                "request failed unseal (invalid_field)",
            ])
    }

    @Test("An import writes a line for each key")
    func importing() async throws {
        let vault = try await TestVault.open()
        let writes = try ["a", "b"].map { KeyWrite(path: try path($0), fields: [SecretField("value", "v")]) }
        _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        #expect(vault.log.lines == ["intent write a", "intent write b"])
        vault.log.forget()
        #expect(await code { try await vault.vault.importKeys(vault.administrator, writes, replace: false) } != nil)
        #expect(vault.log.lines.map { $0.prefix(22) } == ["request failed write a", "request failed write b"])
    }

    @Test("Each administrative operation is written down under its own name")
    func names() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        _ = try await engine.rotateKeyring(admin)
        _ = try await engine.rewrap(admin)
        _ = try await engine.verifyStore(admin)
        _ = try engine.slots(admin)
        _ = try engine.policies(admin)
        _ = try await engine.reloadPolicies(admin)
        let minted = try await vault.mint(["auditor"])
        let id = minted.record.id
        _ = try engine.accessKey(admin, id: id)
        _ = try await engine.disable(admin, id: id)
        _ = try await engine.enable(admin, id: id)
        _ = try await engine.roll(admin, id: id, overlap: nil)
        _ = try await engine.revoke(admin, id: id)
        try await engine.seal(admin)
        #expect(
            vault.log.lines == [
                "intent rotate_keyring", "intent rewrap", "request verify_store", "request list_slots",
                "request list_policies", "request reload_policies", "intent issue \(id)",
                "request inspect_access_key \(id)", "intent disable_access_key \(id)",
                "intent enable_access_key \(id)", "intent roll_access_key \(id)", "intent revoke \(id)",
                "intent record_usage", "request seal",
            ])
    }

    @Test("Entries from the operator's socket may use the space that is kept for them, others not")
    func reserve() async throws {
        let vault = try await TestVault.open()
        _ = try vault.vault.policies(.operatorAlone)
        _ = try vault.vault.policies(vault.administrator)
        #expect(vault.log.usedReserve == [true, false])
        vault.log.forget()
        for id in [try await vault.mint(["reader"]).record.id, try await vault.mint(["reader"]).record.id] {
            let door: Door = vault.log.usedReserve.count < 3 ? .operatorSocket : .network
            _ = try await vault.vault.revoke(.key(vault.administratorText, door: door), id: id)
        }
        #expect(vault.log.entries.map(\.kind) == [.intent, .intent, .intent, .intent])
        #expect(vault.log.usedReserve == [false, false, true, false])
    }

    @Test("On a full disk an operator's change is made though others wait for the same commit; theirs are refused")
    func reserveInOneCommit() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        let id = try await vault.mint(["reader"]).record.id
        hold.shut()
        async let first = code { try await vault.put("first") }
        await hold.reached()
        vault.log.fillButReserve()
        async let theirs = code { try await vault.put("second") }
        let committer = try vault.vault.opened().committer
        while committer.waitingCount < 1 { await Task.yield() }
        async let ours = code {
            try await vault.vault.revoke(.key(vault.administratorText, door: .operatorSocket), id: id)
        }
        while committer.waitingCount < 2 { await Task.yield() }
        hold.open()
        #expect(await first == nil)
        #expect(await ours == nil)
        #expect(await theirs == .auditUnavailable)
    }
}
