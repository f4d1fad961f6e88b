/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Chance {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 to below `bound`.
    mutating func below(_ bound: Int64) -> Int64 { Int64(next() % UInt64(max(bound, 1))) }
    /// True `percent` times of a hundred.
    mutating func happens(_ percent: Int64) -> Bool { below(100) < percent }
    mutating func pick<T>(_ items: [T]) -> T { items[Int(below(Int64(items.count)))] }
    mutating func token() -> [UInt8] { (0..<16).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

package let second: Int64 = 1_000
package let minute: Int64 = 60_000
package let hour: Int64 = 3_600_000
package let day: Int64 = 86_400_000
/// 2026-01-01T00:00:00Z.
package let beginning: Int64 = 1_767_225_600_000
