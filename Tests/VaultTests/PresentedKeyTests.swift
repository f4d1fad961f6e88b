import Audit
import IssuedKeys
import Sealing
import SecretMemory
import StorageConformance
import Testing

@testable import Vault

@Suite("A key that is presented is found by the hash of the whole of it")
struct PresentedKeyTests {
    /// The id of the key that a text is.
    private func found(_ text: WipedBytes, _ vault: TestVault) throws -> String? {
        let session = try vault.vault.opened().session
        return session.issued(PresentedKey(text, session.keyring))?.stored.id
    }

    private func old(_ text: String, prefix: String = "", owner: String = "") -> ImportedKey {
        ImportedKey(sha256: sha256(of: text), prefix: prefix, settings: IssueRequest(name: "old", owner: owner))
    }

    @Test("An unknown id, a wrong secret of one that is there, and what only looks like a key brought in are no keys")
    func misses() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue()
        let access = try await vault.mint(["reader"])
        let imported = try await vault.vault.importKeys(
            vault.administrator, into: "shop", [old("sk_old_1", prefix: "sk_old_1")])
        let broughtIn = try #require(imported.first?.id)
        #expect(try found(key.text, vault) == key.record.id)
        #expect(try found(access.text, vault) == access.record.id)
        #expect(try found(WipedBytes(utf8: "sk_old_1"), vault) == broughtIn)
        let texts = [
            try IssuedKeyText.mint(prefix: "shop", random: SystemRandom()).text.text,
            try Forgery.sameID(as: key.text.text), try Forgery.sameID(as: access.text.text),
            try Forgery.sameID(as: "shop_\(broughtIn)"), "shop_\(broughtIn)", "sk_old_2", "sk_old_", "sk_old_1 ",
            String(key.text.text.dropLast()), key.text.text + "0", "keyturn\(key.text.text.dropFirst(4))",
            key.record.id, "",
        ]
        for text in texts { #expect(try found(WipedBytes(utf8: text), vault) == nil) }
    }

    @Test("Whoever presents an id with a wrong secret leaves its key as it is")
    func untouched() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", limits: ["1/s"], quota: Quota(uses: 5)))
        let forged = WipedBytes(utf8: try Forgery.sameID(as: key.text.text))
        #expect(try await vault.verify(forged) == Verification(code: .notFound))
        #expect(try vault.vault.issuedKey(vault.administrator, of: "shop", id: key.record.id) == key.record)
        #expect(try await vault.verify(key.text).quota?.remaining == 4)
    }

    @Test("A key is found whatever becomes of it, and after a restart, until its issuer is deleted")
    func life() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let made = try await vault.issue("shop", IssueRequest(name: "a", owner: "acme"))
        let imported = try await engine.importKeys(admin, into: "shop", [old("sk_old_1", owner: "acme")])
        let broughtIn = try #require(imported.first?.id)
        let next = try await engine.roll(admin, of: "shop", id: made.record.id, overlap: .hour)
        let texts = [made.text, WipedBytes(utf8: "sk_old_1"), next.text]
        let ids: [String?] = [made.record.id, broughtIn, next.record.id]
        func all(_ vault: TestVault) throws -> [String?] { try texts.map { try found($0, vault) } }
        #expect(try all(vault) == ids)
        _ = try await engine.disable(admin, of: "shop", id: broughtIn)
        _ = try await engine.revoke(admin, of: "shop", id: made.record.id)
        #expect(try all(vault) == ids)
        _ = try await engine.revokeAll(admin, of: "shop", owner: "acme")
        #expect(try all(vault) == ids)
        let again = try await vault.reopened()
        #expect(try all(again) == ids)
        for text in texts { #expect(try await again.verdict(text) == .revoked) }
        try await again.vault.deleteIssuer(admin, "shop")
        #expect(try all(again) == [nil, nil, nil])
        let last = try await again.reopened()
        #expect(try all(last) == [nil, nil, nil])
        // What is gone is in nobody's way.
        try await last.issuer("shop")
        let back = try await last.vault.importKeys(admin, into: "shop", [old("sk_old_1")])
        #expect(try all(last) == [nil, back.first?.id, nil])
    }

    @Test("A commit that fails changes neither what is found by its id nor what is found by its hash")
    func failed() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let key = try await vault.issue()
        _ = try await engine.revoke(admin, of: "shop", id: key.record.id)
        let session = try engine.opened().session
        let before = session.allIssued.count
        vault.store.fail(.notWritten)
        #expect(
            await code { try await engine.importKeys(admin, into: "shop", [old("sk_old_1")]) } == .storeUnavailable)
        vault.store.fail(.notWritten)
        #expect(await code { try await engine.deleteIssuer(admin, "shop") } == .storeUnavailable)
        #expect(try found(WipedBytes(utf8: "sk_old_1"), vault) == nil)
        #expect(try found(key.text, vault) == key.record.id)
        #expect(session.issued(key.record.id) != nil)
        #expect(session.allIssued.count == before)
        let imported = try await engine.importKeys(admin, into: "shop", [old("sk_old_1")])
        #expect(try found(WipedBytes(utf8: "sk_old_1"), vault) == imported.first?.id)
    }

    @Test("In one commit a key goes and comes again under another id and issuer, and is there once")
    func together() async throws {
        let vault = try await TestVault.withTeams()
        let (key, text) = (old("sk_old_1"), WipedBytes(utf8: "sk_old_1"))
        let imported = try await vault.vault.importKeys(vault.administrator, into: "shop", [key])
        let open = try vault.vault.opened()
        let entry = try #require(open.session.issued(PresentedKey(text, open.session.keyring)))
        let id = try await open.committer.commit(AuditDraft(system: "test")) { (staging) throws(VaultError) in
            var isKept = [staging.isKept(entry.hash)]
            staging.removeIssued(entry)
            isKept.append(staging.isKept(entry.hash))
            let again = try staging.bringIn(key, into: "bank", by: "test")
            isKept.append(staging.isKept(entry.hash))
            #expect(isKept == [true, false, true])
            return again.stored.id
        }
        #expect(imported.map(\.id) == [entry.stored.id] && id != entry.stored.id)
        for issuer in ["shop", "bank"] {
            #expect(
                await code { try await vault.vault.importKeys(vault.administrator, into: issuer, [key]) }
                    == .alreadyExists)
        }
        #expect(try found(text, vault) == id)
        #expect(open.session.issued(entry.number) == nil)
        #expect(open.session.idsBroughtIn.mapValues(\.count).filter { $0.value > 0 } == ["bank": 1])
        let again = try await vault.reopened()
        #expect(try found(text, again) == id)
    }

    @Test("A hash that another id has by now is not forgotten with the id that had it, and one that changed is")
    func inStep() async throws {
        let vault = try await TestVault.withTeams()
        let (first, second) = (try await vault.issue(), try await vault.issue())
        let session = try vault.vault.opened().session
        let a = try #require(session.issued(first.record.id))
        let b = try #require(session.issued(second.record.id))
        // The second key, with what the first is kept as.
        var stored = b.stored
        stored.hash = a.stored.hash
        let other = try #require(IssuedEntry(row: b.row, stored: stored, mark: b.mark, usage: b.usage, meter: nil))
        var index = Index()
        index.replace(issued: a.number, with: a)
        index.replace(issued: b.number, with: b)
        #expect(index.issued(keptAs: a.hash)?.number == a.number && index.issued(keptAs: b.hash)?.number == b.number)
        index.replace(issued: b.number, with: other)
        #expect(index.issued(keptAs: a.hash)?.number == b.number && index.issued(keptAs: b.hash) == nil)
        index.replace(issued: a.number, with: nil)
        #expect(index.issued(keptAs: a.hash)?.number == b.number)
        index.replace(issued: b.number, with: nil)
        #expect(index.issued(keptAs: a.hash) == nil && index.issued.isEmpty)
    }
}
