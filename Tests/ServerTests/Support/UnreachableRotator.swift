import Rotation

/// The rotator `unreachable`: its provider never answers, and nothing is made there.
struct UnreachableRotatorKind: RotatorKind {
    let name = "unreachable"

    func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator { UnreachableRotator() }
}

private struct UnreachableRotator: Rotator {
    var capabilities: RotatorCapabilities { RotatorCapabilities() }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        .notDone(.unreachable, retryAfter: nil)
    }
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> { .done }
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> { .done }
}
