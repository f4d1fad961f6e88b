import IssuedKeys
import SecretMemory
import Testing

@testable import Vault

@Suite("The choke point")
struct ChokePointTests {
    @Test("Without a credential nothing is told but how to sign in")
    func noCredential() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        let error = await failure { try vault.get("payments/stripe", as: .stranger) }
        #expect(error?.code == .unauthorized)
        #expect(error?.decision == nil)
        #expect(await code { try vault.get("payments/none", as: .stranger) } == .unauthorized)
        #expect(vault.log.lines.filter { $0.contains("stripe") } == ["intent write payments/stripe"])
    }

    @Test("Every text that is no key of ours gets one and the same error")
    func wrongTexts() async throws {
        let vault = try await TestVault.open()
        let mine = try await vault.mint(["payments-service"])
        let text = mine.text.text
        let otherPrefix = try IssuedKeyText.mint(prefix: "other", random: SystemRandom()).text
        let unknown = try IssuedKeyText.mint(prefix: "keyturn", random: SystemRandom()).text
        // The id of a key that is there, with a secret that is another's and a checksum that is right.
        let wrongSecret = try Forgery.sameID(as: text)
        let texts = ["", "x", String(text.dropLast()) + "!", flipped(text), text + "A"]
        let reference = await failure { try vault.get("payments/stripe", as: .key(unknown)) }
        #expect(reference?.code == .unauthorized)
        for text in texts + [otherPrefix.text, wrongSecret] {
            #expect(await failure { try vault.get("payments/stripe", as: .key(text)) } == reference)
        }
    }

    @Test("What became of a key is told to those alone who hold the whole of it")
    func fateOfAKey() async throws {
        let vault = try await TestVault.open()
        let here = try await vault.mint(["payments-service"], networks: ["198.51.100.0/24"])
        let expiring = try await vault.mint(["payments-service"], expires: vault.clock.now + 5)
        let revoked = try await vault.mint(["payments-service"])
        let disabled = try await vault.mint(["payments-service"])
        _ = try await vault.vault.revoke(vault.administrator, id: revoked.record.id)
        _ = try await vault.vault.disable(vault.administrator, id: disabled.record.id)
        vault.clock.advance(5)
        let unknown = await failure { try vault.get("payments/stripe", as: .key("nothing")) }
        for (key, word) in [(here, "address"), (expiring, "expired"), (revoked, "revoked"), (disabled, "off")] {
            let told = await failure { try vault.get("payments/stripe", as: .key(key.text)) }
            #expect(told?.code == .unauthorized)
            #expect(told?.detail.contains(word) == true)
            let forged = try Forgery.sameID(as: key.text.text)
            #expect(await failure { try vault.get("payments/stripe", as: .key(forged)) } == unknown)
        }
    }

    @Test("A refusal is the same whether or not the key exists")
    func refusalTellsNothing() async throws {
        let vault = try await TestVault.open()
        try await vault.put("billing/stripe")
        let app = try await vault.caller("payments-service")
        var there = try #require(await failure { try vault.get("billing/stripe", as: app) })
        var absent = try #require(await failure { try vault.get("billing/none", as: app) })
        #expect(there.code == .refused)
        #expect(there.missingAction == "retrieve")
        #expect(there.decision != absent.decision)
        for id in [there.decision, absent.decision] { #expect(id?.count == 16) }
        (there.detail, absent.detail) = ("", "")
        (there.decision, absent.decision) = (nil, nil)
        #expect(there == absent)
        #expect(await code { try vault.get("payments/none", as: app) } == .notFound)
        #expect(await code { try vault.inspect("billing/none", as: app) } == .refused)
    }

    @Test("An operator is told the file and the line of the rule that refused")
    func explanation() async throws {
        let vault = try await TestVault.open()
        let app = try await vault.caller("payments-service")
        let id = try #require(await failure { try vault.get("payments/eu/root", as: app) }?.decision)
        #expect(await code { try vault.vault.decision(app, id: id) } == .refused)
        let report = try vault.vault.decision(.operatorAlone, id: id)
        #expect(report.rule?.file == "payments.yaml")
        #expect(report.rule?.line == 6)
        #expect(report.rule?.effect == "deny")
        #expect(report.rule?.reason == "root keys are for people")
        #expect(report.target == "key payments/eu/root")
        #expect(report.action == "retrieve")
        #expect(report.explanation.joined().contains("payments.yaml:6"))
        #expect(await code { try vault.vault.decision(.operatorAlone, id: "0000000000000000") } == .notFound)
    }

    @Test("Where no rule matched the explanation says so")
    func noRule() async throws {
        let vault = try await TestVault.open()
        let id = try #require(
            await failure { try vault.get("billing/stripe", as: .unixUser("payments")) }?.decision)
        let report = try vault.vault.decision(.operatorAlone, id: id)
        #expect(report.rule == nil)
        #expect(report.caller == "unix-user:1000 (payments)")
        #expect(!report.explanation.isEmpty)
    }

    @Test("A Unix user has what the files give its name, and one without a name nothing")
    func unixUsers() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe", "sk_1")
        #expect(try vault.get("payments/stripe", as: .unixUser("payments")) == "sk_1")
        #expect(await code { try vault.get("payments/stripe", as: .unixUser(nil)) } == .refused)
        #expect(await code { try vault.get("payments/stripe", as: .unixUser("root", id: 0)) } == .refused)
        #expect(await code { try vault.get("payments/stripe", as: .operatorAlone) } == .refused)
    }

    @Test("A key with networks is used from them alone; a local socket counts as 127.0.0.1")
    func networks() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe", "sk_1")
        let key = try await vault.mint(["payments-service"], networks: ["192.0.2.0/24"]).text
        let local = try await vault.mint(["payments-service"], networks: ["127.0.0.0/8"]).text
        #expect(try vault.get("payments/stripe", as: .key(key)) == "sk_1")
        #expect(await code { try vault.get("payments/stripe", as: .key(key, from: nil)) } == .unauthorized)
        let elsewhere = try IPAddress(parsing: "203.0.113.9")
        #expect(await code { try vault.get("payments/stripe", as: .key(key, from: elsewhere)) } == .unauthorized)
        #expect(
            await code { try vault.get("payments/stripe", as: .key(key, from: nil, door: .socket)) } == .unauthorized)
        #expect(try vault.get("payments/stripe", as: .key(local, from: nil, door: .socket)) == "sk_1")
        #expect(await code { try vault.get("payments/stripe", as: .key(local)) } == .unauthorized)
    }

    @Test("A vault that is sealed, or not made yet, says so before anything else")
    func sealed() async throws {
        let none = try TestVault()
        #expect(await code { try none.get("payments/stripe", as: .stranger) } == .uninitialized)
        let vault = try await TestVault.open()
        try await vault.seal()
        let error = await failure { try vault.get("payments/stripe") }
        #expect(error?.code == .sealed)
        #expect((1...4).contains(error?.retryAfter ?? 0))
        #expect(await code { try vault.get("payments/stripe", as: .stranger) } == .sealed)
        #expect(await code { try await vault.put("payments/stripe") } == .sealed)
    }

    @Test("Each caller learns who the vault takes it for")
    func whoAmI() async throws {
        let vault = try await TestVault.open()
        #expect(try vault.vault.whoAmI(vault.administrator).policies == ["administrator"])
        #expect(try vault.vault.whoAmI(.unixUser("olivia")).policies == ["operator"])
        #expect(try vault.vault.whoAmI(.operatorAlone).kind == "operator")
        #expect(await code { try vault.vault.whoAmI(.stranger) } == .unauthorized)
    }

    private func flipped(_ text: String) -> String {
        var bytes = Array(text.utf8)
        bytes[30] = bytes[30] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Keys that nobody made.
enum Forgery {
    /// A key with the id of another, a secret of its own and the right checksum.
    static func sameID(as text: String) throws -> String {
        let separator = text.lastIndex(of: "_") ?? text.startIndex
        let (prefix, id) = (text[..<separator], text[separator...].dropFirst().prefix(IssuedKeyID.length))
        // The generator is asked for the id first, digit by digit, and gives what is wanted.
        return try IssuedKeyText.mint(prefix: String(prefix), random: Fixed(Array(id.utf8))).text.text
    }

    /// Random bytes that become the given digits first, and others afterwards.
    private struct Fixed: RandomSource {
        let digits: [UInt8]
        init(_ digits: [UInt8]) { self.digits = digits }

        func fill(_ bytes: inout MutableRawSpan) {
            let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
            for offset in 0..<bytes.byteCount {
                let place = offset < digits.count ? alphabet.firstIndex(of: digits[offset]) ?? 0 : offset % 62
                bytes.storeBytes(of: UInt8(place), toByteOffset: offset, as: UInt8.self)
            }
        }
    }
}
