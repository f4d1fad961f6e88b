import Audit
import Policy
import Rotation
import Sealing
import Testing

@testable import Vault

@Suite("The value before is kept for those who still use it")
struct ConsumerTests {
    private func open(deadline: Int64 = 7 * .day) async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("payments/k", rotation: Self.input(deadline))
        return vault
    }

    static func input(_ deadline: Int64 = 7 * .day) -> RotationSettingsInput {
        RotationSettingsInput(
            rotator: "provider", timing: .every(30 * .day), settings: ["style": "marking"], overlap: .hour,
            deadline: deadline, retire: .whenAcknowledged)
    }

    private func fetch(
        _ vault: TestVault, _ requester: Requester, instance: String? = nil, _ version: VersionChoice = .current
    ) throws {
        _ = try vault.vault.retrieve(
            requester, ValueQuery(path: try path("payments/k"), version: version, instance: instance))
    }

    private func isRetired(_ vault: TestVault) async throws -> Bool {
        vault.vault.rotateDue()
        await vault.vault.rotationsAtRest()
        return try vault.inspect("payments/k").previous == nil
    }

    @Test("Nobody fetched it: it ends with the overlap")
    func nobody() async throws {
        let vault = try await open()
        try await vault.pass(30 * .day + .hour)
        #expect(try await isRetired(vault))
        #expect(vault.provider.live.count == 1)
    }

    @Test("Each of those who fetched it holds it back until it has fetched or acknowledged the new one")
    func each() async throws {
        let vault = try await open()
        let (one, two) = (try await vault.caller("payments-service"), Requester.unixUser("payments"))
        try fetch(vault, one)
        try fetch(vault, two, instance: "a")
        try fetch(vault, two, instance: "b")
        try await vault.pass(30 * .day + 2 * .hour)
        let consumers = try vault.report("payments/k").consumers
        #expect(consumers.count == 3)
        #expect(consumers.allSatisfy { $0.holdsBack && $0.version == 1 })
        #expect(consumers.map(\.name) == ["application", nil, nil])
        #expect(consumers.map(\.instance) == ["", "a", "b"])
        #expect(try vault.report("payments/k").retireDeadline == TestClock.start + 37 * .day)
        // Fetching the one before again moves nobody.
        try fetch(vault, one, .previous)
        try fetch(vault, one)
        #expect(try await isRetired(vault) == false)
        try fetch(vault, two, instance: "a")
        #expect(try await isRetired(vault) == false)
        let key = try path("payments/k")
        #expect(await code { try await vault.vault.acknowledge(two, key, version: 1, instance: "b") } == .conflict)
        #expect(await code { try await vault.vault.acknowledge(two, key, instance: "no name") } == .invalidField)
        #expect(await code { try fetch(vault, two, instance: "no name") } == .invalidField)
        _ = try await vault.vault.acknowledge(two, key, version: 2, instance: "b")
        #expect(try await isRetired(vault))
        #expect(vault.provider.live == [try vault.get("payments/k")])
    }

    @Test("Not before the overlap is over, though all have moved")
    func overlap() async throws {
        let vault = try await open()
        try fetch(vault, .unixUser("payments"))
        try await vault.pass(30 * .day)
        try fetch(vault, .unixUser("payments"))
        #expect(try await isRetired(vault) == false)
        try await vault.pass(.hour)
        #expect(try await isRetired(vault))
    }

    @Test("At the deadline it ends for everybody")
    func deadline() async throws {
        let vault = try await open()
        try fetch(vault, .unixUser("payments"))
        try await vault.pass(37 * .day - 1)
        #expect(try await isRetired(vault) == false)
        try await vault.pass(1)
        #expect(try await isRetired(vault))
        #expect(vault.provider.live.count == 1)
    }

    @Test("Who was revoked drops out, and who rolled the key is the same as before")
    func revoked() async throws {
        let vault = try await open()
        let (one, two) = (try await vault.mint(["payments-service"]), try await vault.mint(["payments-service"]))
        try fetch(vault, .key(one.text))
        try fetch(vault, .key(two.text))
        try await vault.pass(30 * .day + 2 * .hour)
        let next = try await vault.vault.roll(vault.administrator, id: one.record.id, overlap: .hour)
        try fetch(vault, .key(next.text))
        #expect(try vault.report("payments/k").consumers.count == 2)
        #expect(try await isRetired(vault) == false)
        _ = try await vault.vault.revoke(vault.administrator, id: two.record.id)
        #expect(try await isRetired(vault))
    }

    @Test("They are kept over a seal, and nobody unknown is waited for after it")
    func kept() async throws {
        let vault = try await open()
        try fetch(vault, .unixUser("payments"), instance: "a")
        try await vault.seal()
        let again = try await vault.reopened()
        try await again.pass(30 * .day + 2 * .hour)
        #expect(try again.report("payments/k").consumers.map(\.caller) == ["unix-user:1000"])
        #expect(try await isRetired(again) == false)
        try fetch(again, .unixUser("payments"), instance: "a")
        #expect(try await isRetired(again))
    }

    @Test("After an unclean end the log says who fetched, and the deadline is waited for all the same")
    func unclean() async throws {
        let vault = try await open()
        try fetch(vault, .unixUser("payments"))
        let again = try await vault.reopened()
        #expect(try again.report("payments/k").consumers.map(\.caller).sorted() == ["unix-user:1000", "unknown"])
        try await again.pass(30 * .day + 2 * .hour)
        try fetch(again, .unixUser("payments"))
        #expect(try await isRetired(again) == false)
        try await again.pass(7 * .day)
        #expect(try await isRetired(again))
        // The rotation after that is known again.
        try await again.seal()
        let clean = try await again.reopened()
        try await clean.pass(23 * .day + 2 * .hour)
        #expect(try clean.inspect("payments/k").current == 3)
        try fetch(clean, .unixUser("payments"))
        #expect(try await isRetired(clean))
    }

    @Test("Whoever used a key before its rotation was set up is not known, and is waited for")
    func before() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/k", "first")
        try fetch(vault, .unixUser("payments"))
        _ = try await vault.vault.change(
            vault.administrator, try path("payments/k"), MetadataChange(rotation: .set(Self.input())), if: .none)
        try await vault.pass(30 * .day + 2 * .hour)
        #expect(try vault.report("payments/k").consumers.filter(\.holdsBack).map(\.caller) == ["unknown"])
        try await vault.pass(7 * .day)
        #expect(try await isRetired(vault))
    }

    @Test("After a rollback those who moved hold the other one back until they have moved again")
    func rollback() async throws {
        let vault = try await open()
        try fetch(vault, .unixUser("payments"))
        try await vault.pass(30 * .day)
        try fetch(vault, .unixUser("payments"))
        _ = try await vault.vault.rollBack(vault.administrator, try path("payments/k"))
        try await vault.pass(2 * .hour)
        #expect(try await isRetired(vault) == false)
        try fetch(vault, .unixUser("payments"))
        #expect(try await isRetired(vault))
        #expect(vault.provider.live == ["first"])
    }

    @Test("More than can be told apart are waited for until the deadline")
    func many() async throws {
        let vault = try await open()
        for number in 0...VaultLimits.consumers { try fetch(vault, .unixUser("payments"), instance: "i\(number)") }
        try await vault.pass(30 * .day + 2 * .hour)
        for number in 0...VaultLimits.consumers { try fetch(vault, .unixUser("payments"), instance: "i\(number)") }
        #expect(try await isRetired(vault) == false)
        try await vault.pass(7 * .day)
        #expect(try await isRetired(vault))
    }
}
