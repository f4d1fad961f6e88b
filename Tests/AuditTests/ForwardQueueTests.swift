import Synchronization
import Testing

@testable import Audit

@Suite("The queue of a further sink") struct ForwardQueueTests {
    private static let limits: ForwardQueue.Limits = {
        var limits = ForwardQueue.Limits()
        limits.lines = 4
        limits.bytes = 400
        return limits
    }()

    private func queue(_ need: FurtherSink.Need = .mandatory) -> ForwardQueue {
        ForwardQueue(need: need, limits: Self.limits, now: 0)
    }

    private func line(_ sequence: UInt64, _ bytes: Int = 10) -> ForwardQueue.Line {
        ForwardQueue.Line(
            sequence: sequence, time: someTime, isAllowed: true, bytes: [UInt8](repeating: 0x61, count: bytes))
    }

    /// What those who wait were told, in turn.
    private final class Told: Sendable {
        let all = Mutex<[AuditError.Reason?]>([])
        func note(_ reason: AuditError.Reason?) { all.withLock { $0.append(reason) } }
        var reasons: [AuditError.Reason?] { all.withLock { $0 } }
    }

    private func connected(_ need: FurtherSink.Need = .mandatory) -> ForwardQueue {
        var queue = queue(need)
        guard case .connect = queue.step(now: 0).0 else { return queue }
        queue.connected(nil, now: 0)
        return queue
    }

    @Test("A mandatory sink that is away is waited for a second, then everything is refused at once")
    func away() {
        var queue = queue()
        let told = Told()
        guard case .connect = queue.step(now: 0).0 else { return #expect(Bool(false)) }
        queue.connected(.unreachable, now: 0)
        #expect(queue.refusal(now: 999) == nil)
        queue.offer([line(1)])
        #expect(queue.whenTaken(1, until: 2000, now: 0, told.note) == nil)
        let (step, early) = queue.step(now: 10)
        guard case .wait(40) = step else { return #expect(Bool(false)) }
        #expect(early.isEmpty)
        for item in queue.step(now: 1000).1 { item.complete() }
        #expect(told.reasons == [.unreachable])
        #expect(queue.refusal(now: 1000) == .unreachable)
        #expect(queue.whenTaken(1, until: 3000, now: 1000, told.note)?.reason == .unreachable)
        // The line is not lost to it.
        guard case .connect = queue.step(now: 1001).0 else { return #expect(Bool(false)) }
        queue.connected(nil, now: 1001)
        guard case .send(let lines) = queue.step(now: 1001).0 else { return #expect(Bool(false)) }
        #expect(lines == [line(1)])
        #expect(queue.sent(1, now: 1001).isEmpty)
        #expect(queue.refusal(now: 1001) == nil && queue.failure == nil && queue.dropped == 0)
    }

    @Test("A best-effort sink that is away refuses nothing; what has no room is dropped and counted")
    func bestEffort() {
        var queue = queue(.bestEffort)
        queue.connected(.forbidden, now: 0)
        queue.offer((1...7).map { line($0) })
        #expect(queue.refusal(now: 100_000) == nil)
        #expect(queue.dropped == 3 && queue.waiting == 4 && queue.failure == .forbidden)
        queue.connected(nil, now: 100_000)
        guard case .send(let lines) = queue.step(now: 100_000).0 else { return #expect(Bool(false)) }
        #expect(lines.map(\.sequence) == [1, 2, 3, 4])
        _ = queue.sent(4, now: 100_000)
        queue.offer([line(8)])
        #expect(queue.dropped == 3 && queue.taken == 4 && queue.waiting == 1)
    }

    @Test("Room is counted in bytes, too")
    func bytes() {
        var queue = connected(.bestEffort)
        queue.offer([line(1, 300), line(2, 101), line(3, 100)])
        #expect(queue.dropped == 1 && queue.waiting == 2)
        _ = queue.sent(2, now: 0)
        queue.offer([line(4, 400)])
        #expect(queue.dropped == 1 && queue.waiting == 1)
    }

    @Test("Who waits for a line that was dropped is refused, whatever was taken after it")
    func dropped() {
        var queue = connected()
        let told = Told()
        queue.offer((1...6).map { line($0) })
        #expect(queue.refusal(now: 0) == .blocked)
        #expect(queue.sent(4, now: 0).isEmpty)
        queue.offer([line(7)])
        #expect(queue.sent(1, now: 0).isEmpty)
        for (sequence, reason) in [(4, nil), (5, .blocked), (6, .blocked), (7, nil)] as [(UInt64, AuditError.Reason?)] {
            let settled = queue.whenTaken(sequence, until: 2000, now: 0, told.note)
            #expect(settled != nil && settled?.reason == reason)
        }
        // Very many gaps are kept as fewer and wider ones.
        for number in 0..<100 {
            queue.offer((0..<5).map { line(UInt64(10 + number * 5 + $0)) })
            _ = queue.sent(4, now: 0)
        }
        #expect(queue.whenTaken(14, until: 2000, now: 0, told.note)?.reason == .blocked)
        #expect(queue.whenTaken(509, until: 2000, now: 0, told.note)?.reason == .blocked)
        #expect(queue.whenTaken(508, until: 2000, now: 0, told.note)?.reason == nil)
    }

    @Test("A sink that takes nothing refuses who has waited too long, and then all, until it takes lines again")
    func stuck() {
        var queue = connected()
        let told = Told()
        queue.offer([line(1), line(2)])
        _ = queue.whenTaken(2, until: 2000, now: 0, told.note)
        #expect(queue.sent(0, now: 0).isEmpty)
        #expect(queue.step(now: 1999).1.isEmpty && queue.refusal(now: 1999) == nil)
        for item in queue.step(now: 2000).1 { item.complete() }
        #expect(told.reasons == [.blocked])
        #expect(queue.refusal(now: 2000) == .blocked && queue.failure == .blocked)
        #expect(queue.sent(1, now: 2100).isEmpty)
        #expect(queue.refusal(now: 2100) == nil && queue.failure == nil)
        guard case .send(let lines) = queue.step(now: 2100).0 else { return #expect(Bool(false)) }
        #expect(lines == [line(2)])
    }

    @Test("Those who wait are told when their line is taken, in whatever order they came")
    func order() {
        var queue = connected()
        let told = Told()
        queue.offer([line(1), line(2), line(3)])
        _ = queue.whenTaken(3, until: 2000, now: 0, told.note)
        _ = queue.whenTaken(1, until: 2000, now: 0, told.note)
        for item in queue.sent(2, now: 1) { item.complete() }
        #expect(told.reasons == [nil])
        for item in queue.sent(1, now: 1) { item.complete() }
        #expect(told.reasons == [nil, nil])
        #expect(queue.whenTaken(2, until: 2000, now: 5, told.note)?.reason == nil)
    }

    @Test("A lost connection is made again at once; one that was good for nothing, after ever longer pauses")
    func pauses() {
        var queue = connected()
        queue.offer([line(1), line(2)])
        _ = queue.sent(1, now: 0)
        queue.lost(.unreachable, now: 10)
        guard case .connect = queue.step(now: 10).0 else { return #expect(Bool(false)) }
        var now: Int64 = 10
        var pauses: [Int64] = []
        for round in 0..<8 {
            // Refused, or taken and closed again.
            if round % 2 == 0 {
                queue.connected(.unreachable, now: now)
            } else {
                queue.connected(nil, now: now)
                queue.lost(.unreachable, now: now)
            }
            var pause: Int64 = 0
            while case .wait(let more) = queue.step(now: now + pause).0 { pause += more }
            pauses.append(pause)
            now += pause
        }
        #expect(pauses == [50, 100, 200, 400, 800, 1000, 1000, 1000])
    }

    @Test("A line that no sink could take is dropped, and the next ones go on")
    func tooLarge() {
        var queue = connected()
        let told = Told()
        queue.offer([line(1), line(2)])
        _ = queue.whenTaken(1, until: 2000, now: 0, told.note)
        _ = queue.whenTaken(2, until: 2000, now: 0, told.note)
        for item in queue.dropFirst(.inputOutput) { item.complete() }
        for item in queue.sent(1, now: 0) { item.complete() }
        #expect(told.reasons == [.inputOutput, nil] && queue.dropped == 1 && queue.taken == 1)
    }

    @Test("At the end what waits is sent to a sink that is there, and who waits for another is told")
    func close() {
        var queue = connected()
        queue.offer([line(1)])
        let closings = [queue.close(until: 1000), queue.close(until: 2000)]
        #expect(closings == [false, true])
        #expect(queue.refusal(now: 0) == .closed)
        guard case .send = queue.step(now: 0).0 else { return #expect(Bool(false)) }
        _ = queue.sent(1, now: 0)
        guard case .leave = queue.step(now: 0).0 else { return #expect(Bool(false)) }

        var away = self.queue()
        let told = Told()
        away.connected(.unreachable, now: 0)
        away.offer([line(1)])
        _ = away.whenTaken(1, until: 2000, now: 0, told.note)
        _ = away.close(until: 1000)
        let (step, settled) = away.step(now: 0)
        guard case .leave = step else { return #expect(Bool(false)) }
        for item in settled { item.complete() }
        #expect(told.reasons == [.closed] && away.dropped == 1)
    }
}
