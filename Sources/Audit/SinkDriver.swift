internal import Dispatch
internal import Synchronization

/// Drives a queue of entries with three threads. Completions are called outside of the lock.
final class SinkDriver: Sendable {
    private struct State: Sendable {
        var queue: AppendQueue
        var file: (any LogFile)?
        var reserve: Int64
        var reopening: [Reopening] = []
    }

    private struct Reopening: Sendable {
        let time: Int64
        let after: UInt64
        let done: @Sendable (Result<AuditHead, AuditError.Reason>) -> Void
    }

    private let settings: AuditSettings
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>
    /// Used by the writer's thread alone; gone once it has left.
    private let writer: Mutex<LogWriter?>
    private let writerWork = DispatchSemaphore(value: 0)
    private let syncerWork = DispatchSemaphore(value: 0)
    private let watchWork = DispatchSemaphore(value: 0)
    private let left = DispatchSemaphore(value: 0)
    private let further: [Forwarder]

    /// - Parameter further: get every line, in the order of the chain, before anybody is told that it is written.
    init(_ writer: LogWriter, further: [Forwarder] = [], now: @escaping @Sendable () -> Int64) {
        settings = writer.settings
        self.further = further
        self.now = now
        state = Mutex(
            State(
                queue: AppendQueue(settings: writer.settings, head: writer.chain.head), file: writer.current?.file,
                reserve: writer.reserve?.remaining ?? 0))
        self.writer = Mutex(writer)
    }

    func start() throws(AuditError.Reason) {
        do throws(AuditError.Reason) {
            try SinkThread.start { self.watch() }
            try SinkThread.start { self.syncAll() }
            try SinkThread.start { self.writeAll() }
        } catch {
            wake(state.withLock { $0.queue.close() })
            throw error
        }
    }

    func submit(_ line: QueuedLine, durability: AuditDurability, completion: @escaping AppendQueue.Completion) {
        let pending = AppendQueue.Pending(line: line, durability: durability, completion: completion)
        let time = now()
        let (settled, due) = state.withLock { $0.queue.submit(pending, now: time) }
        wake(due)
        settled?.complete()
    }

    /// Submits entries that come together: they are written in one go unless there are very many.
    func submit(_ entries: [AppendQueue.Pending]) {
        let time = now()
        var settled: [AppendQueue.Settled] = []
        let due = state.withLock { state in
            entries.reduce(into: AppendQueue.Wake()) { due, pending in
                let (refused, wake) = state.queue.submit(pending, now: time)
                if let refused { settled.append(refused) }
                due.formUnion(wake)
            }
        }
        wake(due)
        for item in settled { item.complete() }
    }

    func submitSync(_ completion: @escaping AppendQueue.Completion) {
        let time = now()
        let (settled, due) = state.withLock { $0.queue.submitSync(completion, now: time) }
        wake(due)
        settled?.complete()
    }

    var health: AuditHealth {
        let time = now()
        return state.withLock { state in
            AuditHealth(
                name: settings.name, written: state.queue.written, synced: state.queue.synced,
                unsyncedFor: state.queue.unsyncedSince.map { max(0, time - $0) } ?? 0,
                waiting: state.queue.waiting.count, failure: state.queue.failure, reserve: state.reserve,
                fullReserve: settings.reserveBytes)
        }
    }

    /// Has the writer begin a new file, whose first entry comes after number `sequence`, and waits for it as long as an entry
    /// would.
    ///
    /// - Returns: the last number before the new file, and the hash of its header.
    @discardableResult
    func reopen(time: Int64, after sequence: UInt64 = 0) throws(AuditError) -> AuditHead {
        let ready = DispatchSemaphore(value: 0)
        let answer = Mutex<Result<AuditHead, AuditError.Reason>>(.failure(.blocked))
        let isClosed = state.withLock { state in
            guard !state.queue.isClosed else { return true }
            state.reopening.append(
                Reopening(time: time, after: sequence) { result in
                    answer.withLock { $0 = result }
                    ready.signal()
                })
            return false
        }
        guard !isClosed else { throw AuditError(sink: settings.name, .closed) }
        writerWork.signal()
        _ = ready.wait(timeout: .now() + .milliseconds(Int(settings.patience)))
        do throws(AuditError.Reason) { return try answer.withLock({ $0 }).get() } catch {
            throw AuditError(sink: settings.name, error)
        }
    }

    func close() {
        let due = state.withLock { $0.queue.isClosed ? [] : $0.queue.close() }
        guard !due.isEmpty else { return }
        wake(due)
        let deadline = DispatchTime.now() + .milliseconds(Int(settings.patience))
        for _ in 0..<2 where left.wait(timeout: deadline) == .timedOut { return }
    }

    private func wake(_ due: AppendQueue.Wake) {
        if due.contains(.writer) { writerWork.signal() }
        if due.contains(.syncer) { syncerWork.signal() }
        if due.contains(.watch) { watchWork.signal() }
    }
}

extension SinkDriver {
    private func writeAll() {
        while true {
            let (reopening, lines, isClosed) = state.withLock { state in
                defer { state.reopening = [] }
                return (state.reopening, state.queue.takeBatch(now: now()), state.queue.isClosed)
            }
            for request in reopening { reopen(request) }
            if !lines.isEmpty {
                write(lines)
            } else if isClosed {
                break
            } else if reopening.isEmpty {
                writerWork.wait()
            }
        }
        writer.withLock { $0 = nil }
        state.withLock { $0.queue.writerLeft() }
        syncerWork.signal()
        left.signal()
    }

    private func write(_ lines: [QueuedLine]) {
        let (results, file, reserve) = writer.withLock { writer in
            (writer?.write(lines) ?? [], writer?.current?.file, writer?.reserve?.remaining ?? 0)
        }
        forward(lines, results)
        let time = now()
        let (settled, due) = state.withLock { state in
            state.file = file
            state.reserve = reserve
            return state.queue.finishBatch(results, now: time)
        }
        wake(due)
        for item in settled { item.complete() }
    }

    private func forward(_ lines: [QueuedLine], _ results: [Result<AuditHead, AuditError.Reason>]) {
        guard !further.isEmpty else { return }
        let written = zip(lines, results).compactMap { line, result in
            (try? result.get()).map { head in
                ForwardQueue.Line(
                    sequence: head.sequence, time: line.time, isAllowed: line.isAllowed,
                    bytes: LineChain.line(line.body, at: head))
            }
        }
        for forwarder in further { forwarder.offer(written) }
    }

    private func reopen(_ request: Reopening) {
        let (result, file, reserve) = writer.withLock { writer in
            var result = Result<AuditHead, AuditError.Reason>.failure(.closed)
            do throws(AuditError.Reason) {
                if let header = try writer?.reopen(time: request.time, after: request.after) {
                    result = .success(header)
                }
            } catch {
                result = .failure(error)
            }
            return (result, writer?.current?.file, writer?.reserve?.remaining ?? 0)
        }
        var reason: AuditError.Reason?
        if case .failure(let failure) = result { reason = failure }
        let settled = state.withLock { state in
            state.file = file
            state.reserve = reserve
            return state.queue.finishReopening(reason)
        }
        for item in settled { item.complete() }
        request.done(result)
    }

    private func syncAll() {
        loop: while true {
            let (step, file) = state.withLock { ($0.queue.takeSync(now: now()), $0.file) }
            switch step {
            case .sync: sync(file)
            case .wait(let milliseconds?): _ = syncerWork.wait(timeout: .now() + .milliseconds(Int(milliseconds)))
            case .wait: syncerWork.wait()
            case .leave: break loop
            }
        }
        state.withLock { $0.file = nil }
        watchWork.signal()
        left.signal()
    }

    private func sync(_ file: (any LogFile)?) {
        var reason: AuditError.Reason?
        do throws(FileFault) { try file?.sync() } catch { reason = .inputOutput }
        let settled = state.withLock { $0.queue.finishSync(reason) }
        for item in settled { item.complete() }
    }

    private func watch() {
        while true {
            let time = now()
            let (settled, next, isDone) = state.withLock { state in
                let (settled, next) = state.queue.expire(now: time)
                return (settled, next, state.queue.isClosed && state.queue.isDrained)
            }
            for item in settled { item.complete() }
            if isDone { break }
            if let next {
                _ = watchWork.wait(timeout: .now() + .milliseconds(Int(max(1, next - time))))
            } else {
                watchWork.wait()
            }
        }
    }
}
