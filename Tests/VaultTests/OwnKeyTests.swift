import Audit
import IssuedKeys
import Policy
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Synchronization
import Testing

@testable import Vault

/// What the holder of an access key hears about its end, and does about it.
@Suite("One's own access key")
struct OwnKeyTests {
    private static let files = [
        "app.yaml": """
        policy: app
        rules:
          - allow: [retrieve]
            keys: ["app/**"]
          - allow: [renew]
        """,
        "plain.yaml": """
        policy: plain
        rules:
          - allow: [retrieve]
            keys: ["app/**"]
        """,
        "granter.yaml": """
        policy: granter
        rules:
          - allow: [issue]
            policies: [granter]
        """,
    ]

    private func open() async throws -> TestVault { try await TestVault.open(files: TestFiles(Self.files)) }

    /// The end that a request with this key is warned of.
    private func warning(_ vault: TestVault, _ requester: Requester) throws -> Timestamp? {
        var requester = requester
        _ = try vault.vault.spendNow(&requester)
        return vault.vault.endsSoon(requester)
    }

    @Test("Without the action renew, or leave to grant all that the key may do, nobody rolls their own key")
    func refused() async throws {
        let vault = try await open()
        for policies in [["plain"], ["plain", "granter"]] {
            let key = try await vault.mint(policies)
            let error = await failure { try await vault.vault.rollOwnKey(.key(key.text), overlap: nil) }
            #expect(error?.code == .refused)
            #expect(error?.missingAction == "renew")
        }
        #expect(await code { try await vault.vault.rollOwnKey(.operatorAlone, overlap: nil) } == .conflict)
        #expect(await code { try await vault.vault.rollOwnKey(.stranger, overlap: nil) } == .unauthorized)
    }

    @Test("Renewing gives nothing but time: the same policies, networks and limits, and the same length of life")
    func renewed() async throws {
        let vault = try await open()
        let key = try await vault.mint(["app"], expires: vault.clock.now + 10 * .day, networks: ["192.0.2.0/24"])
        vault.clock.advance(9 * .day)
        vault.log.forget()
        let next = try await vault.vault.rollOwnKey(.key(key.text), overlap: .hour)
        #expect(next.record.policies == ["app"])
        #expect(next.record.networks == ["192.0.2.0/24"])
        #expect(next.record.expires == vault.clock.now + 10 * .day)
        #expect(next.record.predecessor == key.record.id)
        #expect(next.record.lineage == key.record.lineage)
        #expect(vault.log.entries.first?.action == "roll_own_access_key")
        // Both for an hour, and the first cannot be rolled again: a copy of it is no way to go on.
        #expect(await code { try await vault.vault.rollOwnKey(.key(key.text), overlap: nil) } == .conflict)
        vault.clock.advance(.hour)
        #expect(await code { try vault.get("app/a", as: .key(key.text)) } == .unauthorized)
        #expect(await code { try vault.get("app/a", as: .key(next.text)) } == .notFound)
        #expect(
            await code { try await vault.vault.issue(.key(next.text), AccessKeyRequest(name: "x", policies: ["app"])) }
                == .refused)
    }

    @Test("Who may grant all that its key may do needs no other leave")
    func granter() async throws {
        let vault = try await open()
        _ = try await vault.vault.rollOwnKey(try await vault.caller("granter"), overlap: nil)
    }

    @Test("The end is told within the last tenth of a key's life, 14 days at the most, and to its holder alone")
    func warned() async throws {
        let vault = try await open()
        let start = vault.clock.now
        let short = try await vault.mint(["app"], expires: start + 10 * .hour)
        let long = try await vault.mint(["app"], expires: start + 400 * .day)
        let bound = try await vault.mint(["app"], expires: start + 10 * .hour, networks: ["10.0.0.0/8"])
        #expect(try warning(vault, .key(short.text)) == nil)
        #expect(try warning(vault, vault.administrator) == nil)
        vault.clock.advance(9 * .hour - 1)
        #expect(try warning(vault, .key(short.text)) == nil)
        vault.clock.advance(1)
        #expect(try warning(vault, .key(short.text)) == start + 10 * .hour)
        #expect(try warning(vault, .key(bound.text)) == nil)
        #expect(try warning(vault, .unixUser("shop")) == nil)
        vault.clock.advance(.hour)
        #expect(try warning(vault, .key(short.text)) == nil)
        vault.clock.now = start + 386 * .day - 1
        #expect(try warning(vault, .key(long.text)) == nil)
        vault.clock.advance(1)
        #expect(try warning(vault, .key(long.text)) == start + 400 * .day)
    }

    @Test("The holder of a key that was rolled is told its end from then on")
    func rolled() async throws {
        let vault = try await open()
        let key = try await vault.mint(["app"])
        _ = try await vault.vault.roll(vault.administrator, id: key.record.id, overlap: 40 * .day)
        #expect(try warning(vault, .key(key.text)) == vault.clock.now + 40 * .day)
    }
}
