internal import Rotation
internal import Sealing

/// Versions that people store in between those of a rotation.
extension Staging {
    /// Who makes the versions that a rotation makes.
    static let rotationAuthor = "keyturn:rotation"

    /// Whether somebody stored the credential again that is the previous version: ending that would end what is in
    /// service. What a rotator makes is never the same.
    ///
    /// Where the provider's names for both are known they tell. Where a version cannot be read it is not clear.
    func likeness(of entry: KeyEntry, _ state: RotationState) -> RotationLikeness {
        let (current, previous) = (entry.summary.current, entry.summary.previous)
        let newer = entry.head.versions.first { $0.number == max(current, previous) }
        guard current != 0, previous != 0, newer?.createdBy != Self.rotationAuthor else { return .different }
        if !state.current.isEmpty, !state.previous.isEmpty {
            return state.current == state.previous ? .same : .different
        }
        guard let one = try? fields(current, of: entry), let other = try? fields(previous, of: entry) else {
            return .unclear
        }
        return one.likeness(to: other)
    }

    /// The provider's name for fields that do not tell it, where they are those of a version that is in service: ending
    /// what has that name would end them. Empty where it is not known.
    func knownHandle(of fields: [RotationField], in entry: KeyEntry) -> String {
        guard let state = entry.rotation?.state else { return "" }
        let (current, previous) = (entry.summary.current, state.hasPrevious ? entry.summary.previous : 0)
        for (number, handle) in [(current, state.current), (previous, state.previous)] where number != 0 {
            guard !handle.isEmpty, let kept = try? self.fields(number, of: entry) else { continue }
            if fields.likeness(to: kept) == .same { return handle }
        }
        return ""
    }
}
