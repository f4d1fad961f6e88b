package import Testing

/// Tests that wait for programs, servers and locks and block the thread that they run on.
///
/// ```swift
/// @Suite(.blocks) struct CrashTests { … }
/// ```
package struct BlockingTrait: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadPool.shared) { try await body() }
    }
}

extension Trait where Self == BlockingTrait {
    /// Runs the test on a thread that it may block.
    package static var blocks: Self { Self() }
}
