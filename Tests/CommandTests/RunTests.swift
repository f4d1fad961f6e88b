import KeyturnClient
import SecretMemory
import Synchronization
import Testing
import VaultAPI

@testable import keyturn

@Suite("Becoming another program")
struct RunTests {
    @Test(
        "A binding that is none is refused",
        arguments: [
            "", "A", "=a", "1A=a", "A-B=a", "A B=a", "\u{c4}=a", "A=", "A=/a", "A=../a", "A=a#", "A=a#V", "A=a#b#c",
            "A=a b",
            "KEYTURN_ACCESS_KEY=a",
        ])
    func wrongBindings(text: String) {
        let failure = #expect(throws: Failure.self) { try EnvBinding(text) }
        #expect(failure?.exit == .usage && failure?.sentence.hasPrefix("--env") == true)
    }

    @Test("A variable that is named twice, and more of them than one request holds, are refused")
    func tooMany() throws {
        func check(_ texts: [String]) throws -> [EnvBinding] {
            try EnvBinding.check(try texts.map { (try EnvBinding($0), "--env") })
        }
        let twice = #expect(throws: Failure.self) { try check(["A=a", "B=b", "A=c"]) }
        #expect(twice?.sentence == "--env names A twice")
        #expect(throws: Failure.self) { try check((0...256).map { "A\($0)=a" }) }
        #expect(try check((0..<256).map { "A\($0)=a" }).count == 256)
    }

    @Test("A binding names a path and a field")
    func bindings() throws {
        let binding = try EnvBinding("_A1=cloud/aws#secret_key")
        #expect(binding.reference == ValueReference(path: "cloud/aws", field: "secret_key"))
        #expect(try EnvBinding("A=b").reference == ValueReference(path: "b", field: "value"))
    }

    @Test("The program's environment is what was inherited, byte for byte, without the access key")
    func environment() throws {
        let strange: [UInt8] = Array("X=".utf8) + [0xFF, 0xFE]
        var environment = ChildEnvironment(inherited: [
            Array("A=old".utf8), strange, Array("KEYTURN_ACCESS_KEY=k".utf8),
            Array("KEYTURN_ACCESS_KEY_FILE=/k".utf8), Array("A=again".utf8), Array("ODD".utf8),
            Array("KEYTURN_ADDRESS=unix:/a".utf8),
        ])
        try environment.set("A", to: WipedBytes(utf8: "n=e\nw"))
        #expect(
            environment.entries == [
                strange, Array("ODD".utf8), Array("KEYTURN_ADDRESS=unix:/a".utf8), Array("A=n=e\nw".utf8),
            ])
    }

    @Test("A value with a zero byte is refused, and not repeated")
    func zeroByte() {
        var environment = ChildEnvironment(inherited: [])
        let failure = #expect(throws: Failure.self) { try environment.set("A", to: WipedBytes(utf8: "MARK\u{0}ER")) }
        #expect(failure?.sentence.contains("MARK") == false && environment.entries.isEmpty)
    }

    @Test("The environment that was inherited is read whole")
    func inherited() throws {
        let entries = try InheritedEnvironment.read()
        #expect(entries.contains { $0.starts(with: Array("PATH=".utf8)) })
        #expect(!entries.contains { $0.contains(0) || $0.isEmpty })
    }

    @Test("A program that is not there is a failure; the first one in PATH is taken")
    func search() throws {
        let there: Set = ["/b/prog", "/c/prog", "./here/prog"]
        #expect(try ProgramSearch.find("prog", path: "/a:/b:/c", isExecutable: there.contains) == "/b/prog")
        #expect(try ProgramSearch.find("/c/prog", path: "/b", isExecutable: there.contains) == "/c/prog")
        for (program, path) in [("prog", "/a"), ("here/prog", "/b"), ("/a/prog", "/b")] {
            let failure = #expect(throws: Failure.self) {
                try ProgramSearch.find(program, path: path, isExecutable: there.contains)
            }
            #expect(failure?.exit == .failed)
        }
        #expect(throws: Failure.self) { try ProgramSearch.find("", path: "/b", isExecutable: { _ in true }) }
        #expect(try ProgramSearch.find("sh", path: nil).hasSuffix("/sh"))
        #expect(throws: Failure.self) { try ProgramSearch.find("tmp", path: "/") }
    }

    @Test("Waiting ends at its bound, speaks at once and then every ten seconds, and pauses ever longer")
    func waiting() {
        var schedule = WaitSchedule(start: 1000, limit: 30_000)
        var now: Int64 = 1000
        var announced: [Int64] = []
        var pauses: [Int64] = []
        while case .wait(let pause, let announce) = schedule.step(now: now, chance: 0) {
            if announce { announced.append(now) }
            pauses.append(pause)
            now += pause
        }
        #expect(now == 31_000)
        #expect(pauses.prefix(5) == [250, 500, 1000, 2000, 2000] && pauses.allSatisfy { (1...2000).contains($0) })
        #expect(announced.count == 3 && announced.first == 1000)
    }

    @Test("A pause is spread by chance, and heeds what the vault asks for up to five seconds")
    func spread() {
        func pause(_ retryAfter: Int?, _ chance: Double) -> WaitSchedule.Step {
            var schedule = WaitSchedule(start: 0, limit: 60_000)
            return schedule.step(now: 0, retryAfter: retryAfter, chance: chance)
        }
        #expect(pause(nil, 1) == .wait(milliseconds: 375, announce: true))
        #expect(pause(2, 0) == .wait(milliseconds: 2000, announce: true))
        #expect(pause(2, 0.5) == .wait(milliseconds: 2500, announce: true))
        #expect(pause(3600, 0) == .wait(milliseconds: 5000, announce: true))
    }

    @Test("An attempt has what is left of the wait, and three seconds where that is less")
    func attempts() async throws {
        let start = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        let deadlines = Mutex<[Duration]>([])
        let waiting = Waiting(
            now: { start + passed.withLock { $0 } }, pause: { length in passed.withLock { $0 += length } })
        let failure = await #expect(throws: KeyturnClientError.self) {
            try await waiting.attempt(limit: 10_000) { (deadline: ContinuousClock.Instant) async throws -> Void in
                deadlines.withLock { $0.append(start.duration(to: deadline)) }
                // A vault that hangs.
                passed.withLock { $0 = start.duration(to: deadline) }
                throw KeyturnClientError(.timedOut, "x")
            }
        }
        #expect(failure?.code == .timedOut && deadlines.withLock { $0 } == [.seconds(10)])

        passed.withLock { $0 = .zero }
        deadlines.withLock { $0 = [] }
        await #expect(throws: KeyturnClientError.self) {
            try await waiting.attempt(limit: 4_000) { (deadline: ContinuousClock.Instant) async throws -> Void in
                deadlines.withLock { $0.append(deadline - (start + passed.withLock { $0 })) }
                throw KeyturnClientError(.sealed, "x")
            }
        }
        let each = deadlines.withLock { $0 }
        #expect(each.first == .seconds(4) && each.last == .seconds(3) && each == each.sorted(by: >))

        deadlines.withLock { $0 = [] }
        await #expect(throws: KeyturnClientError.self) {
            try await waiting.attempt(limit: 0) { (deadline: ContinuousClock.Instant) async throws -> Void in
                deadlines.withLock { $0.append(deadline - (start + passed.withLock { $0 })) }
                throw KeyturnClientError(.timedOut, "x")
            }
        }
        #expect(deadlines.withLock { $0 } == [.seconds(3)])
    }

    @Test("No wait is no wait, and an endless one does not overflow")
    func bounds() throws {
        var none = WaitSchedule(start: 5, limit: try RunCommand.milliseconds("0"))
        #expect(none.step(now: 5) == .giveUp)
        var endless = WaitSchedule(start: 5, limit: .max)
        #expect(endless.step(now: 5, chance: 0) == .wait(milliseconds: 250, announce: true))
        #expect(try RunCommand.milliseconds("90s") == 90_000)
        #expect(throws: Failure.self) { try RunCommand.milliseconds("-1s") }
    }
}
