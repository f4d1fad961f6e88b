package import Rotation

/// The rotator `manual`: a person makes the next value, and storing it as a new version completes the rotation.
/// Takes no settings.
package struct ManualRotatorKind: RotatorKind {
    package let name = "manual"

    package init() {}

    package func rotator(_ settings: [String: String]) throws(RotatorSettingsError) -> any Rotator {
        if let name = settings.keys.min() { throw RotatorSettingsError(name, "manual takes no settings") }
        return ManualRotator()
    }
}

/// Does nothing but to say that the key is due.
struct ManualRotator: Rotator {
    var capabilities: RotatorCapabilities { RotatorCapabilities(needsManualStep: true) }

    func create(_ context: RotationContext) async -> RotatorOutcome<Candidate> {
        .rejected(.manualStep, newCandidate: false)
    }
    func test(_ candidate: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> { .done }
    func retire(_ credential: Candidate, _ context: RotationContext) async -> RotatorOutcome<Void> { .done }
}
