internal import Rotation
internal import Sealing

/// What keys can be rotated by.
struct RotatorDirectory: Sendable {
    private let kinds: [String: any RotatorKind]

    init(_ kinds: [any RotatorKind]) {
        self.kinds = Dictionary(kinds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var names: [String] { kinds.keys.sorted() }

    /// The rotator that somebody asks for.
    ///
    /// - Throws: ``VaultError`` with `invalid_field` that names the member.
    func rotator(_ input: RotationSettingsInput) throws(VaultError) -> any Rotator {
        guard let kind = kinds[input.rotator] else {
            let known = kinds.keys.sorted().joined(separator: ", ")
            throw VaultError(
                .invalidField, known.isEmpty ? "this server has no rotators" : "no such rotator; known: \(known)",
                field: "rotation.rotator")
        }
        do throws(RotatorSettingsError) { return try kind.rotator(input.settings) } catch {
            throw VaultError(.invalidField, error.reason, field: "rotation.settings.\(error.setting)")
        }
    }

    /// The rotator of a key that has one; one that can do nothing where it is not to be had any more.
    func rotator(of entry: KeyEntry) -> any Rotator {
        let input = entry.head.rotation.input
        guard let kind = kinds[input.rotator] else { return AbsentRotator(fault: .unknownRotator) }
        do throws(RotatorSettingsError) { return try kind.rotator(input.settings) } catch {
            return AbsentRotator(fault: .invalidSettings)
        }
    }
}

/// Stands for a rotator that the server does not have any more, or that does not take its settings: nothing happens,
/// and it is tried again.
private struct AbsentRotator: Rotator {
    let fault: RotationFault

    var capabilities: RotatorCapabilities { RotatorCapabilities() }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> { .notDone(fault, retryAfter: nil) }
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        .notDone(fault, retryAfter: nil)
    }
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> {
        .notDone(fault, retryAfter: nil)
    }
    func list(_ context: RotationContext) async -> RotatorOutcome<[ListedCredential]> {
        .notDone(fault, retryAfter: nil)
    }
}
