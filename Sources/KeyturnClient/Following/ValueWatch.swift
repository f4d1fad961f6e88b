package import VaultAPI

/// Watches several values at once.
package enum ValueWatch {
    /// A value that somebody has: what was asked for, and which version was given.
    package struct Known: Hashable, Sendable {
        package var path: String
        package var field: String?
        package var id: String
        package var version: Int

        package init(_ reference: ValueReference, _ value: KeyValue) {
            path = reference.path
            field = reference.field
            id = value.id
            version = value.version
        }

        init(_ value: KeyturnValue) {
            path = value.path
            id = value.id
            version = value.version
        }
    }

    package enum Event: Sendable {
        /// One of the values is another now.
        case changed(path: String)
        /// One of the values is still the same.
        case confirmed(path: String)
        /// One could not be asked for; it will be again.
        case failed(path: String, KeyturnClientError)
    }

    /// What happens to the values, until whoever iterates stops. Nothing is asked before.
    package static func events(
        of known: some Collection<Known>, in vault: KeyturnVault, pacing: ValueFollower.Pacing = .init()
    ) -> AsyncStream<Event> {
        let all = Array(Set(known))
        let (stream, continuation) = AsyncStream<Event>.makeStream()
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                for one in all {
                    group.addTask { await follow(one, vault, pacing) { continuation.yield($0) } }
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private static func follow(
        _ known: Known, _ vault: KeyturnVault, _ pacing: ValueFollower.Pacing, _ tell: (Event) -> Void
    ) async {
        var known = known
        var follower = ValueFollower(
            vault, ValueReference(path: known.path, field: known.field), pacing: pacing)
        var backoff = Backoff()
        while !Task.isCancelled {
            do throws(KeyturnClientError) {
                let value = try await follower.next()
                backoff.reset()
                guard let value, value.id != known.id || value.version != known.version else {
                    tell(.confirmed(path: known.path))
                    continue
                }
                known.id = value.id
                known.version = value.version
                tell(.changed(path: known.path))
            } catch {
                if Task.isCancelled { return }
                tell(.failed(path: known.path, error))
                try? await pacing.sleep(.milliseconds(backoff.next(retryAfter: error.retryAfter)))
            }
        }
    }
}

extension KeyturnValue {
    /// What there is to watch of a value with all its fields.
    package var known: ValueWatch.Known { ValueWatch.Known(self) }
}
