internal import Synchronization
internal import VaultAPI

/// A key that stays current: it always gives the value that the vault last served, and tells of changes.
///
/// The vault answers as soon as the value changes, so that a rotation is known within moments. While the vault is sealed
/// or away the last value is kept, and ``standing`` says so. Asking ends when the handle is let go or ``stop()`` is called.
///
/// ```swift
/// let stripe = try await vault.key("payments/stripe")
/// request.headers["Authorization"] = "Bearer \(stripe.current.text() ?? "")"
/// for await value in stripe.changes { pool.reconnect(with: value) }
/// ```
public final class KeyturnKey: Sendable {
    /// How far ``KeyturnKey/current`` can be trusted to be current.
    public enum Standing: Sendable, Equatable {
        /// The vault confirmed it when it was last asked.
        case current
        /// The vault could not be asked, or refused, since then; it is asked again.
        case behind(KeyturnClientError)
    }

    /// Where the key is.
    public let path: String
    private let state: SharedState
    private let following: Task<Void, Never>

    init(_ vault: KeyturnVault, _ reference: ValueReference, first: KeyturnValue, etag: String?) {
        path = reference.path
        let state = SharedState(first)
        self.state = state
        following = Task {
            await Self.follow(ValueFollower(vault, reference, etag: etag), state)
            state.finish()
        }
    }

    deinit { stop() }

    /// The value that the vault last served. Take it anew for each use: it takes no longer than a lock.
    public var current: KeyturnValue { state.current }

    /// Whether the vault could be asked lately.
    public var standing: Standing { state.standing }

    /// Each value that comes after this was asked for. A reader who is slow gets the newest and not those between. It ends
    /// with ``stop()`` and with the handle.
    public var changes: AsyncStream<KeyturnValue> { state.changes() }

    /// Asks no longer. ``current`` stays what it is.
    public func stop() {
        following.cancel()
        state.finish()
    }

    private static func follow(_ follower: ValueFollower, _ state: SharedState) async {
        var follower = follower
        var backoff = Backoff()
        while !Task.isCancelled {
            do throws(KeyturnClientError) {
                if let value = try await follower.next() {
                    state.take(try KeyturnValue(value))
                } else {
                    state.confirm()
                }
                backoff.reset()
            } catch {
                if Task.isCancelled { return }
                state.fail(error)
                try? await Task.sleep(for: .milliseconds(backoff.next(retryAfter: error.retryAfter)))
            }
        }
    }
}

/// What the handle and its task share.
private final class SharedState: Sendable {
    private struct State {
        var current: KeyturnValue
        var standing = KeyturnKey.Standing.current
        var readers: [Int: AsyncStream<KeyturnValue>.Continuation] = [:]
        var next = 0
        var hasEnded = false
    }

    private let state: Mutex<State>

    init(_ first: KeyturnValue) { state = Mutex(State(current: first)) }

    var current: KeyturnValue { state.withLock { $0.current } }
    var standing: KeyturnKey.Standing { state.withLock { $0.standing } }

    func changes() -> AsyncStream<KeyturnValue> {
        let (stream, continuation) = AsyncStream<KeyturnValue>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> Int? in
            guard !state.hasEnded else { return nil }
            state.next += 1
            state.readers[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
        }
        return stream
    }

    func take(_ value: KeyturnValue) {
        let readers = state.withLock { state -> [AsyncStream<KeyturnValue>.Continuation] in
            state.standing = .current
            guard state.current != value else { return [] }
            state.current = value
            return Array(state.readers.values)
        }
        for reader in readers { reader.yield(value) }
    }

    func confirm() { state.withLock { $0.standing = .current } }

    func fail(_ error: KeyturnClientError) { state.withLock { $0.standing = .behind(error) } }

    func finish() {
        let readers = state.withLock { state -> [AsyncStream<KeyturnValue>.Continuation] in
            state.hasEnded = true
            defer { state.readers = [:] }
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }
}
