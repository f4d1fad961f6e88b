import Synchronization
import Testing

@testable import Audit

@Suite("The queue of a sink") struct AppendQueueTests {
    /// What completions were given, by entry.
    final class Answers: Sendable {
        private let answers = Mutex<[Int: [Result<AuditReceipt, AuditError>]]>([:])
        func put(_ entry: Int, _ result: Result<AuditReceipt, AuditError>) {
            answers.withLock { $0[entry, default: []].append(result) }
        }
        subscript(_ entry: Int) -> [Result<AuditReceipt, AuditError>] { answers.withLock { $0[entry] ?? [] } }
    }

    let answers = Answers()

    private func queue() -> AppendQueue { AppendQueue(settings: AuditSettings(), head: .start) }

    private func pending(_ number: Int, _ durability: AuditDurability = .written) -> AppendQueue.Pending {
        AppendQueue.Pending(
            line: QueuedLine(body: [], time: 0, mayUseReserve: false), durability: durability
        ) { [answers] in answers.put(number, $0) }
    }

    private func head(_ sequence: UInt64) -> AuditHead { AuditHead(sequence: sequence, hash: .zero) }
    private let blocked = Result<AuditReceipt, AuditError>.failure(AuditError(sink: "file", .blocked))

    @Test("refuses every entry when a write takes too long, each once, and takes none until it returns")
    func hangingWrite() {
        var queue = queue()
        #expect(queue.submit(pending(1), now: 0).1 == [.writer, .watch])
        #expect(queue.takeBatch(now: 1).count == 1)
        #expect(queue.submit(pending(2), now: 100).1 == [])
        #expect(queue.expire(now: 1999).0.isEmpty)
        let (settled, next) = queue.expire(now: 2000)
        settled.forEach { $0.complete() }
        #expect(answers[1] == [blocked] && answers[2] == [blocked] && next == nil)
        queue.submit(pending(3), now: 2001).0?.complete()
        #expect(answers[3] == [blocked])
        // It returns: the head moves, nobody is answered twice, and entries are taken again.
        let (late, wake) = queue.finishBatch([.success(head(1))], now: 9000)
        #expect(late.isEmpty && wake == .syncer && queue.written == head(1))
        #expect(queue.submit(pending(4), now: 9001).0 == nil)
        #expect(answers[1].count == 1)
    }

    @Test("refuses what waits for a hanging sync, and reads too until it returns")
    func hangingSync() {
        var queue = queue()
        _ = queue.submit(pending(1, .synced), now: 0)
        _ = queue.takeBatch(now: 0)
        #expect(queue.finishBatch([.success(head(1))], now: 1).0.isEmpty)
        #expect(queue.takeSync(now: 1) == .sync)
        queue.expire(now: 2000).0.forEach { $0.complete() }
        #expect(answers[1] == [blocked])
        queue.submit(pending(2), now: 2001).0?.complete()
        #expect(answers[2] == [blocked])
        #expect(queue.finishSync(nil).isEmpty)
        #expect(queue.synced == head(1) && queue.submit(pending(3), now: 2002).0 == nil)
    }

    @Test("answers a read when it is written and a change when it is synced")
    func durabilities() {
        var queue = queue()
        _ = queue.submit(pending(1), now: 0)
        _ = queue.submit(pending(2, .synced), now: 0)
        #expect(queue.takeBatch(now: 0).count == 2)
        queue.finishBatch([.success(head(1)), .success(head(2))], now: 1).0.forEach { $0.complete() }
        #expect(answers[1] == [.success(head(1))] && answers[2].isEmpty)
        #expect(queue.takeSync(now: 1) == .sync)
        queue.finishSync(nil).forEach { $0.complete() }
        #expect(answers[2] == [.success(head(2))] && queue.synced == head(2))
        #expect(queue.takeSync(now: 1) == .wait(nil))
    }

    @Test("has what was written synced within the interval, and not before")
    func interval() {
        var queue = queue()
        _ = queue.submit(pending(1), now: 0)
        _ = queue.takeBatch(now: 0)
        _ = queue.finishBatch([.success(head(1))], now: 10)
        #expect(queue.takeSync(now: 10) == .wait(500))
        #expect(queue.takeSync(now: 509) == .wait(1))
        #expect(queue.takeSync(now: 510) == .sync)
        // What is written while that sync runs is not covered by it.
        _ = queue.submit(pending(2), now: 511)
        _ = queue.takeBatch(now: 511)
        _ = queue.finishBatch([.success(head(2))], now: 512)
        _ = queue.finishSync(nil)
        #expect(queue.synced == head(1) && queue.takeSync(now: 512) == .wait(500))
    }

    @Test("refuses more than may wait")
    func tooMany() {
        var settings = AuditSettings()
        settings.mostWaiting = 2
        var queue = AppendQueue(settings: settings, head: .start)
        for number in 1...3 { queue.submit(pending(number), now: 0).0?.complete() }
        #expect(answers[1].isEmpty && answers[2].isEmpty && answers[3] == [blocked])
    }

    @Test("takes nothing more after an I/O error, refuses what waits, and goes on when reopened")
    func broken() {
        var queue = queue()
        let failure = Result<AuditReceipt, AuditError>.failure(AuditError(sink: "file", .inputOutput))
        _ = queue.submit(pending(1), now: 0)
        _ = queue.takeBatch(now: 0)
        _ = queue.submit(pending(2), now: 0)
        queue.finishBatch([.failure(.inputOutput)], now: 0).0.forEach { $0.complete() }
        #expect(answers[1] == [failure] && answers[2] == [failure])
        queue.submit(pending(3), now: 0).0?.complete()
        #expect(answers[3] == [failure] && queue.finishReopening(nil).isEmpty)
        #expect(queue.submit(pending(4), now: 0).0 == nil)
    }

    @Test("stays in trouble after a failed sync, whatever becomes of the write beside it, until it is reopened")
    func brokenBesideAWrite() {
        for (durability, isLate) in [(AuditDurability.written, false), (.synced, true)] {
            var queue = queue()
            _ = queue.submit(pending(1, .synced), now: 0)
            _ = queue.takeBatch(now: 0)
            _ = queue.finishBatch([.success(head(1))], now: 0)
            #expect(queue.takeSync(now: 0) == .sync)
            _ = queue.submit(pending(2, durability), now: 0)
            #expect(queue.takeBatch(now: 0).count == 1)
            _ = queue.finishSync(.inputOutput)
            _ = queue.finishBatch([.success(head(2))], now: 1)
            #expect(queue.failure == .inputOutput)
            if isLate { #expect(!queue.expire(now: 9000).0.isEmpty) }
            #expect(queue.failure == .inputOutput)
            // A new file that cannot be made leaves it as it is, so that it can be tried again.
            #expect(queue.finishReopening(.full).isEmpty && queue.failure == .inputOutput)
            _ = queue.finishReopening(nil)
            #expect(queue.failure == nil && queue.submit(pending(3), now: 9001).0 == nil)
        }
    }

    @Test("still writes and syncs what waits when it is closed, then lets its threads go")
    func closing() {
        var queue = queue()
        _ = queue.submit(pending(1, .synced), now: 0)
        #expect(queue.close() == [.writer, .syncer, .watch])
        #expect(queue.takeBatch(now: 0).count == 1)
        _ = queue.finishBatch([.success(head(1))], now: 0)
        #expect(queue.takeSync(now: 0) == .sync)
        queue.finishSync(nil).forEach { $0.complete() }
        #expect(answers[1] == [.success(head(1))] && queue.takeBatch(now: 0).isEmpty)
        #expect(queue.takeSync(now: 0) == .wait(nil))
        queue.writerLeft()
        #expect(queue.takeSync(now: 0) == .leave && queue.isDrained)
    }
}
