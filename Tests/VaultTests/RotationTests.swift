import Audit
import Policy
import Rotation
import Sealing
import StorageConformance
import Testing

@testable import Vault

@Suite("Keys that Keyturn makes itself are rotated in their time")
struct GeneratedRotationTests {
    private func open() async throws -> TestVault {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .generate(overlap: .day))
        return vault
    }

    @Test("Settings that are wrong are refused by the name of the member, and nothing is stored")
    func wrong() async throws {
        let vault = try await TestVault.open()
        let wrong: [(RotationSettingsInput, String)] = [
            (RotationSettingsInput(rotator: "none", timing: .every(.day)), "rotation.rotator"),
            (.generate(.every(1)), "rotation.every"),
            (.generate(.every(4_000 * .day)), "rotation.every"),
            (.generate(.schedule("0 3 30 2 *")), "rotation.schedule"),
            (.generate(.schedule("at noon")), "rotation.schedule"),
            (.generate(overlap: 31 * .day), "rotation.overlap"),
            (
                RotationSettingsInput(rotator: "generate", timing: .every(.day), settings: ["length": "x"]),
                "rotation.settings.length"
            ),
            (
                RotationSettingsInput(rotator: "generate", timing: .every(.day), retire: .whenAcknowledged),
                "rotation.deadline"
            ),
            (
                RotationSettingsInput(
                    rotator: "generate", timing: .every(.day), window: RotationWindow(from: 5, until: 5)),
                "rotation.window"
            ),
            (RotationSettingsInput(rotator: "generate", timing: .every(.day), jitter: .day), "rotation.jitter"),
        ]
        for (input, field) in wrong {
            let error = await failure { try await vault.put("k", rotation: input) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == field)
        }
        #expect(await code { try vault.inspect("k") } == .notFound)
    }

    @Test(
        "A key on thirty days is rotated once at its time and not before, and the old value is honoured for the overlap"
    )
    func inTime() async throws {
        let vault = try await open()
        try await vault.pass(30 * .day - 1)
        #expect(try vault.get("k") == "first")
        #expect(try vault.report("k").standing == .scheduled)
        try await vault.pass(1)
        let value = try vault.get("k")
        #expect(value.count == 32)
        #expect(try vault.get("k", .previous) == "first")
        #expect(try vault.inspect("k").previousUntil == TestClock.start + 31 * .day)
        #expect(try vault.report("k").standing == .overlapping)
        try await vault.pass(.day - 1)
        #expect(try vault.get("k", .previous) == "first")
        vault.clock.advance(1)
        #expect(await code { try vault.get("k", .previous) } == .noSuchVersion)
        try await vault.pass(0)
        let metadata = try vault.inspect("k")
        #expect(metadata.previous == nil)
        #expect(metadata.rotation?.due == TestClock.start + 60 * .day)
        #expect(metadata.rotation?.lastRotated == TestClock.start + 30 * .day)
        #expect(try vault.get("k") == value)
        #expect(vault.log.rotationSteps == ["began", "promoted", "retired"])
    }

    @Test("A year takes twelve rotations, and no version number is used twice")
    func year() async throws {
        let vault = try await open()
        try await vault.pass(365 * .day)
        let metadata = try vault.inspect("k")
        #expect(metadata.current == 13)
        #expect(vault.log.rotationSteps.filter { $0 == "promoted" }.count == 12)
        #expect(vault.notices.kinds == Array(repeating: .rotated, count: 12))
        #expect(metadata.versions.map(\.number) == Array(4...13))
    }

    @Test("Down for two hundred days, each key is rotated once, and not all at one moment")
    func down() async throws {
        let vault = try await TestVault.open()
        for number in 0..<200 { try await vault.put("k\(number)", rotation: .generate(.every(.day))) }
        try await vault.seal()
        vault.clock.advance(200 * .day)
        let again = try await vault.reopened()
        let start = again.clock.now
        again.vault.rotateDue()
        await again.vault.rotationsAtRest()
        #expect((0..<200).filter { (try? again.inspect("k\($0)").current) == 2 }.count < 20)
        try await again.pass(.hour)
        var times: Set<Timestamp> = []
        for number in 0..<200 {
            let metadata = try again.inspect("k\(number)")
            #expect(metadata.current == 2)
            times.insert(metadata.rotation?.lastRotated ?? 0)
        }
        #expect(times.count > 100)
        #expect(times.allSatisfy { $0 >= start })
    }

    @Test("What was missed is left out where that was asked for, with a record")
    func missed() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .generate(.every(30 * .day), missed: .next))
        try await vault.seal()
        vault.clock.advance(200 * .day)
        let again = try await vault.reopened()
        try await again.pass(.hour)
        #expect(try again.inspect("k").current == 1)
        #expect(try again.report("k").skipped == 6)
        #expect(again.log.rotationSteps == ["skipped"])
        try await again.pass(30 * .day)
        #expect(try again.inspect("k").current == 2)
    }

    @Test("Somebody who asks has the new value with the answer")
    func asked() async throws {
        let vault = try await open()
        vault.clock.advance(.minute)
        let metadata = try await vault.vault.rotate(vault.administrator, try path("k"))
        #expect(metadata.current == 2)
        #expect(metadata.rotation?.standing == .overlapping)
        #expect(await code { try await vault.rotate("k") } == .conflict)
        #expect(try await vault.rotate("k", endingOverlap: true).current == 2)
        try await vault.pass(0)
        #expect(try vault.inspect("k").current == 3)
    }

    @Test("A rollback serves the value before, and honours the other")
    func rollback() async throws {
        let vault = try await open()
        #expect(await code { try await vault.vault.rollBack(vault.administrator, try path("k")) } == .conflict)
        let made = try await vault.rotate("k").current
        let value = try vault.get("k")
        let back = try await vault.vault.rollBack(vault.administrator, try path("k"))
        #expect(back.current == 1)
        #expect(back.previous == made)
        #expect(try vault.get("k") == "first")
        #expect(try vault.get("k", .previous) == value)
        try await vault.pass(2 * .day)
        #expect(try vault.inspect("k").previous == nil)
        // The number of what was rolled back from is not given again.
        #expect(try await vault.rotate("k").current == 3)
    }

    @Test("A version that somebody stores counts as the rotation")
    func stored() async throws {
        let vault = try await open()
        try await vault.pass(20 * .day)
        try await vault.put("k", "by hand")
        #expect(try vault.report("k").due == TestClock.start + 50 * .day)
        try await vault.pass(29 * .day)
        #expect(try vault.get("k") == "by hand")
        try await vault.pass(.day)
        #expect(try vault.inspect("k").current == 3)
    }

    @Test("A paused key is rotated by nobody who asks, says so, and is found as paused while its overlap goes on")
    func pausedForPeople() async throws {
        let vault = try await open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        _ = try await vault.rotate("k")
        let report = try await engine.pauseRotation(admin, key).rotation
        #expect(report?.standing == .overlapping && report?.pausedSince != nil)
        for ending in [false, true] {
            let error = await failure { try await engine.rotate(admin, key, endingOverlap: ending) }
            #expect(error?.code == .conflict && error?.detail.contains("unpause") == true)
        }
        func found(_ standings: Set<RotationStanding>) throws -> Int {
            try engine.listRotations(admin, RotationQuery(standings: standings)).items.count
        }
        for (standing, count) in [(.paused, 1), (.overlapping, 1), (.scheduled, 0)] as [(RotationStanding, Int)] {
            #expect(try found([standing]) == count)
        }
        let plan = try engine.planRotation(admin, key)
        #expect(plan.isPaused && plan.begins == nil && plan.standing == .overlapping)
        try await vault.pass(2 * .day)
        #expect(try vault.inspect("k").previous == nil)
        #expect(try vault.report("k").standing == .paused)
        #expect(await code { try await engine.rotate(admin, key) } == .conflict)
        #expect(try vault.inspect("k").current == 2)
        try await vault.put("k", "by hand")
        #expect(try vault.get("k") == "by hand")
        _ = try await engine.unpauseRotation(admin, key)
        #expect(try engine.planRotation(admin, key).isPaused == false)
        #expect(try await engine.rotate(admin, key).current == 4)
    }

    @Test("What was held and is resumed in a pause waits for its end")
    func resumedInPause() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(style: "plain"))
        vault.provider.fail(0, .lostAfter)
        _ = try await vault.rotate("k")
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        _ = try await engine.pauseRotation(admin, key)
        vault.provider.forget()
        #expect(try await engine.resumeRotation(admin, key).rotation?.standing == .paused)
        try await vault.pass(40 * .day)
        #expect(vault.provider.calls == [])
        #expect(try vault.inspect("k").current == 1)
        _ = try await engine.unpauseRotation(admin, key)
        try await vault.pass(.day)
        #expect(try vault.inspect("k").current == 2)
    }

    @Test("A paused key is not rotated; what was missed follows when it goes on")
    func paused() async throws {
        let vault = try await open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        #expect(try await engine.pauseRotation(admin, key).rotation?.standing == .paused)
        try await vault.pass(100 * .day)
        #expect(try vault.inspect("k").current == 1)
        #expect(try await engine.unpauseRotation(admin, key).rotation?.pausedSince == nil)
        try await vault.pass(.hour)
        #expect(try vault.inspect("k").current == 2)
    }

    @Test("A plan says what would happen and does nothing")
    func plan() async throws {
        let vault = try await open()
        let before = try vault.inspect("k")
        let plan = try vault.vault.planRotation(vault.administrator, try path("k"))
        #expect(plan.begins == TestClock.start + 30 * .day)
        #expect(plan.steps.map(\.name) == ["propose", "promote", "overlap", "retire"])
        #expect(plan.later == (2...6).map { TestClock.start + $0 * 30 * .day })
        #expect(plan.isPermitted)
        #expect(try vault.inspect("k") == before)
        try await vault.put("plain")
        #expect(await code { try vault.vault.planRotation(vault.administrator, try path("plain")) } == .conflict)
    }

    @Test("A key in the trash is not rotated, and one that is back is")
    func trashed() async throws {
        let vault = try await open()
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        try await vault.pass(29 * .day)
        vault.clock.advance(.day / 2)
        _ = try await vault.vault.restore(vault.administrator, try path("k"))
        #expect(try vault.inspect("k").current == 1)
        try await vault.pass(.day)
        #expect(try vault.inspect("k").current == 2)
    }

    @Test("A key that has expired is not rotated")
    func expired() async throws {
        let vault = try await TestVault.open()
        try await vault.put(
            "k", "v",
            metadata: MetadataChange(expires: TestClock.start + 20 * .day, rotation: .set(.generate())))
        try await vault.pass(60 * .day)
        #expect(try vault.inspect("k").current == 1)
        #expect(await code { try await vault.rotate("k") } == .expired)
        _ = try await vault.vault.change(
            vault.administrator, try path("k"), MetadataChange(expires: .some(nil)), if: .none)
        try await vault.pass(0)
        #expect(try vault.inspect("k").current == 2)
    }

    @Test("Without settings nothing rotates, and they can be taken away")
    func removed() async throws {
        let vault = try await open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        #expect(try await engine.change(admin, key, MetadataChange(rotation: .remove), if: .none).rotation == nil)
        try await vault.pass(100 * .day)
        #expect(try vault.inspect("k").current == 1)
        #expect(await code { try await vault.rotate("k") } == .conflict)
    }

    @Test("A manual key says that it is due, then that it is overdue, and a version by hand ends that")
    func manual() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: RotationSettingsInput(rotator: "manual", timing: .every(30 * .day)))
        try await vault.pass(30 * .day)
        #expect(try vault.report("k").standing == .due)
        #expect(vault.log.rotationSteps == ["due"])
        try await vault.pass(2 * .day)
        #expect(try vault.report("k").standing == .overdue)
        #expect(vault.notices.kinds == [.overdue])
        try await vault.put("k", "by hand")
        #expect(try vault.report("k").standing == .scheduled)
    }

    @Test("A key that is overdue says when it is tried next, and then it is")
    func nextAttempt() async throws {
        let before = try await TestVault.open()
        try await before.put("soon", rotation: .generate(.every(.day)))
        var windowed = RotationSettingsInput.generate(.every(.day))
        let minute = Int(before.clock.now / 60_000 % 1440)
        windowed.window = RotationWindow(from: (minute + 600) % 1440, until: (minute + 660) % 1440)
        try await before.put("windowed", rotation: windowed)
        try await before.put("manual", rotation: RotationSettingsInput(rotator: "manual", timing: .every(.day)))
        #expect(try before.report("soon").nextAttempt == nil)
        before.clock.advance(10 * .day)
        let vault = try await before.reopened()
        for (path, most) in [("soon", 60_000 as Int64), ("windowed", 11 * Int64.hour)] {
            let report = try vault.report(path)
            #expect(report.standing == .overdue)
            let next = try #require(report.nextAttempt)
            #expect(next >= vault.clock.now && next <= vault.clock.now + most)
            try await vault.pass(next - vault.clock.now - 1)
            #expect(try vault.inspect(path).current == 1)
            try await vault.pass(1)
            #expect(try vault.inspect(path).current == 2)
        }
        // A person's turn has no time.
        #expect(try vault.report("manual").standing == .overdue)
        #expect(try vault.report("manual").nextAttempt == nil)
    }

    @Test("Lists go by standing and by when keys are due, a page at a time, and show what may be listed alone")
    func lists() async throws {
        let vault = try await TestVault.open()
        for number in 1...5 {
            try await vault.put("payments/k\(number)", rotation: .generate(.every(Int64(number) * .day)))
        }
        try await vault.put("payments/hidden/k", rotation: .generate(.every(.day)))
        try await vault.put("plain")
        let (engine, admin) = (vault.vault, vault.administrator)
        func paths(_ query: RotationQuery, as requester: Requester? = nil) throws -> [String] {
            try engine.listRotations(requester ?? admin, query).items.map(\.path.text)
        }
        #expect(try paths(RotationQuery()).count == 6)
        #expect(
            try paths(RotationQuery(dueBefore: TestClock.start + 3 * .day)) == [
                "payments/hidden/k", "payments/k1", "payments/k2",
            ])
        #expect(try paths(RotationQuery(), as: try await vault.caller("lister")).count == 5)
        #expect(await code { try paths(RotationQuery(), as: try await vault.caller("reader")) } == .refused)
        #expect(try paths(RotationQuery(standings: [.failing, .held])) == [])
        var query = RotationQuery(limit: 2)
        var seen: [String] = []
        repeat {
            let page = try engine.listRotations(admin, query)
            seen += page.items.map(\.path.text)
            query.cursor = page.cursor
        } while query.cursor != nil
        #expect(
            seen == ["payments/hidden/k", "payments/k1", "payments/k2", "payments/k3", "payments/k4", "payments/k5"])
        #expect(await code { try engine.listRotations(admin, RotationQuery(cursor: "x")) } == .invalidField)
    }

    @Test("Verbs need the action rotate on the key")
    func authority() async throws {
        let vault = try await open()
        let (engine, key) = (vault.vault, try path("k"))
        let reader = try await vault.caller("reader")
        #expect(await code { try await engine.rotate(reader, key) } == .refused)
        #expect(await code { try await engine.resumeRotation(reader, key) } == .refused)
        #expect(await code { try await engine.abortRotation(reader, key) } == .refused)
        #expect(await code { try await engine.rollBack(reader, key) } == .refused)
        #expect(await code { try await engine.pauseRotation(reader, key) } == .refused)
        #expect(await code { try await engine.unpauseRotation(reader, key) } == .refused)
        #expect(await code { try await engine.acknowledge(reader, key) } == .refused)
        #expect(await code { try engine.planRotation(reader, key) } == .refused)
        #expect(await code { try await engine.confirmTime(reader) } == .refused)
        #expect(await code { try await engine.rotationsWereRestored(reader) } == .refused)
        let operators = try await vault.caller("operator")
        #expect(try await engine.rotate(operators, key).current == 2)
    }

    @Test("Health and metrics count keys by where they stand")
    func gauges() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", rotation: .provider(overlap: .hour))
        try await vault.put("plain")
        let due = TestClock.start + 30 * .day
        #expect(
            vault.vault.rotationHealth()
                == RotationHealth(failing: 0, overdue: 0, held: 0, isClockHeld: false, next: due))
        let scheduled = vault.vault.gauges().inventory
        #expect(scheduled.rotations["scheduled"] == 1 && scheduled.rotations["none"] == 1)
        #expect(scheduled.rotationErrors == [:] && scheduled.lastRotationError == nil)
        #expect(scheduled.nextRotation == due)
        vault.provider.fail(all: "create", .refused)
        try await vault.pass(30 * .day + .minute)
        let report = try vault.report("k")
        let failing = vault.vault.gauges().inventory
        #expect(failing.rotations["failing"] == 1 && failing.rotationErrors == ["refused": 1])
        #expect(failing.lastRotationError == report.errorTime && failing.nextRotation == report.nextAttempt)
        let health = try #require(vault.vault.rotationHealth())
        #expect(health.failing == 1 && health.errors == ["refused": 1] && health.next == report.nextAttempt)
        try await vault.seal()
        #expect(vault.vault.rotationHealth() == nil)
    }

    @Test("A thousand keys that are due at once share a few commits")
    func together() async throws {
        let vault = try await TestVault.open()
        var writes: [KeyWrite] = []
        for number in 0..<1_000 {
            writes.append(
                KeyWrite(
                    path: try path("k\(number)"), fields: [SecretField("value", "v")],
                    metadata: MetadataChange(rotation: .set(.generate()))))
        }
        _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        vault.clock.advance(30 * .day)
        let commits = vault.store.commits
        vault.vault.rotateDue()
        await vault.vault.rotationsAtRest()
        #expect(vault.store.commits - commits == 8)
        #expect((0..<1_000).allSatisfy { (try? vault.inspect("k\($0)").current) == 2 })
        #expect(vault.log.rotationSteps.filter { $0 == "promoted" }.count == 1_000)
        #expect(vault.vault.nextRotation() == vault.clock.now + 30 * .day)
    }

    @Test("A store that was opened with damage does not rotate")
    func damaged() async throws {
        let vault = try await open()
        try await vault.put("lost")
        try await vault.seal()
        let row = try #require(try vault.store.rows(of: .version).first)
        let head = try #require(try vault.store.rows(of: .keyHead).last)
        try vault.store.tamper([row: nil, head: nil])
        let again = try vault.restarted()
        try await again.unseal(acceptDamage: true)
        again.clock.advance(40 * .day)
        #expect(again.vault.nextRotation() == nil)
        again.vault.rotateDue()
        await again.vault.rotationsAtRest()
        #expect(again.log.rotationSteps == [])
    }
}

extension TestVault {
    var notices: TestNotices { rotations.notices }
}
