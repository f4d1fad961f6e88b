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

/// Codes that are exchanged once for an access key.
@Suite("Enrolment codes")
struct EnrolmentTests {
    private func enrol(
        _ vault: TestVault, _ policies: [String] = ["payments-service"], networks: [String]? = nil,
        lifetime: Int64? = nil, validFor: Int64 = Enrolments.usual, as requester: Requester? = nil
    ) async throws -> MintedEnrolment {
        try await vault.vault.enrol(
            requester ?? vault.administrator,
            EnrolmentRequest(
                name: "shop-7", policies: policies, lifetime: lifetime, networks: networks, validFor: validFor))
    }

    private func redeem(_ vault: TestVault, _ code: WipedBytes, from address: String = "192.0.2.7") async throws
        -> MintedAccessKey
    {
        let stranger = Requester(
            credential: .none, door: .network, address: try IPAddress(parsing: address), route: "POST /test")
        return try await vault.vault.redeem(stranger, code: code)
    }

    private func record(_ vault: TestVault, _ id: String) throws -> EnrolmentRecord? {
        try vault.vault.enrolments(vault.administrator).first { $0.id == id }
    }

    // MARK: What must fail

    @Test("An unknown code, a mistyped one, an access key and nonsense are told apart by nobody")
    func strangers() async throws {
        let vault = try await TestVault.open()
        let made = try await enrol(vault)
        let unknown = try IssuedKeyText.mint(prefix: Enrolments.prefix, random: SystemRandom()).text
        let elsewhere = try IssuedKeyText.mint(prefix: "keyturn", random: SystemRandom()).text
        vault.log.forget()
        var errors: [VaultError?] = []
        for text in [
            unknown, elsewhere, vault.administratorText, WipedBytes(utf8: "nonsense"),
            WipedBytes(utf8: String(made.text.text.dropLast()) + (made.text.text.last == "x" ? "y" : "x")),
            WipedBytes(utf8: ""),
            WipedBytes(utf8: String(repeating: "x", count: 4000)),
        ] {
            errors.append(await failure { try await redeem(vault, text) })
        }
        #expect(errors.allSatisfy { $0?.code == .unauthorized && $0 == errors[0] })
        // Counted as strangers are: nothing of it is a line of its own for each.
        #expect(vault.log.lines.allSatisfy { $0 == "request refused request (unauthorized)" })
        #expect(try record(vault, made.record.id)?.state == .waiting)
    }

    @Test("A second use is refused like any other wrong code, and raises the alarm once")
    func secondUse() async throws {
        let vault = try await TestVault.open()
        let made = try await enrol(vault)
        let key = try await redeem(vault, made.text)
        let unknown = try IssuedKeyText.mint(prefix: Enrolments.prefix, random: SystemRandom()).text
        let usual = await failure { try await redeem(vault, unknown) }
        vault.log.forget()
        vault.clock.advance(.minute)
        #expect(await failure { try await redeem(vault, made.text, from: "203.0.113.9") } == usual)
        #expect(vault.log.lines == ["intent enrolment_reused \(key.record.id)"])
        #expect(vault.log.entries.first?.address == "203.0.113.9")
        #expect(vault.log.text.contains("\"issued_key\":\"\(key.record.id)\""))
        let noted = try #require(try record(vault, made.record.id))
        #expect(noted.reused == vault.clock.now)
        #expect(noted.reusedFrom == "203.0.113.9")
        #expect(vault.vault.gauges().numbers.enrolmentReuses == 1)
        // A million more change nothing, and write no line each.
        vault.log.forget()
        for _ in 0..<50 { #expect(await failure { try await redeem(vault, made.text) } == usual) }
        #expect(vault.log.lines.allSatisfy { $0 == "request refused request (unauthorized)" })
        #expect(vault.log.lines.count < 50)
        // Who came first is not disturbed.
        #expect(await code { try vault.get("payments/stripe", as: .key(key.text)) } == .notFound)
    }

    @Test("Of many who present a code at the same time, one gets the access key")
    func race() async throws {
        let vault = try await TestVault.open()
        let made = try await enrol(vault)
        let before = try vault.store.count(of: .issuedKey)
        let got = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { (try? await self.redeem(vault, made.text)) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(got == 1)
        #expect(try vault.store.count(of: .issuedKey) == before + 1)
    }

    @Test("A code that has expired, was cancelled or comes from another network is refused")
    func over() async throws {
        let vault = try await TestVault.open()
        let expired = try await enrol(vault, validFor: .minute)
        let cancelled = try await enrol(vault)
        let elsewhere = try await enrol(vault, networks: ["10.0.0.0/8"])
        _ = try await vault.vault.cancelEnrolment(vault.administrator, id: cancelled.record.id)
        vault.clock.advance(.minute)
        for made in [expired, cancelled, elsewhere] {
            #expect(await code { try await redeem(vault, made.text) } == .unauthorized)
        }
        #expect(try record(vault, expired.record.id)?.state == .expired)
        #expect(try record(vault, cancelled.record.id)?.state == .cancelled)
        let key = try await redeem(vault, elsewhere.text, from: "10.1.2.3")
        #expect(key.record.networks == ["10.0.0.0/8"])
        #expect(
            await code { try await vault.vault.cancelEnrolment(vault.administrator, id: elsewhere.record.id) }
                == .conflict)
    }

    @Test("A sealed vault exchanges nothing, and the code waits")
    func sealed() async throws {
        let vault = try await TestVault.open()
        let made = try await enrol(vault)
        try await vault.seal()
        #expect(await code { try await redeem(vault, made.text) } == .sealed)
        try await vault.unseal()
        _ = try await redeem(vault, made.text)
    }

    @Test("Nobody enrols for policies that they may not grant, or sees such codes")
    func authority() async throws {
        let vault = try await TestVault.open()
        let (desk, payments) = (try await vault.caller("desk"), try await vault.caller("payments-service"))
        for policies in [["auditor"], ["administrator"], ["payments-service", "auditor"]] {
            #expect(await code { try await enrol(vault, policies, as: desk) } == .refused)
        }
        #expect(await code { try await enrol(vault, as: payments) } == .refused)
        #expect(await code { try await enrol(vault, ["none"]) } == .invalidField)
        #expect(await code { try await enrol(vault, validFor: 0) } == .invalidField)
        #expect(await code { try await enrol(vault, validFor: 8 * .day) } == .invalidField)
        #expect(await code { try await enrol(vault, networks: []) } == .invalidField)
        let theirs = try await enrol(vault, as: desk)
        let others = try await enrol(vault, ["auditor"])
        #expect(try vault.vault.enrolments(desk).map(\.id) == [theirs.record.id])
        #expect(await code { try await vault.vault.cancelEnrolment(desk, id: others.record.id) } == .notFound)
        #expect(await code { try vault.vault.enrolments(payments) } == .refused)
    }

    @Test("What its maker could no longer grant when it is exchanged, a code does not give")
    func makerIsGone() async throws {
        let vault = try await TestVault.open()
        let desk = try await vault.mint(["desk"])
        let (revoked, user) = (
            try await enrol(vault, as: .key(desk.text)), try await enrol(vault, as: .unixUser("olivia"))
        )
        _ = try await vault.vault.revoke(vault.administrator, id: desk.record.id)
        #expect(await code { try await redeem(vault, revoked.text) } == .unauthorized)
        vault.files["operator.yaml"] = "policy: operator\nrules:\n  - allow: [operate]\n"
        try await vault.vault.reloadPolicies()
        #expect(await code { try await redeem(vault, user.text) } == .unauthorized)
    }

    @Test("A thousand codes wait at the most")
    func bound() async throws {
        let vault = try await TestVault.open()
        for _ in 0..<VaultLimits.enrolments { _ = try await enrol(vault, validFor: .minute) }
        #expect(await code { try await enrol(vault) } == .conflict)
        vault.clock.advance(.minute)
        _ = try await enrol(vault)
    }

    @Test("A record of a code that was altered or taken away is found at unseal")
    func damage() async throws {
        let vault = try await TestVault.open()
        _ = try await enrol(vault)
        try await vault.seal()
        let row = try #require(try vault.store.rows(of: .enrolment).first)
        let bytes = try #require(try vault.store.read(row))
        try vault.store.tamper([row: nil])
        #expect(await code { try await vault.restarted().unseal() } == .storeDamaged)
        var altered = bytes
        altered[altered.count - 1] ^= 1
        try vault.store.tamper([row: altered])
        #expect(await code { try await vault.restarted().unseal() } == .storeDamaged)
        try vault.store.tamper([row: bytes])
        try await vault.restarted().unseal()
    }

    // MARK: What it gives

    @Test("The access key is what was described, lives from the exchange, and says where it comes from")
    func key() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe", "sk_1")
        vault.log.forget()
        let made = try await enrol(vault, networks: ["192.0.2.0/24"], lifetime: 90 * .day)
        vault.clock.advance(10 * .minute)
        let key = try await redeem(vault, made.text)
        #expect(key.record.name == "shop-7")
        #expect(key.record.policies == ["payments-service"])
        #expect(key.record.expires == vault.clock.now + 90 * .day)
        #expect(key.record.createdBy == "enrolment:\(made.record.id)")
        #expect(try vault.get("payments/stripe", as: .key(key.text)) == "sk_1")
        #expect(
            vault.log.lines.prefix(2) == ["intent enrol \(made.record.id)", "intent redeem \(key.record.id)"])
        #expect(try record(vault, made.record.id)?.accessKey == key.record.id)
        for text in [made.text.text, key.text.text] { #expect(!vault.log.text.contains(text.suffix(49))) }
    }

    @Test("Codes outlive a restart and a new root, and are forgotten 30 days after their end")
    func kept() async throws {
        let vault = try await TestVault.open()
        let (waiting, used) = (try await enrol(vault, validFor: 7 * .day), try await enrol(vault))
        _ = try await redeem(vault, used.text)
        _ = try await vault.vault.rotateKeyring(vault.administrator)
        _ = try await vault.vault.rewrap(vault.administrator)
        let again = try await vault.reopened()
        #expect(await code { try await redeem(again, used.text) } == .unauthorized)
        #expect(try record(again, used.record.id)?.reused != nil)
        _ = try await redeem(again, waiting.text)
        again.clock.advance(30 * .day - .second)
        try await again.vault.maintain()
        #expect(try again.vault.enrolments(again.administrator).count == 2)
        again.clock.advance(31 * .day)
        try await again.vault.maintain()
        #expect(try again.vault.enrolments(again.administrator).isEmpty)
        #expect(try again.store.count(of: .enrolment) == 0)
        #expect(await code { try await redeem(again, used.text) } == .unauthorized)
        _ = try await again.reopened()
    }
}
