internal import Rotation
internal import Sealing
internal import SecretMemory

extension [RotationField] {
    /// Whether both are one credential: fields with the same names and values. It is not clear where they share a value
    /// and differ in another: nobody says here which of the fields make the credential.
    func likeness(to other: [RotationField]) -> RotationLikeness {
        let same = count { field in other.contains { $0.name == field.name && areEqual($0.value, field.value) } }
        if same == count, same == other.count { return .same }
        return contains { field in other.contains { areEqual($0.value, field.value) } } ? .unclear : .different
    }
}

private func areEqual(_ one: WipedBytes, _ other: WipedBytes) -> Bool {
    one.withBytes { left in other.withBytes { right in constantTimeEqual(left, right) } }
}
