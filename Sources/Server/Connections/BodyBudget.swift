internal import Synchronization

/// How many bytes of request bodies may be held at one time, so that many requests together cannot take what each alone
/// may.
final class BodyBudget: Sendable {
    private let total: Int
    private let held = Atomic<Int>(0)

    init(bytes: Int) { total = bytes }

    /// Takes `bytes` if that many are left.
    func take(_ bytes: Int) -> Bool {
        let before = held.wrappingAdd(bytes, ordering: .relaxed).oldValue
        guard before + bytes > total else { return true }
        give(bytes)
        return false
    }

    func give(_ bytes: Int) { held.wrappingSubtract(bytes, ordering: .relaxed) }
}
