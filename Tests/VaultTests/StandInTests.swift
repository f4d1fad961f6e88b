import IssuedKeys
import Sealing
import SecretMemory
import Testing

@testable import Vault

@Suite("Where a key is looked up in vain, another stands in for it")
struct StandInTests {
    /// A thousand keys that nobody issued.
    private func unknown(_ session: Session) throws -> [PresentedKey] {
        try (0..<1_000).map { _ in
            PresentedKey(try IssuedKeyText.mint(prefix: "shop", random: SystemRandom()).text, session.keyring)
        }
    }

    private func standIns(_ session: Session, for keys: [PresentedKey]) -> Set<IssuedKeyNumber> {
        Set(keys.compactMap { session.standIns.one(for: $0) })
    }

    @Test("Every key that is there may stand in, the same for the same text; none that was brought in")
    func there() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer()
        let number = try #require(IssuedKeyNumber(try await vault.issue().record.id))
        _ = try await vault.vault.importKeys(
            vault.administrator, into: "shop",
            [ImportedKey(sha256: sha256(of: "sk_old_1"), settings: IssueRequest(name: "old"))])
        for session in [try vault.vault.opened().session, try await vault.reopened().vault.opened().session] {
            let keys = try unknown(session)
            let standing = standIns(session, for: keys)
            #expect(standing.count == 2 && standing.contains(number))
            for key in keys.prefix(10) {
                #expect(session.standIns.one(for: key) == session.standIns.one(for: key))
                #expect(session.issued(key) == nil)
            }
        }
    }

    @Test("An id that is asked for again has the same stand-in, whatever secret comes with it")
    func again() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer()
        for _ in 0..<20 { _ = try await vault.issue() }
        let session = try vault.vault.opened().session
        var found: Set<IssuedKeyNumber> = []
        for id in try unknown(session).prefix(20) {
            let others = try unknown(session).prefix(50).map {
                PresentedKey(number: id.number, prefix: id.prefix, hash: $0.hash)
            }
            let standing = standIns(session, for: others)
            #expect(standing.count == 1)
            found.formUnion(standing)
        }
        #expect(found.count > 1)
    }

    @Test("One that has gone stands in no more once that was seen, and a key is itself all the while")
    func gone() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer()
        let key = try await vault.issue()
        let session = try vault.vault.opened().session
        #expect(session.issued(PresentedKey(key.text, session.keyring))?.stored.id == key.record.id)
        _ = try await vault.vault.revoke(vault.administrator, of: "shop", id: key.record.id)
        try await vault.vault.deleteIssuer(vault.administrator, "shop")
        let keys = try unknown(session)
        #expect(standIns(session, for: keys).count == 2)
        for key in keys { #expect(session.issued(key) == nil) }
        #expect(standIns(session, for: keys).count == 1)
        #expect(session.issued(PresentedKey(key.text, session.keyring)) == nil)
        #expect(try vault.list() == [])
    }

    @Test("As many are kept as make a difference, however many keys there are")
    func bound() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer()
        let session = try vault.vault.opened().session
        let standIns = StandIns(most: 3)
        let keys = try unknown(session)
        #expect(keys.allSatisfy { standIns.one(for: $0) == nil })
        for number in 1...5 {
            let entry = try #require(session.issued(try await vault.issue().record.id))
            #expect(standIns.add(entry) == (number < 3))
        }
        #expect(Set(keys.compactMap { standIns.one(for: $0) }).count == 3)
    }
}
