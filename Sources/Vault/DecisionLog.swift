internal import Policy
internal import SecretMemory
internal import Synchronization

/// The refusals of late, so that an operator can have one explained. It keeps the policies they were made under.
final class DecisionLog: Sendable {
    struct Refusal: Sendable {
        var id: String
        var caller: Caller
        var action: Action
        var target: PolicyTarget
        var set: PolicySet
        var time: Timestamp
    }

    private struct Ring {
        var refusals: [Refusal] = []
        var next = 0
        var byID: [String: Int] = [:]
    }

    private let limit: Int
    private let ring = Mutex<Ring>(Ring())

    init(limit: Int) { self.limit = limit }

    /// Keeps a refusal, in the place of the oldest where there are `limit`.
    ///
    /// - Returns: its id, 16 hexadecimal digits.
    func add(
        caller: Caller, action: Action, target: PolicyTarget, set: PolicySet, time: Timestamp, random: any RandomSource
    ) -> String {
        let id = hexadecimal(random.bytes(8))
        let refusal = Refusal(id: id, caller: caller, action: action, target: target, set: set, time: time)
        ring.withLock { ring in
            if ring.refusals.count < limit {
                ring.refusals.append(refusal)
            } else {
                ring.byID[ring.refusals[ring.next].id] = nil
                ring.refusals[ring.next] = refusal
            }
            ring.byID[id] = ring.next
            ring.next = (ring.next + 1) % limit
        }
        return id
    }

    func refusal(_ id: String) -> Refusal? {
        ring.withLock { ring in ring.byID[id].map { ring.refusals[$0] } }
    }
}
