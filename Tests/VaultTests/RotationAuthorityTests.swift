import Audit
import Policy
import Rotation
import Sealing
import Testing

@testable import Vault

@Suite("Rotations reach what their author may reach, when they are written and whenever they run")
struct RotationAuthorityTests {
    static var files: TestFiles { TestFiles(texts) }
    private static let texts = [
        "keeper.yaml": """
        policy: keeper
        rules:
          - allow: [write, rotate, inspect]
            keys: ["**"]
          - allow: [rotate]
            hosts: ["api.example.com"]
        callers:
          unix-users: [kate]
        """,
        "writer.yaml": """
        policy: writer
        rules:
          - allow: [write, rotate, inspect]
            keys: ["**"]
        """,
        "reader.yaml": """
        policy: reader
        rules:
          - allow: [retrieve]
            keys: ["admin/db"]
        """,
        "minter.yaml": """
        policy: minter
        rules:
          - allow: [issue, revoke]
            issuers: [shop]
        """,
    ]

    private func open() async throws -> TestVault {
        let vault = try await TestVault.open(files: Self.files)
        return vault
    }

    private func input(host: String? = nil, credential: String? = nil, issuer: String? = nil) -> RotationSettingsInput {
        var input = RotationSettingsInput.provider(overlap: .hour, host: host)
        input.settings["credential"] = credential
        input.settings["issuer"] = issuer
        return input
    }

    @Test("Who may write a key may not have it rotated at a host, with a key or by an issuer that no rule allows")
    func refused() async throws {
        let vault = try await open()
        try await vault.put("admin/db", "secret")
        let writer = try await vault.caller("writer")
        for input in [
            input(host: "api.example.com:443"), input(credential: "admin/db"), input(issuer: "shop"),
        ] {
            vault.log.forget()
            let error = await failure { try await vault.put("k", rotation: input, as: writer) }
            #expect(error?.code == .refused)
            #expect(error?.field == "rotation.settings")
            let decision = try #require(error?.decision)
            #expect(
                try vault.vault.decision(vault.administrator, id: decision).explanation.joined().contains(
                    "no rule matched"))
            #expect(vault.log.lines.first == "request refused write k (refused)")
        }
        #expect(await code { try vault.inspect("k") } == .notFound)
        try await vault.put("k", rotation: input(), as: writer)
        let change = MetadataChange(rotation: .set(input(host: "api.example.com:443")))
        #expect(await code { try await vault.vault.change(writer, try path("k"), change, if: .none) } == .refused)
    }

    @Test("Each of them with a rule may")
    func allowed() async throws {
        let vault = try await open()
        try await vault.put("admin/db", "secret")
        try await vault.put("a", rotation: input(host: "api.example.com:443"), as: try await vault.caller("keeper"))
        let both = try await vault.caller("writer", "reader")
        try await vault.put("b", rotation: input(credential: "admin/db"), as: both)
        try await vault.put("c", rotation: input(issuer: "shop"), as: try await vault.caller("writer", "minter"))
        #expect(try vault.report("a").author.hasPrefix("access-key:"))
        let other = input(host: "other.example.com:443")
        #expect(await code { try await vault.put("d", rotation: other, as: .unixUser("kate")) } == .refused)
        try await vault.put("d", rotation: input(host: "api.example.com:8443"), as: .unixUser("kate"))
        #expect(try vault.report("d").author == "unix-user:1000")
    }

    @Test("A key cannot be rotated with itself")
    func itself() async throws {
        let vault = try await open()
        #expect(await code { try await vault.put("k", rotation: input(credential: "k")) } == .invalidField)
        #expect(await code { try await vault.put("k", rotation: input(credential: "../k")) } == .invalidField)
    }

    @Test(
        "An author whose key was revoked, or whose policy is gone, ends the calls, visibly", arguments: [true, false])
    func gone(_ isRevoked: Bool) async throws {
        let vault = try await open()
        let minted = try await vault.mint(["keeper"])
        let author = Requester.key(minted.text)
        try await vault.put("k", rotation: input(host: "api.example.com:443"), as: author)
        if isRevoked {
            _ = try await vault.vault.revoke(vault.administrator, id: minted.record.id)
        } else {
            vault.files["keeper.yaml"] = nil
            _ = try await vault.vault.reloadPolicies(vault.administrator)
        }
        #expect(try vault.vault.planRotation(vault.administrator, try path("k")).isPermitted == false)
        try await vault.pass(31 * .day)
        #expect(vault.provider.calls == [])
        #expect(try vault.report("k").error == .notPermitted)
        #expect(try vault.report("k").standing == .failing)
        #expect(vault.notices.kinds.contains(.failing))
        #expect(vault.log.rotationSteps.contains("failed not_permitted"))
        #expect(try vault.get("k") == "first")
        // Somebody else writes the settings anew: the rotation goes on in that name.
        let change = MetadataChange(rotation: .set(input(host: "api.example.com:443")))
        _ = try await vault.vault.change(vault.administrator, try path("k"), change, if: .none)
        try await vault.pass(2 * .day)
        #expect(try vault.inspect("k").current == 2)
        #expect(try vault.works("k"))
    }

    @Test("An author who rolled the access key goes on")
    func rolled() async throws {
        let vault = try await open()
        let minted = try await vault.mint(["keeper"])
        try await vault.put("k", rotation: input(host: "api.example.com:443"), as: .key(minted.text))
        let next = try await vault.vault.roll(vault.administrator, id: minted.record.id, overlap: .hour)
        try await vault.pass(30 * .day)
        #expect(try vault.inspect("k").current == 2)
        _ = try await vault.vault.revoke(vault.administrator, id: next.record.id)
        try await vault.pass(31 * .day)
        #expect(try vault.inspect("k").current == 2)
        #expect(try vault.report("k").error == .notPermitted)
    }

    @Test("What is generated here reaches nothing, and needs its author no more")
    func local() async throws {
        let vault = try await open()
        let minted = try await vault.mint(["writer"])
        try await vault.put("k", rotation: .generate(), as: .key(minted.text))
        _ = try await vault.vault.revoke(vault.administrator, id: minted.record.id)
        try await vault.pass(30 * .day)
        #expect(try vault.inspect("k").current == 2)
    }
}
