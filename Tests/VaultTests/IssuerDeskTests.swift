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
        try await vault.issuer(
            "shop",
            tiers: [
                IssuerTier(name: "free", limits: ["5/m"]), IssuerTier(name: "pro", limits: ["100/m"]),
                IssuerTier(name: "trial", quota: Quota(uses: 3)),
            ])
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

    // MARK: Limits and ends

    /// Has a key made as a rotation does, with each attempt as another one.
    private func mint(
        _ order: IssuerOrder, _ vault: TestVault, attempt: UInt8
    ) async throws -> (id: String, text: WipedBytes) {
        let context = RotationContext(
            keyPath: "app/key", keyID: try vault.inspect("app/key").id,
            token: [UInt8](repeating: attempt, count: 16), began: 0, now: vault.clock.now)
        guard case .done(let made) = await vault.rotations.desk.mint(order, context) else {
            throw Unexpected("not minted")
        }
        return (made.handle, try #require(made.field("value")))
    }

    /// Uses a key once, and says what its limits have left.
    private func left(_ key: WipedBytes, _ vault: TestVault) async throws -> [Int64] {
        try await vault.verify(key).windows.map(\.remaining)
    }

    @Test("A successor with another tier has limits of its own; one as before shares them, after a restart too")
    func tiers() async throws {
        let (vault, first) = try await open()
        try await vault.put("app/key", first.text.text, rotation: input())
        // Several lines: in which order an unseal finds the keys of one is chance.
        var lines: [(free: WipedBytes, pro: WipedBytes, same: WipedBytes)] = []
        for attempt in 1...UInt8(6) {
            let free = try await vault.issue("shop", IssueRequest(name: "a", tier: "free"))
            let pro = try await mint(
                IssuerOrder(issuer: "shop", tier: "pro", replacing: free.record.id), vault, attempt: attempt)
            let same = try await mint(IssuerOrder(issuer: "shop", replacing: pro.id), vault, attempt: attempt + 100)
            lines.append((free.text, pro.text, same.text))
        }
        for line in lines {
            #expect(try await left(line.free, vault) == [4])
            #expect(try await left(line.pro, vault) == [99])
            #expect(try await left(line.same, vault) == [98])
        }
        let again = try await vault.reopened()
        for line in lines {
            #expect(try await left(line.free, again) == [3])
            #expect(try await left(line.same, again) == [97])
            #expect(try await left(line.pro, again) == [96])
        }
    }

    @Test("Limits that an order gives are those that hold, and the key before keeps what it has")
    func ordered() async throws {
        let (vault, first) = try await open()
        try await vault.put("app/key", first.text.text, rotation: input())
        let next = try await mint(
            IssuerOrder(issuer: "shop", limits: ["2/m"], replacing: first.record.id), vault, attempt: 1)
        #expect(try await left(first.text, vault) == [99])
        #expect(try await left(next.text, vault) == [1])
        let again = try await vault.reopened()
        #expect(try await left(next.text, again) == [0])
        #expect(try await again.verdict(next.text) == .rateLimited)
        #expect(try await left(first.text, again) == [98])
    }

    @Test("A quota that begins with a successor is not given back by a restart")
    func quota() async throws {
        let (vault, _) = try await open()
        let first = try await vault.issue("shop", IssueRequest(name: "a"))
        try await vault.put("app/key", first.text.text, rotation: input())
        let next = try await mint(
            IssuerOrder(issuer: "shop", tier: "trial", replacing: first.record.id), vault, attempt: 1)
        #expect(try await vault.verify(next.text).quota?.remaining == 2)
        #expect(try await vault.verify(next.text).quota?.remaining == 1)
        let again = try await vault.reopened()
        #expect(try await again.verify(next.text).quota?.remaining == 0)
        #expect(try await again.verdict(next.text) == .quotaExceeded)
        #expect(try await again.verify(first.text).quota == nil)
    }

    @Test("A key and the successor that a rotation made share one limit, after a restart too")
    func shared() async throws {
        let (vault, _) = try await open()
        let first = try await vault.issue("shop", IssueRequest(name: "a", limits: ["3/m"]))
        try await vault.put("app/key", first.text.text, rotation: input())
        let next = try await mint(IssuerOrder(issuer: "shop", replacing: first.record.id), vault, attempt: 1)
        #expect(try await left(first.text, vault) == [2])
        #expect(try await left(next.text, vault) == [1])
        let again = try await vault.reopened()
        #expect(try await left(next.text, again) == [0])
        #expect(try await again.verdict(first.text) == .rateLimited)
    }

    @Test(
        "Somebody is told of a key that the next rotation does not end a week before it expires, after a restart too",
        arguments: [30 * Int64.day, 40 * Int64.day], [false, true])
    func expiring(_ lifetime: Int64, _ isReopened: Bool) async throws {
        var (vault, _) = try await open()
        try await vault.issuer("brief", lifetime: lifetime)
        let first = try await vault.issue("brief", IssueRequest(name: "a", expires: .never))
        try await vault.put("app/key", first.text.text, rotation: input("brief"))
        try await vault.pass(30 * .day + 2 * .hour)
        #expect(vault.notices.kinds == [.rotated])
        if isReopened { vault = try await vault.reopened() }
        let expected = lifetime == 30 * .day ? 1 : 0
        // At 54 days, and then at 70: the second key is made at 30 and ended at 60.
        for days in [24, 16] {
            try await vault.pass(Int64(days) * .day)
            #expect(vault.notices.kinds.filter { $0 == .expiring }.count == expected)
        }
    }
}
