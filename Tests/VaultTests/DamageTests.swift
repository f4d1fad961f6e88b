import Audit
import Policy
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("A vault with damage, and a store that changes under a running one")
struct DamageTests {
    private func damaged() async throws -> (TestVault, MemoryStore) {
        let vault = try await TestVault.open()
        for key in ["a", "b", "c"] { try await vault.put(key, "value of \(key)") }
        let copy = MemoryStore(try vault.store.contents())
        let head = RecordKey(.keyHead, try vault.vault.opened().session.keyring.rowID(.keyHead, name: "b"))
        try copy.tamper([head: nil])
        return (vault, copy)
    }

    @Test("It stays sealed unless damage is accepted, and then names what is damaged")
    func refused() async throws {
        let (vault, copy) = try await damaged()
        let again = try vault.restarted(copy)
        let error = await failure { try await again.unseal() }
        #expect(error?.code == .storeDamaged)
        #expect(error?.lines.count == 1)
        #expect(again.vault.status().state == .sealed)
        again.log.forget()
        let report = try await again.unseal(acceptDamage: true)
        #expect(report.readOnly)
        #expect(report.keys == 2)
        #expect(report.damage.count == 1)
        #expect(again.vault.status() == VaultStatus(state: .unsealed, readOnly: true))
        #expect(again.log.lines == ["request unseal", "event failed damage_accepted (store_damaged)"])
        #expect(again.vault.health().ok == false)
    }

    @Test("Among thousands of keys each damaged head is named, and all others open")
    func many() async throws {
        let vault = try await TestVault.open()
        for start in stride(from: 0, to: 2_500, by: 500) {
            let writes = try (start..<start + 500).map {
                KeyWrite(path: try path("shop/k\($0)"), fields: [SecretField("value", "v\($0)")])
            }
            _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        }
        let all = try await vault.reopened()
        #expect(try all.vault.list(all.administrator, KeyQuery(words: ["k249"])).items.count == 11)
        for number in [0, 1_024, 2_499] { #expect(try all.get("shop/k\(number)") == "v\(number)") }
        let copy = MemoryStore(try vault.store.contents())
        let session = try all.vault.opened().session
        let rows = ["shop/k3", "shop/k1500"].map { session.keyring.rowID(.keyHead, name: $0) }
        let whole = try #require(copy.contents[RecordKey(.keyHead, rows[0])])
        try copy.tamper([RecordKey(.keyHead, rows[0]): whole.dropLast() + [whole[whole.count - 1] ^ 1]])
        try copy.tamper([RecordKey(.keyHead, rows[1]): [1, 2, 3]])
        let again = try vault.restarted(copy)
        let report = try await again.unseal(acceptDamage: true)
        #expect(report.keys == 2_498)
        #expect(report.damage.contains("the head of a key cannot be read (row \(rows[1]))"))
        #expect(report.damage.filter { $0.contains("\(rows[0])") }.count == 1)
        #expect(try again.get("shop/k4") == "v4")
    }

    @Test("Opened with damage it serves what is whole and refuses every change, in the log as well")
    func readOnly() async throws {
        let (vault, copy) = try await damaged()
        let again = try vault.restarted(copy)
        _ = try await again.unseal(acceptDamage: true)
        let before = copy.contents
        #expect(try again.get("a") == "value of a")
        #expect(try again.list() == ["a", "c"])
        #expect(await code { try again.get("b") } == .notFound)
        let (engine, admin, key) = (again.vault, again.administrator, try path("a"))
        again.log.forget()
        #expect(await code { try await again.put("a") } == .readOnly)
        #expect(await code { try await again.put("b") } == .readOnly)
        #expect(await code { try await engine.trash(admin, key, if: .none) } == .readOnly)
        #expect(await code { try await engine.destroy(admin, key, if: .none) } == .readOnly)
        #expect(await code { try await again.mint(["reader"]) } == .readOnly)
        #expect(await code { try await engine.rotateKeyring(admin) } == .readOnly)
        #expect(await code { try await engine.rewrap(admin) } == .readOnly)
        #expect(await code { try await again.addSlot(2, "p") } == .readOnly)
        let recovered = await code {
            try await engine.recoverAccess(.operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil)
        }
        #expect(recovered == .readOnly)
        #expect(again.log.lines.filter { $0.contains("(read_only)") }.count == 9)
        #expect(!again.log.lines.contains { $0.hasPrefix("intent") })
        again.clock.advance(.day)
        #expect(try await engine.maintain() == 0)
        try await again.seal()
        #expect(copy.contents == before)
    }

    @Test("Policies can be reloaded while a vault is open with damage")
    func policies() async throws {
        let (vault, copy) = try await damaged()
        let again = try vault.restarted(copy)
        _ = try await again.unseal(acceptDamage: true)
        let reader = Requester.unixUser("rita")
        #expect(await code { try again.get("a", as: reader) } == .refused)
        again.files["reader.yaml"]? += "\ncallers:\n  unix-users: [rita]\n"
        _ = try await again.vault.reloadPolicies(.operatorAlone)
        #expect(try again.get("a", as: reader) == "value of a")
    }

    @Test("A damaged child does not keep the others from being served, nor the key from being destroyed")
    func damagedChild() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        try await vault.put("b", "two")
        let copy = MemoryStore(try vault.store.contents())
        let session = try vault.vault.opened().session
        let place = try #require(session.key("a")).place
        let row = RecordKey(.wrappedKey, session.keyring.rowID(.wrappedKey, name: place.wrappedKeyName))
        try copy.tamper([row: nil])
        let again = try await vault.reopened(copy)
        again.log.forget()
        #expect(await failure { try again.get("a") }?.detail.contains("missing") == true)
        #expect(await code { try await again.put("a", "new") } == .storeDamaged)
        #expect(
            again.log.lines == ["request failed retrieve a (store_damaged)", "request failed write a (store_damaged)"])
        #expect(try again.get("b") == "two")
        #expect(again.vault.status().state == .unsealed)
        try await again.vault.destroy(again.administrator, try path("a"), if: .none)
        #expect(try await again.vault.verifyStore(.operatorAlone).damaged == [])
    }

    // MARK: While it runs

    @Test("A file that is replaced is noticed at the next read, of a value in memory as well, and seals the vault")
    func replacedRead() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        #expect(try vault.get("a") == "one")
        vault.log.forget()
        vault.store.replaceFile()
        #expect(await code { try vault.get("a") } == .storeDamaged)
        #expect(vault.vault.status().state == .sealed)
        #expect(await code { try vault.get("a") } == .sealed)
        #expect(vault.log.lines.contains("event failed sealed_itself (store_damaged)"))
        #expect(vault.log.lines.contains("request failed retrieve a (store_damaged)"))
    }

    @Test("A file that is replaced is noticed at the next commit, and seals the vault")
    func replacedCommit() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        vault.store.replaceFile()
        #expect(await code { try await vault.put("a", "two") } == .storeDamaged)
        #expect(vault.vault.status().state == .sealed)
    }

    @Test("A vault head that somebody else wrote is noticed at the next commit, which is not written")
    func foreignHead() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        let row = RecordKey(.vaultHead, .only)
        let old = try vault.store.read(row)
        try await vault.put("a", "two")
        try vault.store.tamper([row: old])
        let before = try vault.store.contents()
        #expect(await code { try await vault.put("a", "three") } == .storeDamaged)
        #expect(vault.vault.status().state == .sealed)
        #expect(try vault.store.contents() == before)
        #expect(await code { try await vault.restarted().unseal() } == .storeDamaged)
    }

    @Test("A head or child that is replaced under a running vault is named by a check, and a child when it is read")
    func replacedRecords() async throws {
        let vault = try await TestVault.open()
        for key in ["a", "b"] {
            for version in 1...2 { try await vault.put(key, String(repeating: "\(version)", count: 600)) }
        }
        let session = try vault.vault.opened().session
        let a = try #require(session.key("a"))
        let heads = ["a", "b"].map { RecordKey(.keyHead, session.keyring.rowID(.keyHead, name: $0)) }
        let version = RecordKey(.version, session.keyring.rowID(.version, name: a.place.name(of: 2)))
        try vault.store.tamper([
            heads[1]: try vault.store.read(heads[0]),
            version: try vault.store.read(
                RecordKey(.version, session.keyring.rowID(.version, name: a.place.name(of: 1)))),
        ])
        let report = try await vault.vault.verifyStore(.operatorAlone)
        #expect(
            report.damaged == [
                StoreReport.Damage(kind: "version", key: "a", version: 2),
                StoreReport.Damage(kind: "head", key: "b", version: nil),
            ])
        #expect(await failure { try vault.get("a") }?.detail.contains("version 2 of a") == true)
        #expect(try vault.get("b") == String(repeating: "2", count: 600))
    }

    @Test("A store that refuses every read seals the vault, and one that is busy does not", arguments: [true, false])
    func reads(_ broken: Bool) async throws {
        let vault = try await TestVault.open().reopened()
        try await vault.put("a", String(repeating: "x", count: 600))
        vault.store.failRead(broken ? .damaged(reason: "injected") : .notWritten(reason: "busy"))
        #expect(await code { try vault.get("a") } == (broken ? .storeDamaged : .storeUnavailable))
        #expect(vault.vault.status().state == (broken ? .sealed : .unsealed))
        let again = broken ? try await vault.reopened() : vault
        #expect(try again.get("a") == String(repeating: "x", count: 600))
    }
}
