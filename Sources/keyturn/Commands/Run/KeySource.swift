internal import KeyturnClient
internal import VaultAPI

/// Fetches what a plan names.
struct KeySource {
    let vault: KeyturnVault
    let plan: RunPlan

    /// Everything in one request, from one moment, or nothing.
    ///
    /// - Parameter deadline: when there have to be replies; each is there within 30 seconds in any case.
    /// - Throws: ``KeyturnClientError``, or a ``Failure`` where there is nothing beneath the prefix, or too much.
    func fetch(by deadline: ContinuousClock.Instant? = nil) async throws -> RunValues {
        var references = plan.references
        let prefixed = try await paths(by: deadline)
        references += prefixed.map { ValueReference(path: $0) }
        guard references.count <= 256 else {
            throw Failure(.usage, "\(references.count) values are more than the 256 of one request")
        }
        guard !references.isEmpty else { return RunValues(entries: []) }
        let values = try await vault.values(references, by: deadline).values
        guard values.count == references.count else {
            throw Failure(.failed, "the server answered with another number of values")
        }
        for (reference, value) in zip(references, values) where reference.path != value.path {
            throw Failure(.failed, "the server answered with another key than it was asked for")
        }
        return RunValues(entries: Array(zip(references, values)).map { (reference: $0, value: $1) })
    }

    /// The keys beneath the prefix that are served.
    func paths(by deadline: ContinuousClock.Instant? = nil) async throws -> [String] {
        guard let prefix = plan.prefix else { return [] }
        let vault = vault
        let keys = try await Pages.collect(nil) { size, cursor in
            let page = try await vault.keys(
                KeySearch(prefix: prefix, state: .active), limit: size, cursor: cursor, by: deadline)
            return (page.keys, page.cursor)
        }
        guard !keys.isEmpty else {
            throw Failure(.notFound, "there is no key beneath \(prefix) that this caller may list")
        }
        return keys.map(\.path)
    }
}
