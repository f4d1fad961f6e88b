import Audit
import Policy
import Rotation
import Sealing
import Testing

@testable import Vault

@Suite("A clock that is wrong rotates nothing twice and nothing too early")
struct RotationClockTests {
    private func open() async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .generate(overlap: .day))
        return vault
    }

    @Test("A clock that is put back rotates nothing twice")
    func back() async throws {
        let vault = try await open()
        try await vault.pass(30 * .day)
        #expect(try vault.inspect("k").current == 2)
        vault.clock.now = TestClock.start
        try await vault.pass(30 * .day)
        #expect(try vault.inspect("k").current == 2)
        try await vault.pass(29 * .day)
        #expect(try vault.inspect("k").current == 2)
        try await vault.pass(2 * .day)
        #expect(try vault.inspect("k").current == 3)
    }

    @Test("A clock that is put forward by more than four hundred days holds all rotation until somebody confirms it")
    func forward() async throws {
        let vault = try await open()
        try await vault.pass(30 * .day)
        #expect(try vault.get("k", .previous) == "first")
        vault.clock.advance(401 * .day)
        vault.vault.rotateDue()
        await vault.vault.rotationsAtRest()
        #expect(try vault.inspect("k").current == 2)
        #expect(try vault.report("k").standing == .held)
        #expect(try vault.report("k").error == .clockAdvanced)
        #expect(vault.vault.rotationHealth()?.isClockHeld == true)
        #expect(vault.vault.rotationHealth()?.held == 1)
        #expect(await code { try await vault.rotate("k") } == .conflict)
        // The overlap holds as well: time that nobody believes has not passed.
        #expect(try vault.get("k", .previous) == "first")
        // Commits do not make it believed.
        try await vault.put("other")
        try await vault.vault.anchor()
        let again = try await vault.reopened()
        again.vault.rotateDue()
        await again.vault.rotationsAtRest()
        #expect(try again.inspect("k").current == 2)
        #expect(try again.report("k").standing == .held)
        #expect(try await again.vault.confirmTime(.operatorAlone) == again.clock.now)
        #expect(again.vault.rotationHealth()?.isClockHeld == false)
        try await again.pass(.hour + .day)
        #expect(try again.inspect("k").current == 3)
        #expect(await code { try again.get("k", .number(1)) } == nil)
    }

    @Test("A clock that was far ahead and is right again goes on as if nothing had been")
    func forthAndBack() async throws {
        let vault = try await open()
        try await vault.put("ends", metadata: MetadataChange(expires: .some(TestClock.start + 300 * .day)))
        vault.clock.advance(5_000 * .day)
        vault.vault.rotateDue()
        try await vault.put("other")
        try await vault.vault.anchor()
        #expect(throws: VaultError.self) { try vault.get("ends") }
        vault.clock.now = TestClock.start + 29 * .day
        try await vault.pass(.day)
        #expect(try vault.inspect("k").current == 2)
        #expect(try vault.report("k").due == TestClock.start + 60 * .day)
        #expect(try vault.get("ends") == "value")
        let again = try await vault.reopened()
        #expect(try again.get("ends") == "value")
    }

    @Test("A year of quiet is believed: the time is written down though nothing else is")
    func quiet() async throws {
        let vault = try await open()
        _ = try await vault.vault.pauseRotation(vault.administrator, try path("k"))
        for _ in 0..<500 {
            vault.clock.advance(.day + 1)
            try await vault.vault.anchor()
        }
        #expect(vault.vault.rotationHealth()?.isClockHeld == false)
    }
}
