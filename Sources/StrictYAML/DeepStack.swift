internal import Glibc

/// Runs work that calls itself deeply on a thread with a stack large enough for it, since what stack the
/// caller's thread has is not ours to know.
enum DeepStack {
    /// 16 KiB for each of the 1,000 levels that the YAML scanner goes down to: several times what one takes.
    private static let size = 16 << 20

    /// The work, and what came of it. The thread writes `result` before it ends, and the caller reads it after.
    private final class Job<Result: Sendable>: @unchecked Sendable {
        let work: @Sendable () -> Result
        var result: Result?

        init(_ work: @escaping @Sendable () -> Result) { self.work = work }
    }

    /// Does `work` and waits for it; nil where the system has no thread to give.
    static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) -> Result? {
        let job = Job(work)
        let step: () -> Void = { job.result = job.work() }
        var attributes = pthread_attr_t()
        guard unsafe pthread_attr_init(&attributes) == 0 else { return nil }
        defer { _ = unsafe pthread_attr_destroy(&attributes) }
        guard unsafe pthread_attr_setstacksize(&attributes, size) == 0 else { return nil }
        let context = unsafe Unmanaged.passRetained(Step(step))
        var thread = pthread_t()
        let failure = unsafe pthread_create(
            &thread, &attributes,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Step>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            unsafe context.release()
            return nil
        }
        _ = pthread_join(thread, nil)
        return job.result
    }

    /// One call without a type of its own, which a C function pointer can take.
    private final class Step {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }
    }
}
