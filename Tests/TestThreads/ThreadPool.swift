import Foundation

/// Threads that tests may block: the pool that Swift runs tasks on has one for each core, and a test that waits there
/// for a program holds up the tasks of all others, whose time runs on.
final class ThreadPool: TaskExecutor {
    /// More than `scripts/test` runs tests at once, so that there is always one left there.
    static let shared = ThreadPool(threads: 32)

    private let jobs = Jobs()

    private init(threads: Int) {
        for _ in 0..<threads {
            let thread = Thread { [jobs, self] in
                while true { jobs.next().runSynchronously(on: asUnownedTaskExecutor()) }
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) { jobs.add(UnownedJob(job)) }
}

/// Jobs in the order in which they came.
private final class Jobs: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [UnownedJob] = []

    func add(_ job: UnownedJob) {
        condition.lock()
        waiting.append(job)
        condition.signal()
        condition.unlock()
    }

    func next() -> UnownedJob {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty { condition.wait() }
        return waiting.removeFirst()
    }
}
