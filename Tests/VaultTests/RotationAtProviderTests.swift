import Audit
import Policy
import Rotation
import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Keys are rotated at a provider, whatever happens there and here")
struct ProviderRotationTests {
    static let styles = ["marking", "listing", "slot"]

    private func open(_ style: String = "marking", overlap: Int64? = .hour) async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(style: style, overlap: style == "slot" ? nil : overlap))
        vault.log.forget()
        return vault
    }

    /// One version is current and works, none but it lives at the provider, and nothing waits any more.
    private func expectWhole(_ vault: TestVault, at least: UInt32 = 2) throws {
        #expect(try vault.provider.live == [vault.get("k")])
        let metadata = try vault.inspect("k")
        #expect(metadata.current >= least)
        #expect(metadata.previous == nil)
        #expect(metadata.rotation?.standing == .scheduled)
        #expect(metadata.rotation?.pending == nil)
        #expect(metadata.rotation?.orphans == [])
        #expect(metadata.versions.filter { $0.stage != nil }.count == 1)
    }

    @Test(
        "A rotation creates, tests, promotes, honours both for the overlap and ends the one before", arguments: styles)
    func whole(_ style: String) async throws {
        let vault = try await open(style)
        try await vault.pass(30 * .day)
        #expect(try vault.works("k"))
        if style != "slot" {
            #expect(vault.provider.live.count == 2)
            #expect(try vault.get("k", .previous) == "first")
        }
        try await vault.pass(.hour)
        try expectWhole(vault)
        #expect(
            vault.provider.calls
                == (style == "slot"
                    ? ["create", "test"] : (style == "listing" ? ["list"] : []) + ["create", "test", "retire"]))
    }

    @Test("A version that is being rotated in is handed to nobody before it has been tried, by its number neither")
    func pending() async throws {
        let vault = try await open()
        vault.provider.fail(all: "test", .says(.unreachable, retryAfter: nil))
        _ = try await vault.rotate("k")
        #expect(try vault.report("k").pending == 2)
        let candidate = ValueQuery(path: try path("k"), version: .number(2))
        let error = await failure { try vault.vault.retrieve(vault.administrator, candidate) }
        #expect(error?.code == .noSuchVersion && error?.field == "version")
        #expect(error?.detail.contains("being rotated in") == true)
        #expect(await code { try vault.vault.retrieve(vault.administrator, all: [candidate]) } == .noSuchVersion)
        #expect(try vault.get("k", .number(1)) == "first")
        vault.provider.fail(all: "test", nil)
        try await vault.pass(30 * 60_000)
        #expect(try vault.get("k", .number(2)) == (try vault.get("k")))
        #expect(try vault.works("k"))
    }

    @Test("Rotating answers while the provider is still at it, and the state is written down before the call")
    func doesNotWait() async throws {
        let vault = try await open()
        vault.provider.hold()
        let metadata = try await vault.vault.rotate(vault.administrator, try path("k"))
        #expect(metadata.rotation?.standing == .rotating)
        #expect(metadata.rotation?.step == .create)
        await vault.provider.reached()
        #expect(await code { try await vault.vault.rotate(vault.administrator, try path("k")) } == .conflict)
        #expect(await code { try await vault.put("k", "by hand") } == .conflict)
        #expect(
            await code { try await vault.vault.destroy(vault.administrator, try path("k"), if: .none) } == .conflict)
        vault.provider.release()
        await vault.vault.rotationsAtRest()
        #expect(try vault.inspect("k").current == 2)
    }

    @Test("Not more than sixteen calls are under way at one time, and every key gets its turn")
    func bounded() async throws {
        let vault = try await TestVault.open()
        for number in 0..<40 { try await vault.put("k\(number)", "v\(number)", rotation: .provider()) }
        vault.clock.advance(30 * .day)
        vault.provider.hold()
        vault.vault.rotateDue()
        await vault.provider.reached()
        vault.provider.release()
        await vault.vault.rotationsAtRest()
        try await vault.pass(0)
        #expect(vault.provider.mostUnderWay <= 16)
        for number in 0..<40 { #expect(try vault.inspect("k\(number)").current == 2) }
    }

    @Test("A candidate that fails its test is ended, the current value stays, and another is made")
    func failsTest() async throws {
        let vault = try await open()
        vault.provider.fail(all: "test", .refused)
        try await vault.pass(30 * .day)
        #expect(try vault.get("k") == "first")
        #expect(vault.provider.live == ["first"])
        #expect(try vault.report("k").standing == .failing)
        #expect(try vault.report("k").error == .refused)
        #expect(vault.notices.kinds == [.failing])
        vault.provider.fail(all: "test", nil)
        try await vault.pass(2 * .day)
        try expectWhole(vault)
        #expect(vault.notices.kinds.filter { $0 == .failing }.count == 1)
        #expect(vault.notices.kinds.filter { $0 == .rotated }.count == 1)
    }

    @Test(
        "What a provider says wrong is refused or waited out, and visible",
        arguments: ["empty", "repeated", "limited", "lost"])
    func spoiled(_ how: String) async throws {
        let vault = try await open()
        let (fault, shown): (TestProvider.Fault, RotationFault) =
            switch how {
            case "empty": (.empty, .emptyValue)
            case "repeated": (.repeated, .repeatedValue)
            case "limited": (.says(.rateLimited, retryAfter: .hour), .rateLimited)
            default: (.lostBefore, .serverError)
            }
        vault.provider.fail(0, fault)
        try await vault.pass(30 * .day)
        #expect(try vault.get("k") == "first")
        #expect(try vault.report("k").error == shown)
        #expect(vault.log.rotationSteps.contains("failed \(shown.rawValue)"))
        if how == "limited" { #expect(try vault.report("k").nextAttempt ?? 0 >= vault.clock.now + .hour) }
        try await vault.pass(2 * .day)
        try expectWhole(vault)
    }

    @Test(
        "A creation that happened and was not answered is found and ended, and no second one is left", arguments: styles
    )
    func lost(_ style: String) async throws {
        let vault = try await open(style)
        vault.provider.fail(style == "listing" ? 1 : 0, .lostAfter)
        try await vault.pass(32 * .day)
        try expectWhole(vault)
    }

    @Test("Without a list a doubtful creation waits for a person, and is named")
    func held() async throws {
        let vault = try await open("plain")
        vault.provider.fail(0, .lostAfter)
        try await vault.pass(32 * .day)
        #expect(try vault.report("k").standing == .held)
        #expect(try vault.report("k").error == .possibleOrphan)
        #expect(try vault.get("k") == "first")
        #expect(vault.notices.kinds.contains(.held))
        #expect(try vault.vault.listRotations(vault.administrator, RotationQuery(standings: [.held])).items.count == 1)
        #expect(
            await code { try await vault.vault.destroy(vault.administrator, try path("k"), if: .none) } == .conflict)
        _ = try await vault.vault.resumeRotation(vault.administrator, try path("k"))
        await vault.vault.rotationsAtRest()
        try await vault.pass(.day)
        #expect(try vault.works("k"))
        #expect(try vault.inspect("k").current == 2)
    }

    @Test("A call that takes longer than it may is in doubt")
    func patience() async throws {
        let vault = try await open()
        vault.provider.fail(0, .killedBefore)
        _ = try await vault.vault.rotate(vault.administrator, try path("k"))
        await vault.provider.reached()
        vault.rotations.patience.end()
        await vault.vault.rotationsAtRest()
        #expect(try vault.report("k").error == .timedOut)
        #expect(try vault.report("k").step == .reconcile)
    }

    @Test("A seal waits for no provider, and what was under way is in doubt afterwards", arguments: styles)
    func sealed(_ style: String) async throws {
        let vault = try await open(style)
        vault.provider.fail(style == "listing" ? 1 : 0, .killedAfter)
        vault.clock.advance(30 * .day)
        vault.vault.rotateDue()
        await vault.provider.reached()
        try await vault.seal()
        let again = try await vault.reopened()
        await again.vault.rotationsAtRest()
        try await again.pass(2 * .day)
        try expectWhole(again)
    }

    @Test(
        "Killed at any call, before or after it happened there, a restart leaves one credential, which works",
        arguments: styles, [true, false])
    func killed(_ style: String, _ isAfter: Bool) async throws {
        let calls = style == "listing" ? 4 : style == "slot" ? 2 : 3
        for nth in 0..<calls {
            let vault = try await open(style)
            vault.provider.fail(nth, isAfter ? .killedAfter : .killedBefore)
            vault.clock.advance(30 * .day)
            vault.vault.rotateDue()
            if nth == calls - 1, style != "slot" {
                await vault.vault.rotationsAtRest()
                vault.clock.advance(.hour)
                vault.vault.rotateDue()
            }
            await vault.provider.reached()
            vault.provider.isKilled = false
            // The old process is never heard of again.
            let again = try await vault.reopened()
            await again.vault.rotationsAtRest()
            try await again.pass(2 * .day)
            try expectWhole(again)
        }
    }

    @Test(
        "Whatever a commit ends with, at any step, a restart leaves one credential, which works", arguments: styles,
        FaultInjectingStore.CommitFault.allCases)
    func commits(_ style: String, _ fault: FaultInjectingStore.CommitFault) async throws {
        for nth in 1...7 {
            let vault = try await open(style)
            vault.store.fail(fault, atCommit: nth)
            vault.clock.advance(30 * .day)
            vault.vault.rotateDue()
            await vault.vault.rotationsAtRest()
            vault.clock.advance(.hour)
            vault.vault.rotateDue()
            await vault.vault.rotationsAtRest()
            let again = try vault.restarted(MemoryStore(try vault.store.contents(reopened: true)))
            try await again.unseal()
            await again.vault.rotationsAtRest()
            try await again.pass(2 * .day)
            try expectWhole(again)
        }
    }

    @Test("An end that could not be written down is written once the log works again, and nothing is made twice")
    func unwritten() async throws {
        let vault = try await open()
        vault.provider.hold()
        vault.clock.advance(30 * .day)
        vault.vault.rotateDue()
        await vault.provider.reached()
        vault.log.fail()
        vault.provider.release()
        await vault.vault.rotationsAtRest()
        #expect(try vault.vault.opened().session.key("k")?.rotation?.state.isCalling == true)
        vault.log.recover()
        vault.vault.rotateDue()
        await vault.vault.rotationsAtRest()
        try await vault.pass(.hour)
        try expectWhole(vault)
        #expect(vault.provider.calls == ["create", "test", "retire"])
    }

    @Test("A key that goes into the trash while it is rotated leaves nothing at the provider but its own value")
    func trashed() async throws {
        let vault = try await open()
        vault.provider.hold()
        _ = try await vault.vault.rotate(vault.administrator, try path("k"))
        await vault.provider.reached()
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        vault.provider.release()
        await vault.vault.rotationsAtRest()
        try await vault.pass(.day)
        #expect(vault.provider.live == ["first"])
        try await vault.pass(20 * .day)
        #expect(vault.provider.live == ["first"])
        try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        #expect(vault.log.entries.last?.detail?.text == "credential_left")
    }

    @Test("A rotation is given up when somebody says so: what was made is ended")
    func aborted() async throws {
        let vault = try await open()
        vault.provider.hold()
        _ = try await vault.vault.rotate(vault.administrator, try path("k"))
        await vault.provider.reached()
        _ = try await vault.vault.abortRotation(vault.administrator, try path("k"))
        vault.provider.release()
        await vault.vault.rotationsAtRest()
        #expect(vault.provider.live == ["first"])
        #expect(try vault.inspect("k").current == 1)
        #expect(try vault.report("k").standing == .scheduled)
        #expect(vault.log.rotationSteps.last == "aborted")
    }

    @Test("A store put back to before a rotation asks the provider before it goes on")
    func restored() async throws {
        let vault = try await TestVault.open(snapshots: true)
        try await vault.put("k", rotation: .provider(overlap: .hour))
        let backup = vault.store.crashed(after: vault.store.snapshots.count - 1)
        try await vault.pass(30 * .day + .hour)
        try expectWhole(vault)
        let again = try vault.restarted(backup)
        try await again.unseal(acceptLog: true)
        await again.vault.rotationsAtRest()
        try await again.pass(.hour)
        // The value of the backup does not work any more: a person has to look, and nothing else is made.
        #expect(try again.report("k").standing == .held)
        #expect(try again.report("k").error == .currentRefused)
        #expect(again.provider.live.count == 1)
    }

    @Test("Where a backup was put back, a key with a call under way asks its provider as soon as that is over")
    func restoredUnderWay() async throws {
        let vault = try await open()
        vault.provider.hold()
        _ = try await vault.vault.rotate(vault.administrator, try path("k"))
        await vault.provider.reached()
        #expect(try await vault.vault.rotationsWereRestored(vault.administrator) == 1)
        #expect(try vault.report("k").step == .create)
        vault.provider.release()
        await vault.vault.rotationsAtRest()
        #expect(try vault.inspect("k").current == 2)
        try await vault.pass(.minute)
        #expect(vault.provider.calls == ["create", "test", "test", "list"])
        #expect(try vault.report("k").standing == .overlapping)
    }

    @Test("Other settings are taken when nothing is lost by them")
    func changed() async throws {
        let vault = try await open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        vault.provider.hold()
        _ = try await engine.rotate(admin, key)
        await vault.provider.reached()
        let other = MetadataChange(rotation: .set(.generate()))
        #expect(await code { try await engine.change(admin, key, other, if: .none) } == .conflict)
        #expect(
            await code { try await engine.change(admin, key, MetadataChange(rotation: .remove), if: .none) }
                == .conflict)
        let longer = MetadataChange(rotation: .set(.provider(.every(60 * .day), overlap: .hour)))
        #expect(try await engine.change(admin, key, longer, if: .none).rotation?.settings.timing == .every(60 * .day))
        vault.provider.release()
        await engine.rotationsAtRest()
        #expect(try vault.report("k").standing == .overlapping)
        vault.log.forget()
        #expect(try await engine.change(admin, key, other, if: .none).rotation?.standing == .scheduled)
        #expect(vault.log.entries.last?.detail?.text == "credential_left")
    }

    @Test("Rotators that the server does not have any more are named, and nothing is lost")
    func absent() async throws {
        let vault = try await open()
        try await vault.seal()
        let without = try TestVault(
            vault.store, log: vault.log, clock: vault.clock, files: vault.files, rotations: TestRotations(none: true))
        var again = without
        again.administratorText = vault.administratorText
        try await again.unseal()
        try await again.pass(31 * .day)
        #expect(try again.report("k").standing == .failing)
        #expect(try again.report("k").error == .unknownRotator)
        #expect(try again.get("k") == "first")
        try await again.seal()
        let back = try await vault.reopened()
        try await back.pass(2 * .day)
        try expectWhole(back)
    }
}
