import Audit
import Policy
import Rotation
import Testing

@testable import Vault

@Suite("A rotation that a provider does not let come to its end can be left all the same")
struct RotationLeavingTests {
    /// A provider's list that is of no use any more, and what is said of it.
    static let broken: [(fault: TestProvider.Fault, shown: RotationFault)] = [
        (.says(.badHandle, retryAfter: nil), .badHandle), (.refused, .refused), (.lostBefore, .serverError),
    ]

    /// A key whose creation was lost, and is looked for in a list that keeps failing.
    private func stuck(_ fault: TestProvider.Fault = .says(.badReply, retryAfter: nil)) async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider())
        vault.provider.fail(0, .lostAfter)
        vault.provider.fail(all: "list", fault)
        try await vault.pass(31 * .day)
        vault.log.forget()
        return vault
    }

    private func abort(_ vault: TestVault) async throws -> RotationReport {
        _ = try await vault.vault.abortRotation(vault.administrator, try path("k"))
        await vault.vault.rotationsAtRest()
        return try vault.report("k")
    }

    @Test("The second abort ends it, keeps the current version, and names what may be left", arguments: 0..<3)
    func secondAbort(_ which: Int) async throws {
        let vault = try await stuck(Self.broken[which].fault)
        let before = try vault.report("k")
        #expect(before.standing == .failing && before.step == .reconcile && before.error == Self.broken[which].shown)
        #expect(!before.isAborting && before.leftovers == [])

        let asked = try await abort(vault)
        #expect(asked.isAborting && asked.standing == .failing && asked.step == .reconcile)
        #expect(vault.provider.calls.last == "list" && asked.attempts == 1)

        let ended = try await abort(vault)
        #expect(ended.standing == .scheduled && ended.step == .idle && !ended.isAborting && ended.error == nil)
        #expect(ended.due ?? 0 > vault.clock.now)
        #expect(try vault.get("k") == "first")
        #expect(try vault.works("k"))
        let left = try #require(ended.leftovers.first)
        #expect(ended.leftovers.count == 1 && left.handle == nil && left.step == .reconcile)
        let id = try vault.inspect("k").id
        #expect(left.mark.hasPrefix("keyturn-\(id.prefix(16))-") && left.mark.utf8.count == 57)
        #expect(left.time >= TestClock.start + 30 * .day)
        let lines = vault.log.entries.filter { $0.action.text == "abort_rotation" }
        #expect(lines.compactMap { $0.detail?.text } == ["orphan_left", "aborted"])
        #expect(lines.first { $0.detail?.text == "orphan_left" }?.code?.text == "possible_orphan")
        #expect(lines.first { $0.detail?.text == "orphan_left" }?.target == left.mark)

        // It is remembered, and the next rotation is not kept from its time.
        try await vault.seal()
        let again = try await vault.reopened()
        #expect(try again.report("k").leftovers == [left])
        again.provider.fail(all: "list", nil)
        try await again.pass(31 * .day)
        #expect(try again.inspect("k").current == 2)
        #expect(try again.works("k"))
        #expect(try again.report("k").leftovers == [left])
    }

    @Test("An abort that is said twice in haste does not leave anything behind before it was looked for")
    func haste() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider())
        vault.provider.fail(0, .lostAfter)
        _ = try await vault.rotate("k")
        #expect(try vault.report("k").step == .reconcile)
        for _ in 0..<3 { #expect(try await abort(vault).step == .reconcile) }
        try await vault.pass(.hour)
        #expect(try vault.report("k").standing == .scheduled)
        #expect(try vault.report("k").leftovers == [])
        #expect(vault.provider.live == ["first"])
    }

    @Test("Somebody says with resume that what was named has been seen to; where nothing is, that is refused")
    func seenTo() async throws {
        let vault = try await stuck()
        _ = try await abort(vault)
        #expect(try await abort(vault).leftovers.count == 1)
        let resumed = try await vault.vault.resumeRotation(vault.administrator, try path("k"))
        #expect(resumed.rotation?.leftovers == [] && resumed.rotation?.standing == .scheduled)
        #expect(
            await code { try await vault.vault.resumeRotation(vault.administrator, try path("k")) } == .conflict)
        #expect(await code { try await vault.vault.abortRotation(vault.administrator, try path("k")) } == .conflict)
    }

    @Test("A value that is stored by hand ends it as well, and names the same")
    func stored() async throws {
        let vault = try await stuck()
        try await vault.put("k", "by hand")
        let report = try vault.report("k")
        #expect(report.standing == .overlapping && report.error == nil && report.leftovers.count == 1)
        #expect(report.lastRotated == vault.clock.now)
        #expect(try vault.get("k") == "by hand")
        let lines = vault.log.entries.filter { $0.action.text == "write" }
        #expect(lines.compactMap { $0.detail?.text } == ["promoted", "orphan_left"])
        #expect(lines.map(\.version) == [2, 1])
        #expect(lines.last?.target == report.leftovers.first?.mark)
        // What it replaced is ended in its time.
        try await vault.pass(.hour)
        #expect(!vault.provider.lives("first"))
        #expect(try vault.report("k").standing == .scheduled)
    }

    @Test("A candidate that cannot be ended is named as the provider names it")
    func discard() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider())
        vault.provider.fail(all: "test", .refused)
        vault.provider.fail(all: "retire", .lostBefore)
        try await vault.pass(31 * .day)
        #expect(try vault.report("k").step == .discard)
        #expect(try vault.report("k").pending == 2)
        _ = try await abort(vault)
        let ended = try await abort(vault)
        #expect(ended.leftovers.map(\.handle) == ["k1"] && ended.leftovers.map(\.step) == [.discard])
        #expect(ended.pending == nil && ended.standing == .scheduled)
        #expect(try vault.inspect("k").versions.map(\.number) == [1])
        // What a list shows later is ended after all.
        vault.provider.fail(all: "test", nil)
        vault.provider.fail(all: "retire", nil)
        vault.provider.fail(vault.provider.calls.count, .lostAfter)
        try await vault.pass(32 * .day)
        #expect(try vault.report("k").leftovers == [])
        #expect(try vault.provider.live == [vault.get("k")])
    }

    @Test("A version before that cannot be ended at the provider is named when its rotation is given up")
    func retire() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(overlap: .hour))
        vault.provider.fail(all: "retire", .refused)
        try await vault.pass(31 * .day)
        #expect(try vault.report("k").step == .retire)
        let ended = try await abort(vault)
        #expect(ended.leftovers.map(\.handle) == ["k0"] && ended.standing == .scheduled)
        #expect(vault.log.entries.contains { $0.detail?.text == "orphan_left" && $0.target == "k0" })
    }

    @Test("A database that is no more does not keep a value from being stored")
    func slot() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(style: "slot"))
        for call in ["create", "test"] { vault.provider.fail(all: call, .lostBefore) }
        try await vault.pass(31 * .day)
        // What it holds would have to be known for the candidate to be given up.
        let asked = try await abort(vault)
        #expect(asked.isAborting && asked.step == .verify && asked.pending == 2)
        #expect(await code { try await vault.vault.abortRotation(vault.administrator, try path("k")) } == .conflict)
        try await vault.put("k", "by hand")
        #expect(try vault.get("k") == "by hand")
        #expect(try vault.report("k").standing == .scheduled)
        #expect(try vault.inspect("k").pendingVersions == [])
    }

    @Test("With one slot, a candidate that is refused for good is dropped once the current value was seen to work")
    func refusedInDoubt() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(style: "slot"))
        vault.provider.fail(0, .lostBefore)
        vault.provider.fail(all: "create", .refused)
        try await vault.pass(30 * .day + .hour)
        #expect(try vault.report("k").candidates > 1)
        #expect(try vault.report("k").pending == nil)
        #expect(try vault.get("k") == "first")
        #expect(try vault.works("k"))
        #expect(try await abort(vault).standing == .scheduled)
        vault.provider.fail(all: "create", nil)
        _ = try await vault.rotate("k")
        #expect(try vault.works("k"))
        #expect(try vault.provider.live == [vault.get("k")])
    }

    @Test("A backup whose provider does not answer takes a value by hand, and what came after it is still looked for")
    func restored() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider())
        _ = try await vault.rotate("k")
        vault.provider.fail(all: "test", .lostBefore)
        _ = try await vault.vault.rotationsWereRestored(vault.administrator)
        try await vault.pass(.hour)
        #expect(try vault.report("k").step == .verify)
        #expect(await code { try await vault.vault.abortRotation(vault.administrator, try path("k")) } == .conflict)
        try await vault.put("k", "by hand")
        #expect(try vault.get("k") == "by hand")
        try await vault.pass(.hour)
        #expect(vault.provider.calls.suffix(2) == ["list", "retire"])
        // The one that was honoured in the backup is a person's to end.
        #expect(try vault.report("k").leftovers.map(\.handle) == ["k0"])
        #expect(vault.provider.live == ["first"])
    }

    @Test("A key that goes into the trash while it is given up is not left sooner for that")
    func trashed() async throws {
        let vault = try await stuck()
        _ = try await abort(vault)
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        vault.provider.fail(all: "list", nil)
        try await vault.pass(.day)
        #expect(vault.provider.live == ["first"])
        try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
    }

    @Test("With its rotation goes what is remembered as left, and the log names it once more")
    func removed() async throws {
        let vault = try await stuck()
        _ = try await abort(vault)
        let left = try await abort(vault).leftovers
        let change = MetadataChange(rotation: .remove)
        #expect(try await vault.vault.change(vault.administrator, try path("k"), change, if: .none).rotation == nil)
        #expect(vault.log.entries.contains { $0.detail?.text == "credential_left" && $0.target == left.first?.mark })
    }
}

extension KeyMetadata {
    fileprivate var pendingVersions: [UInt32] { versions.filter { $0.stage == .pending }.map(\.number) }
}
