package import VaultAPI

/// Follows one value: each ``next()`` asks once, and the vault answers when the value changes.
package struct ValueFollower: Sendable {
    private let vault: KeyturnVault
    private let reference: ValueReference
    private let pacing: Pacing
    private var etag: String?
    private var isPolling = false

    /// How often a vault is asked.
    package struct Pacing: Sendable {
        /// Seconds that the vault is asked to wait for a change.
        package var wait = 30
        /// Seconds between two questions to a vault that does not wait.
        package var interval = 10
        package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

        package init() {}
    }

    /// - Parameter etag: of the value that is known, as the vault sent it; nil asks for the value at once.
    package init(
        _ vault: KeyturnVault, _ reference: ValueReference, etag: String? = nil, pacing: Pacing = Pacing()
    ) {
        self.vault = vault
        self.reference = reference
        self.etag = etag
        self.pacing = pacing
    }

    /// The value, once it is another than the one before; nil where it is still the same after the wait.
    package mutating func next() async throws(KeyturnClientError) -> KeyValue? {
        if isPolling, etag != nil { try await pause() }
        let begin = ContinuousClock.now
        let served: ServedValue
        do throws(KeyturnClientError) {
            served = try await vault.served(reference, unless: etag, wait: isPolling ? nil : pacing.wait)
        } catch {
            // A vault of a release that cannot wait.
            guard !isPolling, error.problem?.field == "wait", error.status == 400 else { throw error }
            isPolling = true
            return nil
        }
        // One that does not wait although it was asked to must not be asked without pause.
        if served.value == nil, begin.duration(to: .now) < .milliseconds(500), !isPolling { try await pause() }
        etag = served.etag ?? etag
        return served.value
    }

    private func pause() async throws(KeyturnClientError) {
        do {
            try await pacing.sleep(.seconds(pacing.interval))
        } catch {
            throw KeyturnClientError(.interrupted, "the request was cancelled")
        }
    }
}
