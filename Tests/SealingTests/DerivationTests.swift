import Dispatch
import SecretMemory
import Synchronization
import Testing

@testable import Sealing

@Suite("Turns at deriving")
struct DerivationTests {
    @Test("A full lane refuses, and the other lane does not notice")
    func refuses() {
        var line = DerivationLine<Int>(room: 2)
        #expect(line.enter(.network, number: 1, ticket: 1) == .starts)
        #expect(line.enter(.network, number: 2, ticket: 2) == .waits)
        #expect(line.enter(.network, number: 3, ticket: 3) == .waits)
        #expect(line.enter(.network, number: 4, ticket: 4) == .refused)
        #expect(line.enter(.operatorSocket, number: 5, ticket: 5) == .waits)
    }

    @Test("The operator goes first, then who came first; who gave up is passed over")
    func order() {
        var line = DerivationLine<Int>(room: 8)
        _ = line.enter(.network, number: 0, ticket: 0)
        for number in 1...3 { _ = line.enter(.network, number: UInt64(number), ticket: number) }
        for number in 4...5 { _ = line.enter(.operatorSocket, number: UInt64(number), ticket: number) }
        #expect(line.withdraw(2) == 2)
        #expect(line.withdraw(2) == nil)
        #expect([line.leave(), line.leave(), line.leave(), line.leave()] == [4, 5, 1, 3])
        #expect(line.leave() == nil)
        #expect(line.enter(.network, number: 9, ticket: 9) == .starts)
    }

    @Test("Work runs one at a time, and its result or its error comes back")
    func oneAtATime() async throws {
        let gate = DerivationGate(room: 64)
        let running = Running()
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await gate.run(number % 2 == 0 ? .network : .operatorSocket) { () throws(SealingError) in
                        running.enter()
                        running.leave()
                        return number
                    }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(done.count == 40)
        #expect(running.most == 1)
        await #expect(throws: SealingError.wrongPassphrase) {
            try await gate.run(.network) { () throws(SealingError) -> Int in throw .wrongPassphrase }
        }
    }

    @Test("Who is cancelled while waiting leaves the line, and the line goes on")
    func cancelled() async throws {
        let gate = DerivationGate(room: 1)
        let (entered, enter) = AsyncStream<Void>.makeStream()
        let release = DispatchSemaphore(value: 0)
        let first = Task {
            try await gate.run(.network) { () throws(SealingError) in
                enter.yield()
                release.wait()
            }
        }
        for await _ in entered { break }
        let second = Task { try await gate.run(.network) { () throws(SealingError) in } }
        second.cancel()
        await #expect(throws: SealingError.derivationCancelled) { try await second.value }
        release.signal()
        try await first.value
        try await gate.run(.network) { () throws(SealingError) in }
    }
}

/// How many run at once, at most.
private final class Running: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    func enter() {
        counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { counts.withLock { $0.now -= 1 } }

    var most: Int { counts.withLock { $0.most } }
}

@Suite("Calibration")
struct CalibrationTests {
    private func memory(_ milliseconds: UInt64, usableMiB: UInt64) -> UInt32? {
        (try? Calibration.costs(milliseconds: milliseconds, usableKiB: usableMiB << 10)).map { $0.memoryKiB >> 10 }
    }

    @Test("Memory is never above a quarter of what may be used, and below 256 MiB there is none to be had")
    func quarter() {
        #expect(memory(100, usableMiB: 255) == nil)
        #expect(memory(100, usableMiB: 256) == 64)
        #expect(memory(100, usableMiB: 1023) == 192)
        #expect(memory(100, usableMiB: 1024) == 256)
        #expect(memory(100, usableMiB: 4096) == 1024)
        for usable: UInt64 in stride(from: 256, to: 20000, by: 37) {
            #expect(UInt64(memory(1, usableMiB: usable) ?? .max) <= usable / 4)
        }
    }

    @Test("Memory grows towards a second and a half, and not past it")
    func time() {
        let plenty: UInt64 = 1 << 20
        #expect(memory(1, usableMiB: plenty) == 2048)
        #expect(memory(187, usableMiB: plenty) == 2048)
        #expect(memory(188, usableMiB: plenty) == 1536)
        #expect(memory(650, usableMiB: plenty) == 512)
        #expect(memory(1500, usableMiB: plenty) == 256)
        #expect(memory(.max, usableMiB: plenty) == 256)
    }

    @Test("What is chosen is always accepted")
    func accepted() throws {
        for milliseconds: UInt64 in [0, 1, 200, 650, 5000] {
            for usable: UInt64 in [256, 600, 4096, 1 << 20] {
                let costs = try Calibration.costs(milliseconds: milliseconds, usableKiB: usable << 10)
                try CostLimits.standard.check(costs)
            }
        }
        #expect(try Calibration.affordableCosts(usableKiB: 24 << 20) == .standard)
    }
}
