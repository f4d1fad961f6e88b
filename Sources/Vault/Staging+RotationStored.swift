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
    /// Where a version cannot be read they are different, and the call that would end one cannot be made either.
    func likeness(of entry: KeyEntry) -> RotationLikeness {
        let (current, previous) = (entry.summary.current, entry.summary.previous)
        guard current != 0, previous != 0, entry.version(max(current, previous))?.createdBy != Self.rotationAuthor,
            let one = try? fields(current, of: entry), let other = try? fields(previous, of: entry)
        else { return .different }
        return one.likeness(to: other)
    }

    /// The provider's name for fields that do not tell it, where they are those of a version that is in service: ending
    /// what has that name would end them. Empty where it is not known.
    func knownHandle(of fields: [RotationField], in entry: KeyEntry) throws(VaultError) -> String {
        guard let state = entry.rotation?.state else { return "" }
        let (current, previous) = (entry.summary.current, state.hasPrevious ? entry.summary.previous : 0)
        for (number, handle) in [(current, state.current), (previous, state.previous)] where number != 0 {
            guard !handle.isEmpty, fields.likeness(to: try self.fields(number, of: entry)) == .same else { continue }
            return handle
        }
        return ""
    }
}

extension [RotationField] {
    /// Whether both are one credential: fields with the same names and values. It is not clear where none of the fields
    /// that both have differs, but one has others besides, or where they have none in common and share a value.
    fileprivate func likeness(to other: [RotationField]) -> RotationLikeness {
        var common = 0
        for field in self {
            guard let value = other.first(where: { $0.name == field.name })?.value else { continue }
            guard areEqual(field.value, value) else { return .different }
            common += 1
        }
        if common > 0 { return common == count && common == other.count ? .same : .unclear }
        return contains { field in other.contains { areEqual($0.value, field.value) } } ? .unclear : .different
    }
}

private func areEqual(_ one: WipedBytes, _ other: WipedBytes) -> Bool {
    one.withBytes { left in other.withBytes { right in constantTimeEqual(left, right) } }
}
