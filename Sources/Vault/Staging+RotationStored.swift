internal import Rotation
internal import Sealing
internal import SecretMemory

/// Versions that people store in between those of a rotation.
extension Staging {
    /// Who makes the versions that a rotation makes.
    static let rotationAuthor = "keyturn:rotation"

    /// Whether somebody stored the credential again that is the previous version: ending that would end what is in
    /// service. What a rotator makes is never the same.
    ///
    /// Where a version cannot be read this is false, and the call that would end it cannot be made either.
    func isSameAgain(_ entry: KeyEntry) -> Bool {
        let (current, previous) = (entry.summary.current, entry.summary.previous)
        guard current != 0, previous != 0, entry.version(max(current, previous))?.createdBy != Self.rotationAuthor,
            let one = try? fields(current, of: entry), let other = try? fields(previous, of: entry)
        else { return false }
        return one.mayBeSame(as: other)
    }
}

extension [RotationField] {
    /// Whether both may be one credential: of the fields that both have none differs; where they have none in common,
    /// one has a value of the other.
    fileprivate func mayBeSame(as other: [RotationField]) -> Bool {
        var isComparable = false
        for field in self {
            guard let value = other.first(where: { $0.name == field.name })?.value else { continue }
            guard areEqual(field.value, value) else { return false }
            isComparable = true
        }
        return isComparable || contains { field in other.contains { areEqual($0.value, field.value) } }
    }
}

private func areEqual(_ one: WipedBytes, _ other: WipedBytes) -> Bool {
    one.withBytes { left in other.withBytes { right in constantTimeEqual(left, right) } }
}
