internal import NIOCore
internal import NIOPosix

/// The beat of what is done every second.
///
/// It comes from an event loop, whose timers run for a length of time. Those of `Task.sleep` run until a moment, which does
/// not come in a process that is started under a shifted clock (libfaketime).
enum Ticks {
    /// Waits for a second.
    ///
    /// - Throws: where the task is cancelled meanwhile.
    static func second() async throws {
        let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: .seconds(1)) {}
        try await withTaskCancellationHandler {
            try await timer.futureResult.get()
        } onCancel: {
            timer.cancel()
        }
    }
}
