/// A clock that nobody sets, in milliseconds from an arbitrary start.
enum SteadyClock {
    private static let start = ContinuousClock.now

    @Sendable static func milliseconds() -> Int64 { start.duration(to: .now).microseconds / 1000 }
}
