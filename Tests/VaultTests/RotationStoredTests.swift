import Audit
import Policy
import Rotation
import Testing

@testable import Vault

@Suite("A value by hand does not leave the one before at the provider, and does not end it before its time either")
struct RotationStoredTests {
    private func open(_ style: String = "marking") async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(style: style, overlap: .hour))
        vault.log.forget()
        return vault
    }

    /// A key that has been rotated just now, and got another value by hand while the one before that was honoured.
    private func overtaken() async throws -> TestVault {
        let vault = try await open()
        _ = try await vault.rotate("k")
        vault.clock.advance(.minute)
        vault.provider.make(byHand: "by hand")
        try await vault.put("k", "by hand")
        return vault
    }

    @Test("The one before is honoured for the overlap, and ended then")
    func overlap() async throws {
        let vault = try await open()
        try await vault.put("k", "by hand")
        #expect(try vault.get("k") == "by hand")
        #expect(try vault.report("k").standing == .overlapping)
        try await vault.pass(.hour - 1)
        #expect(try vault.get("k", .previous) == "first")
        #expect(vault.provider.live == ["first"] && vault.provider.calls == [])
        try await vault.pass(1)
        #expect(vault.provider.live == [] && vault.provider.calls == ["retire"])
        #expect(try vault.inspect("k").previous == nil)
        #expect(try vault.report("k").standing == .scheduled)
        #expect(vault.log.rotationSteps.last == "retired")
    }

    @Test("Those who fetched the one before are waited for")
    func awaited() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/k", rotation: ConsumerTests.input())
        let query = ValueQuery(path: try path("payments/k"))
        _ = try vault.vault.retrieve(.unixUser("payments"), query)
        try await vault.put("payments/k", "by hand")
        try await vault.pass(2 * .hour)
        #expect(vault.provider.live == ["first"])
        #expect(try vault.report("payments/k").consumers.filter(\.holdsBack).count == 1)
        _ = try vault.vault.retrieve(.unixUser("payments"), query)
        try await vault.pass(.hour)
        #expect(vault.provider.live == [])
    }

    @Test("A longer time that is said with the value is kept")
    func said() async throws {
        let vault = try await open()
        try await vault.put("k", "by hand", overlap: 3 * .day)
        try await vault.pass(3 * .day - 1)
        #expect(vault.provider.live == ["first"])
        #expect(try vault.get("k", .previous) == "first")
        try await vault.pass(1)
        #expect(vault.provider.live == [])
    }

    @Test("One that was honoured still is named at once, works until its time, and is ended with the next")
    func inOverlap() async throws {
        let vault = try await overtaken()
        #expect(vault.provider.live == ["by hand", "first", "made-1"])
        #expect(try vault.report("k").leftovers.map(\.handle) == ["k0"])
        let lines = vault.log.entries.filter { $0.action.text == "write" }
        #expect(lines.contains { $0.detail?.text == "orphan_left" && $0.target == "k0" })
        try await vault.pass(.hour - 1)
        #expect(vault.provider.live == ["by hand", "first", "made-1"])
        try await vault.pass(1)
        #expect(vault.provider.live == ["by hand"])
        #expect(try vault.report("k").leftovers == [])
        #expect(try vault.report("k").standing == .scheduled)
    }

    @Test("Where several are stored at once, each has a line, and one more where something is left")
    func together() async throws {
        let vault = try await open()
        _ = try await vault.rotate("k")
        vault.log.forget()
        let writes = try ["a", "k"].map { KeyWrite(path: try path($0), fields: [SecretField("value", "by hand")]) }
        _ = try await vault.vault.importKeys(vault.administrator, writes, replace: true)
        let lines = vault.log.entries.filter { $0.action.text == "write" }
        #expect(lines.map(\.key).sorted { ($0 ?? "") < ($1 ?? "") } == ["a", "k", "k"])
        #expect(lines.filter { $0.detail?.text == "orphan_left" }.map(\.target) == ["k0"])
    }

    @Test("With other settings of the rotator it is a person's to end")
    func otherSettings() async throws {
        let vault = try await overtaken()
        let change = MetadataChange(rotation: .set(.provider(style: "plain", overlap: .hour)))
        _ = try await vault.vault.change(vault.administrator, try path("k"), change, if: .none)
        _ = try await vault.rotate("k")
        try await vault.pass(2 * .hour)
        #expect(try vault.works("k"))
        #expect(vault.provider.lives("first") && !vault.provider.lives("by hand"))
        #expect(try vault.report("k").leftovers.map(\.handle) == ["k0"])
    }

    @Test("The value that is there already, stored again, goes on working", arguments: ["marking", "unnamed"])
    func sameAgain(_ style: String) async throws {
        let vault = try await open(style)
        _ = try await vault.rotate("k")
        try await vault.pass(2 * .hour)
        let value = try vault.get("k")
        vault.provider.forget()
        try await vault.put("k", value)
        try await vault.pass(.day)
        #expect(try vault.works("k"))
        #expect(vault.provider.calls == [])
        #expect(try vault.report("k").standing == .scheduled)
    }

    @Test("The value before, stored again, is known though it tells no name: it goes on, and what came after ends")
    func previousAgain() async throws {
        let vault = try await open("unnamed")
        _ = try await vault.rotate("k")
        try await vault.pass(2 * .hour)
        _ = try await vault.rotate("k")
        #expect(try vault.get("k") == "made-2" && vault.get("k", .previous) == "made-1")
        try await vault.put("k", "made-1")
        try await vault.pass(.day)
        #expect(try vault.get("k") == "made-1")
        #expect(vault.provider.lives("made-1") && !vault.provider.lives("made-2"))
        #expect(try vault.report("k").leftovers == [])
    }

    @Test("Fields of which some are the same may be one credential: it is not ended, and is named")
    func unclear() async throws {
        let vault = try await open("unnamed")
        try await vault.put("k", fields: ["value": "first", "region": "eu-west-1"])
        try await vault.pass(.day)
        #expect(vault.provider.live == ["first"] && vault.provider.calls == [])
        #expect(try vault.report("k").leftovers.count == 1)
        #expect(vault.log.rotationSteps.last == "orphan_left possible_orphan")
        #expect(try vault.report("k").standing == .scheduled)
        // A field beside the credential is put right.
        try await vault.put("k", fields: ["value": "first", "region": "eu-west-2"])
        try await vault.pass(.day)
        #expect(vault.provider.live == ["first"] && vault.provider.calls == [])
    }

    @Test("Rolled back, the value by hand is the one that is ended")
    func rolledBack() async throws {
        let vault = try await open()
        vault.provider.make(byHand: "by hand")
        try await vault.put("k", "by hand")
        _ = try await vault.vault.rollBack(vault.administrator, try path("k"))
        #expect(try vault.get("k") == "first")
        try await vault.pass(2 * .hour)
        #expect(vault.provider.live == ["first"])
    }
}
