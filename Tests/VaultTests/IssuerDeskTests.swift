import Audit
import IssuedKeys
import Policy
import Rotation
import Sealing
import SecretMemory
import Testing

@testable import Vault

/// Has keys made by an issuer of the vault's own, as the rotator `issuer` does.
private struct DeskKind: RotatorKind {
    let name = "desk"
    let desk: VaultIssuerDesk

    func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        DeskRotator(desk: desk, issuer: settings["issuer"] ?? "shop")
    }
}

private struct DeskRotator: Rotator {
    let desk: VaultIssuerDesk
    let issuer: String
    var capabilities: RotatorCapabilities { RotatorCapabilities(canList: true, marksAttempts: true) }
    var reach: RotatorReach { RotatorReach(issuers: [issuer]) }

    func handle(of fields: [RotationField]) -> String? { fields.first.flatMap { desk.handle(of: $0.value) } }
    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        await desk.mint(
            IssuerOrder(issuer: issuer, replacing: context.current.flatMap { handle(of: $0.fields) }), context)
    }
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        guard let text = candidate.field("value") else { return .rejected(.missingField, newCandidate: true) }
        return await desk.verify(text, issuer: issuer, context)
    }
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        await desk.revoke(handle: credential.handle, issuer: issuer, context)
    }
    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        await desk.list(issuer: issuer, context)
    }
}

@Suite("A key that the vault issues is stored for an application and rotated, all in one vault")
struct IssuerDeskTests {
    private func open() async throws -> (TestVault, MintedIssuedKey) {
        var rotations = TestRotations()
        let desk = rotations.desk
        rotations.others = [DeskKind(desk: desk)]
        let files = TestFiles(
            Dictionary(uniqueKeysWithValues: try TestVault.teams.read().map { ($0.name, $0.text) }))
        let vault = try await TestVault.open(files: files, rotations: rotations)
        try await vault.issuer("shop")
        try await vault.issuer("bank")
        var request = IssueRequest(name: "the application", owner: "team", scopes: ["read"])
        request.limits = ["100/m"]
        let first = try await vault.issue("shop", request)
        return (vault, first)
    }

    private func input(_ issuer: String = "shop") -> RotationSettingsInput {
        RotationSettingsInput(
            rotator: "desk", timing: .every(30 * .day), settings: ["issuer": issuer], overlap: .hour)
    }

    private func inForce(_ vault: TestVault) async throws -> [IssuedKeyRecord] {
        try vault.vault.issuedKeys(vault.administrator, of: "shop", IssuedKeyFilter(), limit: 100, cursor: nil).items
            .filter { $0.state == .active || $0.state == .rolled }
    }

    @Test("Nobody is refused at any moment: before, through the overlap and after; then the old key is revoked")
    func whole() async throws {
        let (vault, first) = try await open()
        try await vault.put("app/key", first.text.text, rotation: input())
        for _ in 0..<3 {
            let before = WipedBytes(utf8: try vault.get("app/key"))
            vault.clock.advance(30 * .day)
            #expect(try await vault.verdict(before, scope: "read") == .valid)
            vault.vault.rotateDue()
            await vault.vault.rotationsAtRest()
            let after = WipedBytes(utf8: try vault.get("app/key"))
            #expect(after.text != before.text)
            #expect(try await vault.verdict(after, scope: "read") == .valid)
            #expect(try await vault.verdict(before, scope: "read") == .valid)
            try await vault.pass(.hour)
            #expect(try await vault.verdict(before) == .revoked)
            #expect(try await vault.verdict(after, scope: "write") == .scopeDenied)
            #expect(try await inForce(vault).count == 1)
        }
        let last = try #require(try await inForce(vault).first)
        #expect(last.name == "the application")
        #expect(last.owner == "team")
        #expect(last.limits == ["100/m"])
        #expect(last.lineage == first.record.id)
        #expect(vault.log.entries.contains { $0.action.text == "issue" && $0.key == "app/key" && $0.issuer == "shop" })
    }

    @Test("Who may not issue there may not have keys rotated there, then or later")
    func authority() async throws {
        let (vault, first) = try await open()
        let seller = try await vault.caller("seller")
        #expect(
            await code { try await vault.put("app/key", first.text.text, rotation: input(), as: seller) } == .refused)
        vault.files["keys.yaml"] = """
            policy: keys
            rules:
              - allow: [write]
                keys: ["app/**"]
            """
        _ = try await vault.vault.reloadPolicies(vault.administrator)
        let author = try await vault.caller("keys", "shop")
        #expect(await code { try await vault.put("app/key", "x", rotation: input("bank"), as: author) } == .refused)
        try await vault.put("app/key", first.text.text, rotation: input(), as: author)
        vault.files["shop.yaml"] = nil
        _ = try await vault.vault.reloadPolicies(vault.administrator)
        try await vault.pass(31 * .day)
        #expect(try vault.report("app/key").error == .notPermitted)
        #expect(try await inForce(vault).map(\.id) == [first.record.id])
    }

    @Test("The same attempt made twice leaves one key, and its list tells whose the keys are")
    func twice() async throws {
        let (vault, first) = try await open()
        let metadata = try await vault.put("app/key", first.text.text, rotation: input())
        let token = [UInt8](repeating: 7, count: 16)
        var context = RotationContext(
            keyPath: "app/key", keyID: metadata.id, token: token, began: 0, now: vault.clock.now)
        let desk = vault.rotations.desk
        let order = IssuerOrder(issuer: "shop", replacing: first.record.id)
        guard case .done(let one) = await desk.mint(order, context),
            case .done(let two) = await desk.mint(order, context)
        else { throw Unexpected("not minted") }
        #expect(try await vault.verdict(try #require(one.field("value"))) == .revoked)
        #expect(try await vault.verdict(try #require(two.field("value"))) == .valid)
        guard case .done(let mine) = await desk.list(issuer: "shop", context) else { throw Unexpected("not listed") }
        #expect(mine == [ListedCredential(handle: two.handle, created: vault.clock.now, origin: .thisAttempt)])
        context.token = [UInt8](repeating: 8, count: 16)
        guard case .done(let other) = await desk.list(issuer: "shop", context) else { throw Unexpected("not listed") }
        #expect(other.map(\.origin) == [.thisKey])
        guard case .done = await desk.revoke(handle: two.handle, issuer: "shop", context),
            case .done = await desk.revoke(handle: two.handle, issuer: "shop", context),
            case .done = await desk.revoke(handle: "nobody", issuer: "shop", context)
        else { throw Unexpected("not revoked") }
        guard
            case .rejected(.testFailed, _) = await desk.verify(
                try #require(two.field("value")), issuer: "shop", context)
        else { throw Unexpected("a revoked key passed") }
        context.keyID = String(repeating: "0", count: 32)
        guard case .rejected(.notPermitted, newCandidate: false) = await desk.mint(order, context) else {
            throw Unexpected("minted for nobody")
        }
    }
}
