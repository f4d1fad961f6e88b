internal import Dispatch
internal import Synchronization

/// Gives every line of the log to one further sink, by a thread of its own that no other waits for.
final class Forwarder: Sendable {
    let sink: FurtherSink
    private let now: @Sendable () -> Int64
    private let queue: Mutex<ForwardQueue>
    private let work = DispatchSemaphore(value: 0)
    private let left = DispatchSemaphore(value: 0)

    init(_ sink: FurtherSink, limits: ForwardQueue.Limits = .init(), now: @escaping @Sendable () -> Int64) {
        self.sink = sink
        self.now = now
        queue = Mutex(ForwardQueue(need: sink.need, limits: limits, now: now()))
    }

    func start() throws(AuditError.Reason) {
        let sink = sink
        try SinkThread.start { self.run(SinkSocket(sink)) }
    }

    /// Takes lines that stand in the file now, in the order of the chain. Never waits.
    func offer(_ lines: [ForwardQueue.Line]) {
        queue.withLock { $0.offer(lines) }
        work.signal()
    }

    /// Why an entry that waits for this sink can be refused before it is written.
    var refusal: AuditError? {
        let time = now()
        return queue.withLock { $0.refusal(now: time) }.map { AuditError(sink: sink.name, $0) }
    }

    /// Calls `completion` once the sink has taken line `sequence`, which was offered before, or will not in time: nil
    /// where it has.
    func whenTaken(
        _ sequence: UInt64, until deadline: Int64, _ completion: @escaping @Sendable (AuditError?) -> Void
    ) {
        let (time, name) = (now(), sink.name)
        let settled = queue.withLock { queue in
            queue.whenTaken(sequence, until: deadline, now: time) { reason in
                completion(reason.map { AuditError(sink: name, $0, isWritten: true) })
            }
        }
        settled?.complete()
    }

    var health: FurtherHealth {
        let time = now()
        return queue.withLock { queue in
            let refusal = queue.refusal(now: time)
            return FurtherHealth(
                name: sink.name, need: sink.need, isUp: queue.isUp, waiting: queue.waiting, taken: queue.taken,
                dropped: queue.dropped, failure: queue.failure ?? refusal, isRefusing: refusal != nil)
        }
    }

    /// Gives the sink what waits, as far as it takes it, and ends. Returns within its patience, done or not.
    func close() {
        let deadline = now() + Self.closingPatience
        guard !queue.withLock({ $0.close(until: deadline) }) else { return }
        work.signal()
        _ = left.wait(timeout: .now() + .milliseconds(Int(Self.closingPatience) + 200))
    }

    private static let closingPatience: Int64 = 1000

    private func run(_ socket: SinkSocket) {
        while true {
            let time = now()
            let (step, settled) = queue.withLock { $0.step(now: time) }
            for item in settled { item.complete() }
            switch step {
            case .connect:
                let reason = socket.connect()
                queue.withLock { $0.connected(reason, now: time) }
            case .send(let lines): send(lines, socket)
            case .wait(let milliseconds):
                let woken = work.wait(timeout: .now() + .milliseconds(Int(milliseconds)))
                if woken == .timedOut, socket.isHungUp() { lose(.unreachable, socket) }
            case .leave:
                left.signal()
                return
            }
        }
    }

    private func send(_ lines: [ForwardQueue.Line], _ socket: SinkSocket) {
        switch socket.send(lines) {
        case .taken(let count):
            let time = now()
            let settled = queue.withLock { $0.sent(count, now: time) }
            for item in settled { item.complete() }
            // Short, so that those who have waited too long are told in time.
            if count == 0 { socket.waitForRoom(50) }
        case .tooLarge:
            let settled = queue.withLock { $0.dropFirst(.inputOutput) }
            for item in settled { item.complete() }
        case .lost(let reason): lose(reason, socket)
        }
    }

    private func lose(_ reason: AuditError.Reason, _ socket: SinkSocket) {
        socket.disconnect()
        queue.withLock { $0.lost(reason, now: now()) }
    }
}
