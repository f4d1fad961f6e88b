import Policy
import Rotation
import Testing

@testable import Vault

@Suite("Editing settings, pausing and unpausing leave what is due as it is, unless they are about that")
struct RotationEditTests {
    /// Edits what does not say when, pauses and unpauses.
    private func touch(_ vault: TestVault, _ input: RotationSettingsInput) async throws {
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        _ = try await engine.pauseRotation(admin, key)
        _ = try await engine.unpauseRotation(admin, key)
        _ = try await engine.change(admin, key, MetadataChange(rotation: .set(input)), if: .none)
    }

    /// A rotation that has been due for a day, and that the provider refuses.
    private func refused() async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(overlap: .hour))
        vault.provider.fail(all: "create", .refused)
        try await vault.pass(31 * .day)
        return vault
    }

    @Test("A rotation that was aborted is not taken up again by an edit")
    func aborted() async throws {
        let vault = try await refused()
        _ = try await vault.vault.abortRotation(vault.administrator, try path("k"))
        let due = try #require(try vault.report("k").due)
        #expect(due == vault.clock.now + 30 * .day)
        vault.provider.forget()
        try await vault.pass(.day)
        try await touch(vault, .provider(overlap: 2 * .hour))
        #expect(try vault.report("k").due == due)
        try await vault.pass(.day)
        #expect(vault.provider.calls == [])
        #expect(try vault.report("k").standing == .scheduled)
    }

    @Test("What was left out is counted once")
    func skipped() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .generate(missed: .next))
        try await vault.seal()
        vault.clock.advance(200 * .day)
        let again = try await vault.reopened()
        try await again.pass(.hour)
        #expect(try again.report("k").skipped == 6)
        try await touch(again, .generate(overlap: .hour, missed: .next))
        #expect(try again.report("k").skipped == 6)
        #expect(try again.report("k").due == TestClock.start + 210 * .day)
    }

    @Test("Issued keys that end before the next is due are refused, whoever says how long they live")
    func lifetime() async throws {
        let vault = try await TestVault.open()
        let administrator = vault.administrator
        _ = try await vault.vault.createIssuer(administrator, IssuerRequest(name: "brief", lifetime: 30 * .day))
        _ = try await vault.vault.createIssuer(administrator, IssuerRequest(name: "endless"))
        func input(_ issuer: String, _ lifetime: Int64? = nil) -> RotationSettingsInput {
            var input = RotationSettingsInput.provider(overlap: .hour)
            input.settings["issuer"] = issuer
            input.settings["lifetime"] = lifetime.map { "\($0)" }
            return input
        }
        for wrong in [input("brief"), input("endless", 30 * .day), input("endless", .day)] {
            let error = await #expect(throws: VaultError.self) { try await vault.put("k", rotation: wrong) }
            #expect(error?.code == .invalidField && error?.field == "rotation.settings.lifetime")
        }
        try await vault.put("k", rotation: input("brief", 38 * .day))
        try await vault.put("other", rotation: input("endless"))
    }

    @Test("Another interval counts from the last rotation")
    func rescheduled() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .generate())
        try await vault.pass(5 * .day)
        try await touch(vault, .generate(.every(10 * .day)))
        #expect(try vault.report("k").due == TestClock.start + 10 * .day)
    }

    @Test("A rotation that fails is begun anew with other settings of its rotator, and not put off")
    func corrected() async throws {
        let vault = try await refused()
        vault.provider.fail(all: "create", nil)
        let other = MetadataChange(rotation: .set(.provider(style: "plain", overlap: .hour)))
        _ = try await vault.vault.change(vault.administrator, try path("k"), other, if: .none)
        try await vault.pass(.hour)
        #expect(try vault.inspect("k").current == 2)
        #expect(try vault.works("k"))
    }
}
