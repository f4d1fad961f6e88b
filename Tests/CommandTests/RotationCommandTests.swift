import ArgumentParser
import KeyturnClient
import Testing
import VaultAPI

@testable import keyturn

@Suite("Rotation on the command line")
struct RotationCommandTests {
    private func options(_ arguments: [String]) throws -> RotationOptions { try RotationOptions.parse(arguments) }

    @Test("What is wrong with a rotation is wrong usage before a connection is made, and is not repeated")
    func checks() async throws {
        let lines: [[String]] = [
            ["put", "a", "--every", "30d", "--value-file", "/dev/null"],
            ["put", "a", "--rotator", "generate", "--every", "MARKER", "--value-file", "/dev/null"],
            ["put", "a", "--rotator", "generate", "--every", "30d", "--schedule", "0 3 1 * *"],
            ["edit", "a", "--every", "0d"], ["edit", "a", "--window", "MARKER"], ["edit", "a", "--overlap", "MARKER"],
            ["edit", "a", "--jitter", "1"], ["edit", "a", "--rotator-setting", "MARKER"],
            ["edit", "a", "--rotator-setting", "=MARKER"],
            ["edit", "a", "--rotator-setting", "a=1", "--rotator-setting", "a=2"],
            ["edit", "a", "--clear", "rotation", "--every", "30d"],
            ["edit", "a", "--clear", "every", "--every", "30d"],
            ["rotate", "../a"], ["rotate", "a", "--wait", "MARKER"], ["rotations", "--limit", "0"],
            ["rotations", "--due", "--due-within", "7d"], ["rotations", "--due-within", "MARKER"],
            ["rotation", "plan", "a//b"], ["rotation", "resume", "a b"], ["acknowledge", "a", "--version", "0"],
            ["acknowledge", "a", "--instance", "MARKER MARKER"], ["get", "a", "--instance", "MARKER/1"],
        ]
        for line in lines {
            var command = try #require(
                try KeyturnCommand.parseAsRoot(line + ["--address", "unix:/nonexistent"]) as? any AsyncParsableCommand)
            do {
                try await command.run()
                Issue.record("\(line) ran")
            } catch {
                #expect((error as? Failure)?.exit == .usage, "\(line): \(error)")
                #expect((error as? Failure)?.lines.joined().contains("MARKER") == false, "\(line)")
            }
        }
    }

    @Test("A rotation that is set up has what was said of it, and nothing else")
    func whole() throws {
        #expect(try options([]).whole(overlap: "24h") == nil)
        let request = try options([
            "--every", "90d", "--rotator", "generate", "--rotator-setting", "prefix=a=b", "--window", "22:00-04:00",
        ]).whole(overlap: "24h")
        #expect(
            request
                == RotationRequest(
                    rotator: "generate", every: "90d", settings: ["prefix": "a=b"], overlap: "24h",
                    window: DayWindow(from: 1320, until: 240)))
    }

    private static let current = RotationRequest(
        rotator: "generate", every: "90d", settings: ["length": "40"], overlap: "1d", missed: .next,
        retire: .whenAcknowledged, deadline: "7d", jitter: "1h", window: DayWindow(from: 0, until: 60))

    @Test("An edit changes what is named, and leaves the rest")
    func merged() throws {
        var expected = Self.current
        expected.every = "30d"
        expected.overlap = "2d"
        #expect(try options(["--every", "30d"]).merged(into: Self.current, overlap: "2d", clear: []) == expected)

        expected = Self.current
        (expected.schedule, expected.every) = ("0 3 1 * *", nil)
        let scheduled = try options(["--schedule", "0 3 1 * *"])
        #expect(try scheduled.merged(into: Self.current, overlap: nil, clear: []) == expected)

        expected = Self.current
        (expected.every, expected.jitter, expected.window) = (nil, nil, nil)
        let cleared = try options([]).merged(into: Self.current, overlap: nil, clear: [.every, .jitter, .window])
        #expect(cleared == expected)

        expected = Self.current
        (expected.retire, expected.deadline) = (.afterOverlap, nil)
        let retired = try options(["--retire", "after-overlap"])
        #expect(try retired.merged(into: Self.current, overlap: nil, clear: []) == expected)
    }

    @Test("Another rotator starts without the settings of the one before; the same one keeps them")
    func rotators() throws {
        let same = try options(["--rotator", "generate"]).merged(into: Self.current, overlap: nil, clear: [])
        #expect(same == Self.current)
        let other = try options(["--rotator", "manual"]).merged(into: Self.current, overlap: nil, clear: [])
        #expect(other.rotator == "manual" && other.settings == nil && other.every == "90d")
        #expect(throws: Failure.self) { try options(["--every", "30d"]).merged(into: nil, overlap: nil, clear: []) }
        let new = try options(["--rotator", "manual"]).merged(into: nil, overlap: nil, clear: [])
        #expect(new == RotationRequest(rotator: "manual"))
    }

    @Test("The flags of a list are states, and --due is this moment")
    func search() throws {
        let command = try #require(
            try KeyturnCommand.parseAsRoot(["rotations", "team", "--due", "--failing", "--state", "paused"])
                as? RotationsCommand)
        #expect(
            try command.search(now: 5_000)
                == RotationSearch(
                    states: [.paused, .failing], dueBefore: Timestamp(milliseconds: 5_000), prefix: "team"))
    }

    private func key(_ rotation: KeyRotation, previous: Int? = nil, until: Timestamp? = nil) -> KeyMetadata {
        let moment = Timestamp(milliseconds: 0)
        return KeyMetadata(
            path: "a/b", id: "00", name: "", description: "", provider: "", visibility: .private, tags: [], prefix: "",
            created: moment, updated: moment, state: .active, versionCount: 4, current: 4, previous: previous,
            previousUntil: until, rotation: rotation)
    }

    @Test("One line says where a rotation stands, why, and what comes next")
    func line() {
        let later = Timestamp(milliseconds: 1_795_231_747_000)
        var rotation = KeyRotation(
            rotator: "http", author: "a", state: .failing, step: "create", nextAttempt: later, pending: 5,
            error: "timed_out", errorStep: "create")
        #expect(
            RotationDetails.line(key(rotation))
                == "a/b: version 4, failing, version 5 pending, timed_out in create, next attempt 2026-11-21T03:29:07Z")
        rotation = KeyRotation(rotator: "http", author: "a", state: .overlapping, step: "overlap")
        #expect(
            RotationDetails.line(key(rotation, previous: 3, until: later))
                == "a/b: version 4, overlapping, version 3 honoured until 2026-11-21T03:29:07Z")
        rotation = KeyRotation(rotator: "http", author: "a", state: .scheduled, step: "idle", due: later)
        #expect(RotationDetails.line(key(rotation)) == "a/b: version 4, scheduled, due 2026-11-21T03:29:07Z")
    }

    @Test("A rotation that was waited for and stopped says how to see it, with the path of its key")
    func stopped() {
        let rotation = KeyRotation(rotator: "http", author: "a", state: .held, step: "create")
        let failure = RotateCommand.stopped(key(rotation))
        #expect(failure.lines == ["keyturn: a/b: version 4, held", "  see it with: keyturn show a/b"])
    }

    @Test("A pause is shown beside what goes on in it, and in a plan in the place of the time")
    func paused() {
        var rotation = KeyRotation(rotator: "http", paused: true, author: "a", state: .overlapping, step: "overlap")
        #expect(RotationDetails.line(key(rotation)) == "a/b: version 4, overlapping, paused")
        rotation.state = .paused
        #expect(RotationDetails.line(key(rotation)) == "a/b: version 4, paused")
        func begins(_ state: KeyRotationState, _ paused: Bool?) -> String {
            RotationPlanCommand.begins(
                RotationPlanReply(path: "a/b", rotator: "http", state: state, paused: paused, steps: []))
        }
        #expect(begins(.overlapping, true) == "not while it is paused" && begins(.scheduled, nil) == "when asked")
        #expect(begins(.held, nil) == "not while it is held")
    }

    @Test(
        "An end that was asked for, and what a rotation left behind, are named in the line, the table and the details")
    func leftovers() {
        let moment = Timestamp(milliseconds: 1_795_231_747_000)
        var rotation = KeyRotation(
            rotator: "http", author: "a", state: .failing, step: "reconcile", error: "bad_reply",
            errorStep: "reconcile", aborting: true)
        #expect(
            RotationDetails.line(key(rotation)) == "a/b: version 4, failing, bad_reply in reconcile, abort asked for")
        #expect(RotationDetails.trouble(rotation) == "bad_reply in reconcile, abort asked for")
        rotation = KeyRotation(
            rotator: "http", author: "a", state: .scheduled, step: "idle",
            possibleOrphans: [
                PossibleOrphan(handle: "k\u{1b}1", mark: "keyturn-00-11", step: "discard", since: moment),
                PossibleOrphan(mark: "keyturn-00-22", step: "reconcile", since: moment),
            ])
        #expect(RotationDetails.trouble(rotation) == "possible_orphan")
        let line = RotationDetails.line(key(rotation))
        #expect(line.contains("possible orphan marked keyturn-00-22") && !line.contains("\u{1b}"))
        var details = Details()
        RotationDetails.add(rotation, to: &details)
        let text = details.lines.joined(separator: "\n")
        #expect(text.contains("marked keyturn-00-22, since 2026-11-21T03:29:07Z, left in reconcile"))
        #expect(text.contains(#"k\u{1b}1, since"#) && !text.contains("\u{1b}"))
    }

    @Test("Who holds a retirement back is named by name, instance and version; names that terminals obey are inert")
    func holders() {
        let moment = Timestamp(milliseconds: 1_795_231_747_000)
        let rotation = KeyRotation(
            rotator: "http", author: "a", state: .overlapping, step: "overlap",
            consumers: [
                KeyConsumer(
                    caller: "access-key:x", name: "web\u{1b}[2J", instance: "1", version: 3, seen: moment,
                    holdsBack: true),
                KeyConsumer(caller: "unix-user:7", instance: "", version: 4, seen: moment, holdsBack: false),
            ])
        var details = Details()
        RotationDetails.add(rotation, to: &details)
        let text = details.lines.joined(separator: "\n")
        #expect(text.contains(#"held back by: web\u{1b}[2J/1: version 3 at 2026-11-21T03:29:07Z"#))
        #expect(text.contains("used by:"))
        #expect(!text.contains("\u{1b}"))
        #expect(RotationDetails.holders(rotation).hasSuffix("/1"))
    }

    @Test("An age is told in the largest unit that fits, and never below nothing")
    func ages() {
        #expect(Age.text(of: 0, at: 59_999) == "59s")
        #expect(Age.text(of: 0, at: 3_599_000) == "59m")
        #expect(Age.text(of: 0, at: 40 * 86_400_000) == "40d")
        #expect(Age.text(of: 10_000, at: 0) == "0s")
    }
}
