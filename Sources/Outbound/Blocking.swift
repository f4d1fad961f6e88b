internal import NIOPosix

/// Work that waits for the system, on a thread that may.
package enum Blocking {
    /// Does `work` on one of a few threads; nil where there is none left to do it.
    package static func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result? {
        try? await NIOThreadPool.singleton.runIfActive(work)
    }
}
