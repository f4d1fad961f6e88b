internal import SecretMemory
internal import Synchronization

/// What is remembered of the access key from one look after it to the next.
final class OwnKeyState: Sendable {
    private struct State {
        var successor: WipedBytes?
        var predecessor: WipedBytes?
        var said: String?
    }

    private let state = Mutex(State())

    /// A successor that is presented already and does not stand in the key's file yet. The vault shows it once, so it
    /// is kept until it does.
    var successor: WipedBytes? { state.withLock { $0.successor } }

    /// - Parameter predecessor: what stands in the file.
    func keep(_ successor: WipedBytes, inPlaceOf predecessor: WipedBytes) {
        state.withLock {
            $0.successor = successor
            $0.predecessor = predecessor
        }
    }

    /// Whether the successor is to stand in the place of this key.
    func isPredecessor(_ key: WipedBytes) -> Bool {
        let predecessor = state.withLock { $0.predecessor }
        return predecessor?.isSame(as: key) ?? false
    }

    /// The file holds what is presented.
    func settle() { state.withLock { $0 = State() } }

    /// Whether this trouble has not just been said.
    func isNews(_ trouble: String) -> Bool {
        state.withLock { state in
            defer { state.said = trouble }
            return state.said != trouble
        }
    }
}

extension WipedBytes {
    /// Whether both hold the same bytes, which takes as long wherever they differ.
    func isSame(as other: WipedBytes) -> Bool {
        withBytes { own in other.withBytes { others in constantTimeEqual(own, others) } }
    }
}
