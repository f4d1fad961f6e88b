/// What time it is for acts that cannot be undone: never earlier than it was, and not much later without leave.
///
/// A clock that jumps back leaves time standing until it has caught up. One that is more than 400 days ahead of the last
/// moment that was written down is not believed until an operator confirms it.
package struct ClockGuard: Sendable, Equatable {
    /// 400 days.
    package static let longestAdvance: Int64 = 400 * 86_400_000

    /// The time, or that it is not believed.
    ///
    /// - Parameters:
    ///   - wall: what the clock says.
    ///   - mark: the latest time that is written down.
    ///   - confirmed: the latest time that an operator confirmed; 0 for none.
    package static func time(wall: Int64, mark: Int64, confirmed: Int64) -> (now: Int64, isHeld: Bool) {
        let known = max(mark, confirmed)
        guard wall <= known + longestAdvance else { return (mark, true) }
        return (max(wall, mark), false)
    }
}
