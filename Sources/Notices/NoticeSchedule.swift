/// When a notice that was not taken is tried again, and when it is given up. All in milliseconds.
struct NoticeSchedule: Sendable {
    /// A notice that was posted so long ago is not tried again.
    static let longest: Int64 = 3_600_000
    static let firstWait: Int64 = 1_000
    static let longestWait: Int64 = 300_000

    /// How long to wait after the `count`th try, from 1 on: doubling up to the cap, of which the last quarter is
    /// chance; longer where the receiver asked for it.
    ///
    /// - Parameter chance: any number.
    static func wait(after count: Int, asked: Int64?, chance: UInt64) -> Int64 {
        let whole = min(firstWait << Int64(min(max(count, 1) - 1, 20)), longestWait)
        let wait = whole - Int64(chance % UInt64(whole / 4 + 1))
        return max(wait, min(asked ?? 0, longest))
    }
}
