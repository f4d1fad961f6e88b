internal import Policy
internal import Vault

/// Reads the policy files of a server.
struct PolicySource: Sendable {
    private let folder: String
    /// A folder that nobody named may be missing; then `administrator` alone is in force.
    private let mayBeMissing: Bool

    init(_ settings: ServerSettings) {
        folder = settings.policies
        mayBeMissing = !settings.policiesWereNamed
    }

    func read() throws(VaultError) -> [(name: String, text: String)] {
        if mayBeMissing, !Surroundings.exists(folder) { return [] }
        do {
            return try PolicyFolder.read(folder)
        } catch {
            throw VaultError(
                .policiesRefused, "the policy files in \(folder) cannot be read", lines: ["\(error)"])
        }
    }
}
